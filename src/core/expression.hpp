// Microsoft's attribute-mapping language as Cloud Sync and Connect write it: `[attribute]`,
// constants, functions and operators, giving one value from the properties of one cloud group.
//
// An expression is read and checked once, at start, and evaluated for each group. It is pure and
// deterministic: the same group gives the same value, always. expression_reference.hpp gives the
// page that lists functions, attributes and rules; deploy/EXPRESSIONS.md is that page.
//
// Failures: parse gives invalid_configuration with place, column (characters from 1), reason and
// remedy; evaluate gives value_refused with a sentence that says what of the group or the
// expression does not fit. evaluate never throws on account of a group's properties, whatever
// bytes they hold. Units and limits: positions and lengths count UTF-16 units and no surrogate pair
// is cut; the limits below. Ownership: values; copies share the checked expression. Threads:
// immutable after parse, evaluate from any thread. Cancellation: none, the work is bounded.
#pragma once

#include <writeback/group.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace writeback {

namespace expressions {
struct Node;

// Long enough for a Switch over some hundred containers; a longer one belongs into the cloud, as an
// attribute of the group.
inline constexpr std::size_t most_expression_bytes = 64 * 1024;
// Calls and operators inside one another. Reading and evaluating recurse, and this bounds the
// stack; Microsoft's own longest expressions nest about ten deep.
inline constexpr std::size_t most_depth = 100;
// One text, be it an attribute of the group, in between, or the result. Graph's longest property of
// a group has 2,048 characters, and AD takes no more than 32 KiB of any that a mapping writes.
inline constexpr std::size_t most_text_bytes = 64 * 1024;
// Values of one multi-valued attribute or Split; AD keeps about 1,200 of a non-linked attribute.
inline constexpr std::size_t most_values = 2'000;
// All values that one evaluation makes, together, none counting less than 16: nested functions over
// a long text stay cheap, and so does Select within Select.
inline constexpr std::size_t most_work_bytes = 8 * 1024 * 1024;
// Steps of all regular expressions of one evaluation: well under a second, and hundreds of times
// what a sensible pattern needs on a group's name. A step may run through the rest of the text, and
// counts one more for each 64 bytes of it.
inline constexpr std::uint32_t most_pattern_steps = 1'000'000;
// Memory that one match may take for backtracking, in KiB.
inline constexpr std::uint32_t most_pattern_memory = 16 * 1024;
}  // namespace expressions

// What an expression gives. null: no value, as of an absent attribute. Texts are UTF-8 without NUL;
// an empty text is a text. Of several texts none is empty, since no directory takes an empty value.
using ExpressionValue = std::variant<std::monostate /*null*/, std::string, std::int64_t, bool,
                                     std::vector<std::string>>;

enum class ExpressionType { text, number, boolean, texts };

class Expression {
 public:
    // place: where the text stands, as in `[mapping] cn`; it begins every sentence about it.
    [[nodiscard]] static Result<Expression> parse(std::string_view text, std::string_view place);

    // What evaluate gives, unless it gives null.
    [[nodiscard]] ExpressionType type() const;
    [[nodiscard]] const std::string& text() const { return text_; }
    // The properties of a group that it reads, as Graph spells them: "displayName", "id",
    // "writebackConfiguration.isEnabled", "extension_<32 hex>_name".
    [[nodiscard]] const std::set<std::string>& attributes() const { return attributes_; }

    [[nodiscard]] Result<ExpressionValue> evaluate(const CloudGroup& group) const;

 private:
    Expression() = default;

    std::string text_;
    std::string place_;
    std::set<std::string> attributes_;
    std::shared_ptr<const expressions::Node> root_;
};

}  // namespace writeback
