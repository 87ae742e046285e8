// What a domain controller says when it refuses: result code and diagnostic, in either dialect.
//
// Samba's are those of Samba 4.17, word for word. Windows' have the form and the numbers that are
// publicly seen; the DSID in them differs from build to build. Threads: pure.
#pragma once

#include "fakes/directory_tree_schema.hpp"
#include "fakes/directory_tree_text.hpp"

#include <string>
#include <string_view>

namespace writeback::fakes {

struct TreeAnswer {
    int code = 0;
    std::string diagnostic;
    [[nodiscard]] bool done() const { return code == 0; }
};

class TreeAnswers {
 public:
    explicit TreeAnswers(DirectoryDialect dialect) : dialect_(dialect) {}

    // Names.
    [[nodiscard]] TreeAnswer name_taken(const std::string& dn) const;
    [[nodiscard]] TreeAnswer account_name_taken(const std::string& name) const;
    [[nodiscard]] TreeAnswer account_name_character(char c) const;
    [[nodiscard]] TreeAnswer account_name_dot() const;
    [[nodiscard]] TreeAnswer no_parent(std::string_view verb, const std::string& dn) const;
    [[nodiscard]] TreeAnswer no_object(std::string_view verb, const std::string& dn,
                                       const std::string& best_match) const;
    [[nodiscard]] TreeAnswer not_a_leaf(std::size_t children) const;
    [[nodiscard]] TreeAnswer malformed_name(const std::string& text) const;
    [[nodiscard]] TreeAnswer old_name_must_go() const;
    [[nodiscard]] TreeAnswer elsewhere(const std::string& domain) const;

    [[nodiscard]] TreeAnswer naming_violation(bool adding, const std::string& type,
                                              const std::string& object_class) const;

    // Members and other links.
    [[nodiscard]] TreeAnswer member_exists(const AttributeType& type,
                                           const std::string& guid) const;
    [[nodiscard]] TreeAnswer member_absent(const AttributeType& type,
                                           const std::string& guid) const;
    [[nodiscard]] TreeAnswer member_unknown() const;
    [[nodiscard]] TreeAnswer absent_member_unknown(const std::string& value,
                                                   const std::string& dn) const;
    [[nodiscard]] TreeAnswer sid_unknown() const;
    [[nodiscard]] TreeAnswer member_twice(const AttributeType& type) const;
    [[nodiscard]] TreeAnswer referenced_missing(const AttributeType& type) const;
    [[nodiscard]] TreeAnswer back_link(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer scope_rule(std::string_view windows_error) const;
    [[nodiscard]] TreeAnswer group_type_change(bool from_global) const;
    [[nodiscard]] TreeAnswer no_group_type(bool adding) const;

    // Values.
    [[nodiscard]] TreeAnswer out_of_range(const AttributeType& type, const std::string& dn,
                                          std::size_t length) const;
    [[nodiscard]] TreeAnswer invalid_value(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer empty_value(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer value_exists(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer value_absent(const AttributeType& type, const std::string& dn,
                                          bool whole_attribute) const;
    [[nodiscard]] TreeAnswer attribute_unknown(const std::string& name, const std::string& dn,
                                               bool adding) const;
    [[nodiscard]] TreeAnswer not_in_class(const std::string& name, const std::string& dn) const;
    [[nodiscard]] TreeAnswer several_values(const AttributeType& type, const std::string& dn,
                                            bool adding) const;
    // Of an attribute that the schema would let have several.
    [[nodiscard]] TreeAnswer one_value_alone(const AttributeType& type,
                                             const std::string& dn) const;
    [[nodiscard]] TreeAnswer value_twice(const AttributeType& type, const std::string& dn,
                                         const std::string& value) const;
    [[nodiscard]] TreeAnswer must_stay(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer system_only(const AttributeType& type, const std::string& dn,
                                         bool adding) const;
    [[nodiscard]] TreeAnswer name_by_modify(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer class_unknown(const std::string& name) const;
    [[nodiscard]] TreeAnswer class_change(const std::string& dn, const std::string& from,
                                          const std::string& to) const;
    [[nodiscard]] TreeAnswer too_many_values() const;

    // Rights.
    [[nodiscard]] TreeAnswer not_bound() const;
    [[nodiscard]] TreeAnswer bad_credentials() const;
    [[nodiscard]] TreeAnswer may_not_create(const std::string& dn) const;
    [[nodiscard]] TreeAnswer may_not_write(const AttributeType& type, const std::string& dn) const;
    [[nodiscard]] TreeAnswer may_not_delete(const std::string& dn) const;
    [[nodiscard]] TreeAnswer may_not_move(const std::string& dn) const;

 private:
    [[nodiscard]] bool samba() const { return dialect_ == DirectoryDialect::samba; }

    DirectoryDialect dialect_;
};

}  // namespace writeback::fakes
