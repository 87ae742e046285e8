// One modify of one entry: each change is tried on a copy of what it touches, and nothing is
// written before all of them were accepted.
#pragma once

#include "fakes/directory_tree.hpp"

namespace writeback::fakes {

class DirectoryTree::Modification {
 public:
    Modification(DirectoryTree& tree, TreeCaller caller, TreeEntry& entry, std::string dn,
                 const TreeControls& controls)
        : tree_(tree),
          caller_(caller),
          entry_(entry),
          dn_(std::move(dn)),
          permissive_(controls.permissive_modify),
          adding_(entry.number == 0) {}

    [[nodiscard]] std::optional<TreeAnswer> apply(const LdapChange& change);
    // Rules on the whole that the changes would leave.
    [[nodiscard]] std::optional<TreeAnswer> check() const;
    void commit();

 private:
    struct LinkEdit {
        bool emptied = false;
        EntryNumbers added;
        EntryNumbers removed;
        std::vector<std::string> foreign;  // SIDs that become foreign security principals
    };

    [[nodiscard]] std::optional<TreeAnswer> may_change(const LdapChange& change,
                                                       const AttributeType* type) const;
    [[nodiscard]] std::optional<TreeAnswer> apply_plain(const AttributeType& type,
                                                        const LdapChange& change);
    [[nodiscard]] std::optional<TreeAnswer> add_plain(const AttributeType& type,
                                                      const LdapChange& change,
                                                      std::vector<std::string>& values);
    [[nodiscard]] std::optional<TreeAnswer> remove_plain(const AttributeType& type,
                                                         const LdapChange& change,
                                                         std::vector<std::string>& values);
    [[nodiscard]] std::optional<TreeAnswer> apply_link(const AttributeType& type,
                                                       const LdapChange& change);
    [[nodiscard]] std::optional<TreeAnswer> add_link(const AttributeType& type, LinkEdit& edit,
                                                     const std::string& value, bool replacing);
    [[nodiscard]] std::optional<TreeAnswer> remove_link(const AttributeType& type, LinkEdit& edit,
                                                        const std::string& value);
    [[nodiscard]] bool is_linked(const std::string& name, const LinkEdit& edit,
                                 EntryNumber target) const;
    [[nodiscard]] std::vector<std::string> current(const std::string& name) const;
    [[nodiscard]] std::int32_t group_type() const;
    [[nodiscard]] std::size_t link_count(const std::string& name) const;

    DirectoryTree& tree_;
    TreeCaller caller_;
    TreeEntry& entry_;
    std::string dn_;
    bool permissive_;
    bool adding_ = false;  // the entry does not stand anywhere yet
    std::map<std::string, std::vector<std::string>> attributes_;  // as they are to be
    std::map<std::string, LinkEdit> links_;
};

}  // namespace writeback::fakes
