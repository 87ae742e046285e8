// What a search gives of an entry: the attributes that were asked for, in the form asked for.
#pragma once

#include "fakes/directory_tree.hpp"

namespace writeback::fakes {

class DirectoryTree::Rendering {
 public:
    Rendering(const DirectoryTree& tree, TreeCaller caller, const TreeSearch& search)
        : tree_(tree), caller_(caller), search_(search) {}

    [[nodiscard]] LdapEntry render(const TreeEntry& entry) const;
    // A name in the form that the controls ask for.
    [[nodiscard]] std::string name(const TreeEntry& entry) const;

 private:
    void attribute(const TreeEntry& entry, const std::string& wanted, LdapEntry& into) const;
    void all(const TreeEntry& entry, LdapEntry& into) const;
    void linked(const TreeEntry& entry, const AttributeType& type, const std::string& option,
                LdapEntry& into) const;
    [[nodiscard]] std::vector<std::string> constructed(const TreeEntry& entry,
                                                       const std::string& name) const;

    const DirectoryTree& tree_;
    TreeCaller caller_;
    const TreeSearch& search_;
};

}  // namespace writeback::fakes
