// The mapping: which expression gives which attribute of a group in Active Directory. The default
// is Cloud Sync's, in the same words; [mapping] overrides it attribute by attribute, and "" means
// that an attribute is not written.
//
// Four names are no attributes to modify: cn, sAMAccountName, parentDistinguishedName (the
// container, by Cloud Sync's name) and managedBy, which is [owners] or nothing. mail and
// proxyAddresses have no expression by default: the primary address of mail-enabled groups.
//
// Failures: invalid_configuration with attribute, column where there is one, reason and remedy.
// Ownership: values. Threads: pure, any thread.
#pragma once

#include "core/attribute_limits.hpp"
#include "core/expression.hpp"

#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace writeback {

namespace default_mapping {
inline constexpr const char* cn =
    "Append(Append(Left(Trim([displayName]),51),\"_\"),Mid([objectId],25,12))";
inline constexpr const char* display_name = "[displayName]";
inline constexpr const char* description = "Left(Trim([description]),448)";
}  // namespace default_mapping

struct MappedAttribute {
    std::string name;  // as the schema spells it
    AttributeFacts facts;
    Expression expression;
};

[[nodiscard]] Expression default_cn();

struct Mapping {
    Expression cn = default_cn();
    std::optional<Expression> sam_account_name;  // nothing: the readable default, never compared
    std::optional<Expression> container;         // nothing: directory.container
    std::vector<MappedAttribute> attributes;     // by name
    bool managed_by = false;
    bool mail = false;             // by default rule, where the schema has it
    bool proxy_addresses = false;  // the same
    // What the configuration asks for and the schema lacks: not written.
    std::vector<std::string> left_out;

    // The properties of a cloud group that the expressions read, as Expression::attributes.
    [[nodiscard]] std::set<std::string> reads() const;
};

struct MappingFault {
    std::string attribute;  // as the configuration spells it
    Failure failure;
};

// An empty schema stands for one that is not known yet: attributes that nobody knows pass, and the
// default leaves out mail and proxyAddresses.
[[nodiscard]] std::vector<MappingFault> mapping_faults(
    const std::map<std::string, std::string>& mapping, const Schema& schema);

// The first of the faults, if there is one.
[[nodiscard]] Result<Mapping> compile_mapping(const std::map<std::string, std::string>& mapping,
                                              const Schema& schema);

}  // namespace writeback
