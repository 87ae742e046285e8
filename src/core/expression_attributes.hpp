// The properties of a group that an expression may read, each with its type, and those that it may
// not, each with the reason.
//
// Failures: find_attribute gives a sentence for a name that cannot be read; value_of gives
// value_refused for a property whose values are not of its type or over the limits. Threads: pure,
// any thread.
#pragma once

#include "core/expression_tree.hpp"

namespace writeback::expressions {

struct KnownAttribute {
    std::string_view name;  // as Graph spells it
    ExpressionType type = ExpressionType::text;
    std::string_view sentence;
    std::string_view other_name = {};  // Cloud Sync's, where it differs
    // Of the fields that every CloudGroup has; null: CloudGroup::further holds it.
    ExpressionValue (*field)(const CloudGroup&) = nullptr;
};

// One attribute as an expression reads it.
struct AttributeRead {
    std::string name;  // as Graph spells it
    ExpressionType type = ExpressionType::text;
    ExpressionValue (*field)(const CloudGroup&) = nullptr;
};

[[nodiscard]] const std::vector<KnownAttribute>& known_attributes();

// name: what stands between the brackets, in any case. Otherwise why it cannot be read, and what
// can.
[[nodiscard]] std::variant<AttributeRead, std::string> find_attribute(std::string_view name);

// Texts come without NUL and with U+FFFD for what is no UTF-8.
[[nodiscard]] Result<ExpressionValue> value_of(const AttributeRead& read, const CloudGroup& group);

}  // namespace writeback::expressions
