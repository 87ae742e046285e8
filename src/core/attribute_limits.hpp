// What Active Directory's attributes of a group take: type, length, number of values, characters.
// Known before the write, so that a value that AD would refuse is told with its attribute.
//
// Failures: value_refused with a sentence that names attribute, reason and remedy. Units: lengths
// count UTF-16 units, as the schema's limits do; no surrogate pair is cut. Ownership: values.
// Threads: pure, any thread.
#pragma once

#include "core/expression.hpp"

#include <writeback/directory.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

using Schema = std::map<std::string, AttributeFacts>;  // DirectoryFacts::group_attributes

inline constexpr std::size_t most_cn_units = 64;
inline constexpr std::size_t most_account_name_units = 256;

// What is known of an attribute: what the schema says, sharpened by what is known of the standard
// attributes and Exchange's; these alone where there is no schema (it is empty). Nothing for an
// attribute that neither knows.
[[nodiscard]] std::optional<AttributeFacts> facts_of(std::string_view name, const Schema& schema);

// The attribute's name as the schema of AD spells it, where it is a known one.
[[nodiscard]] std::string spelled(std::string_view name);

// Why a mapping must not write this attribute, be it AD's own or this program's; empty when it may.
[[nodiscard]] std::string forbidden(std::string_view name, const AttributeFacts& facts);

// The values as AD takes them: none for null and empty texts; texts that are too long cut, but no
// address (an address that is cut is another one); equal texts once; Booleans as TRUE and FALSE, in
// a text attribute as True and False. What AD could not take is refused. cn is trimmed, for no
// directory keeps blanks at the ends of a name.
[[nodiscard]] Result<std::vector<std::string>> fit(std::string_view name,
                                                   const AttributeFacts& facts,
                                                   const ExpressionValue& value);

// A name with "_" and the last 12 digits of the id behind it, the name cut so that all fits.
[[nodiscard]] std::string with_id(std::string_view name, const GroupId& id, std::size_t most_units);

}  // namespace writeback
