#include "core/expression.hpp"

#include "core/expression_attributes.hpp"
#include "core/expression_call.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_parser.hpp"

namespace writeback {

namespace {

void collect_attributes(const expressions::Node& node, std::set<std::string>& names) {
    if (node.read) names.insert(node.read->name);
    for (const expressions::Node& argument : node.arguments)
        collect_attributes(argument, names);
}

Failure wrong(std::string_view place, const expressions::Problem& problem) {
    return failure(FailureKind::invalid_configuration, std::string(place) + ", column " +
                                                           std::to_string(problem.column) + ": " +
                                                           problem.sentence);
}

}  // namespace

Result<Expression> Expression::parse(std::string_view text, std::string_view place) {
    auto parsed = expressions::parse(text);
    if (const auto* problem = std::get_if<expressions::Problem>(&parsed)) {
        return wrong(place, *problem);
    }
    Expression result;
    result.text_ = text;
    result.place_ = place;
    auto& root = std::get<expressions::Node>(parsed);
    collect_attributes(root, result.attributes_);
    result.root_ = std::make_shared<const expressions::Node>(std::move(root));
    return result;
}

ExpressionType Expression::type() const {
    return root_->type.value_or(ExpressionType::text);
}

Result<ExpressionValue> Expression::evaluate(const CloudGroup& group) const {
    expressions::Evaluation evaluation(group);
    auto value = evaluation.value_of(*root_);
    if (!value) {
        Failure why = value.error();
        why.detail = place_ + ": " + why.detail;
        return why;
    }
    if (auto* texts = std::get_if<std::vector<std::string>>(&*value)) {
        std::erase_if(*texts, [](const std::string& text) { return text.empty(); });
    }
    return value;
}

}  // namespace writeback
