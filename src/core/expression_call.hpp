// What an expression is evaluated with, and how a function sees its arguments.
//
// Failures: value_refused, as expression.hpp says. Ownership: references to the expression and the
// group, for the time of one evaluation. Threads: one evaluation belongs to one thread.
#pragma once

#include "core/expression_pattern.hpp"

namespace writeback::expressions {

// One evaluation: the group, what the variables are bound to, and what work is left.
class Evaluation {
 public:
    explicit Evaluation(const CloudGroup& group) : group_(group) {}

    [[nodiscard]] Result<ExpressionValue> value_of(const Node& node);

    PatternBudget patterns;
    std::vector<ExpressionValue> variables;  // by slot

 private:
    [[nodiscard]] Result<ExpressionValue> call(const Node& node);
    [[nodiscard]] Result<ExpressionValue> call_once(const Node& node,
                                                    std::vector<ExpressionValue>& arguments);
    // Takes what a value weighs from the work that is left.
    [[nodiscard]] Result<ExpressionValue> weighed(ExpressionValue value);

    const CloudGroup& group_;
    std::size_t work_left_ = most_work_bytes;
};

// Arguments that are already what their parameters take; an omitted one is null.
class Arguments {
 public:
    Arguments(const Node& call, const std::vector<ExpressionValue>& values, PatternBudget& patterns)
        : patterns(patterns), call_(call), values_(values) {}

    [[nodiscard]] std::size_t count() const { return values_.size(); }
    [[nodiscard]] bool given(std::size_t index) const { return call_.given(index); }
    [[nodiscard]] const Node& call() const { return call_; }
    [[nodiscard]] const ExpressionValue& value(std::size_t index) const;
    [[nodiscard]] bool is_null(std::size_t index) const;
    [[nodiscard]] const std::string& text(std::size_t index) const;
    [[nodiscard]] std::int64_t number(std::size_t index, std::int64_t otherwise = 0) const;
    [[nodiscard]] bool condition(std::size_t index) const;
    [[nodiscard]] const std::vector<std::string>& texts(std::size_t index) const;
    // Whether the word at `index` is `word`; an omitted one is none.
    [[nodiscard]] bool is_word(std::size_t index, std::string_view word) const;

    PatternBudget& patterns;

 private:
    const Node& call_;
    const std::vector<ExpressionValue>& values_;
};

// A call that evaluates its arguments itself: some only, or some several times.
class Call {
 public:
    Call(const Node& node, Evaluation& evaluation) : evaluation(evaluation), node_(node) {}

    [[nodiscard]] const Node& node() const { return node_; }
    [[nodiscard]] std::size_t count() const { return node_.arguments.size(); }
    // null for one that is omitted.
    [[nodiscard]] Result<ExpressionValue> value(std::size_t index);
    [[nodiscard]] Result<bool> condition(std::size_t index);
    [[nodiscard]] Result<std::vector<std::string>> texts(std::size_t index);

    Evaluation& evaluation;

 private:
    const Node& node_;
};

// A value as a parameter takes it; a failure for a text that is no Boolean where one is taken.
[[nodiscard]] Result<ExpressionValue> converted(ExpressionValue value, Accepts accepts);
[[nodiscard]] Failure refused(std::string sentence);

}  // namespace writeback::expressions
