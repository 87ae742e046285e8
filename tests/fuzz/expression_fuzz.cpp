// The mapping language, from its text to a value of a group.
//
// The input's first line is the expression; the next lines are the group's displayName,
// description, mail, and any number of proxyAddresses, with \x00 for a byte. Properties: a refusal
// names place and column; a value has the expression's type, is clean text within the limits and
// the same when it is asked for again; an expression that is put in parentheses, or that has blanks
// around it, means the same.
#include "core/expression.hpp"
#include "core/expression_reference.hpp"
#include "core/expression_tree.hpp"
#include "core/text.hpp"
#include "property.hpp"

using namespace writeback;
using namespace writeback::fuzz;

namespace {

constexpr std::string_view place = "[mapping] cn";

CloudGroup group_of(std::string_view text) {
    CloudGroup group = expression_example_group();
    const auto lines = lines_of(text);
    if (!lines.empty()) group.display_name = bytes_of_line(lines[0]);
    if (lines.size() > 1) group.description = bytes_of_line(lines[1]);
    if (lines.size() > 2) group.mail = bytes_of_line(lines[2]);
    if (lines.size() > 3) group.proxy_addresses.clear();
    for (std::size_t i = 3; i < lines.size(); ++i)
        group.proxy_addresses.push_back(bytes_of_line(lines[i]));
    group.further["theme"] = {group.display_name};
    group.further["isAssignableToRole"] = {"true"};
    return group;
}

bool is_of(ExpressionType type, const ExpressionValue& value) {
    const ExpressionType types[] = {ExpressionType::text, ExpressionType::text,
                                    ExpressionType::number, ExpressionType::boolean,
                                    ExpressionType::texts};
    return value.index() == 0 || types[value.index()] == type;
}

void check_text(const std::string& text) {
    require(clean(text) == text, "a text is valid", text);
    require(text.size() <= expressions::most_text_bytes, "a text is within its limit");
}

void check_value(const Expression& expression, const ExpressionValue& value) {
    require(is_of(expression.type(), value), "a value has the expression's type");
    if (const auto* text = std::get_if<std::string>(&value)) check_text(*text);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        require(texts->size() <= expressions::most_values, "values are within their limit");
        for (const auto& text : *texts) {
            require(!text.empty(), "of several texts none is empty");
            check_text(text);
        }
    }
}

std::string shown(const Expression& expression, const CloudGroup& group) {
    const auto value = expression.evaluate(group);
    return value ? expressions::display(*value) : "held";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = text_of(data, size);
    const std::string text(take_line(rest));
    const auto expression = Expression::parse(text, place);
    if (!expression) {
        const auto& why = expression.error();
        require(why.kind == FailureKind::invalid_configuration &&
                    why.detail.starts_with(std::string(place) + ", column ") &&
                    is_one_line(why.detail),
                "a refusal names place and column in one line", why.detail);
        return 0;
    }
    const auto group = group_of(rest);
    const auto value = expression->evaluate(group);
    if (value) {
        check_value(*expression, *value);
    } else {
        require(value.error().kind == FailureKind::value_refused &&
                    clean(value.error().detail) == value.error().detail,
                "what cannot be evaluated is told", value.error().detail);
    }
    const auto once = shown(*expression, group);
    require(once == shown(*expression, group), "the same group gives the same value", text);
    for (const auto& other : {"(" + text + ")", "  " + text + "  "}) {
        const auto same = Expression::parse(other, place);
        // A longer text may be over a limit.
        if (same)
            require(shown(*same, group) == once, "parentheses and blanks change nothing", text);
    }
    return 0;
}
