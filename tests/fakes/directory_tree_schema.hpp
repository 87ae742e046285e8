// The part of Active Directory's schema that a writer of groups meets: attributes with syntax,
// range and links, and which class may have them.
//
// Failures: an attribute or class that is in no table is a bug of the model or of the one who asks,
// and throws std::logic_error, so that nothing is silently taken for absent. An attribute that is
// in the table but not in this schema (Exchange's, where Exchange is not) is a plain absence.
// Ownership: the schema owns its types, which live as long as it does. Threads: immutable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writeback::fakes {

enum class ValueSyntax {
    text,       // 2.5.5.12
    teletex,    // 2.5.5.4
    printable,  // 2.5.5.5
    integer,    // 2.5.5.9
    large_integer,
    boolean,
    octets,
    name,  // 2.5.5.1, a distinguished name
    sid,
    time,
    oid
};
enum class LinkKind { none, forward, back };
enum class SchemaExtent { plain, windows_2016, exchange };

struct AttributeType {
    std::string name;
    std::string cn;
    std::string oid;
    std::uint32_t number = 0;  // as Windows shows it: "Att 9000d (displayName)"
    ValueSyntax syntax = ValueSyntax::text;
    bool single_valued = true;
    std::optional<int> least;
    std::optional<int> most;
    LinkKind link = LinkKind::none;
    int link_id = 0;
    std::string other_end;     // of a link
    bool system_only = false;  // nobody writes it
    bool constructed = false;  // given only when it is asked for by name
    bool in_catalog = false;   // the global catalog holds it
    std::set<std::string> classes;
    SchemaExtent since = SchemaExtent::plain;
};

class TreeSchema {
 public:
    TreeSchema(SchemaExtent extent, bool source_of_authority);

    // Nothing where this schema does not have the attribute.
    [[nodiscard]] const AttributeType* find(std::string_view name) const;
    // Of an attribute that this schema has.
    [[nodiscard]] const AttributeType& get(std::string_view name) const;
    [[nodiscard]] bool allows(const std::vector<std::string>& classes,
                              const AttributeType& type) const;
    // The chain of a structural class: group -> top, group.
    [[nodiscard]] const std::vector<std::string>* class_chain(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, AttributeType>& types() const { return types_; }

 private:
    std::map<std::string, AttributeType> types_;  // lower-case name
    std::set<std::string> elsewhere_;             // of other schemas
};

// "2.5.5.12", "64".
[[nodiscard]] std::string syntax_oid(ValueSyntax syntax);
[[nodiscard]] std::string om_syntax(ValueSyntax syntax);

}  // namespace writeback::fakes
