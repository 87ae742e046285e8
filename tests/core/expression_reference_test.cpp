#include "core/expression_reference.hpp"

#include "core/expression_check.hpp"
#include "core/expression_examples.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_words.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("every example of the page gives what the page says") {
    std::size_t count = 0;
    const auto check = [&](const std::vector<expressions::Function>& functions) {
        for (const auto& function : functions) {
            for (const auto& example : function.examples) {
                CHECK_MESSAGE(evaluated(example.expression) == example.result,
                              std::string(example.expression));
                ++count;
            }
        }
    };
    for (const auto& group : expressions::function_groups())
        check(group.functions);
    check(expressions::operators());
    CHECK(count > 90);
}

TEST_CASE("Cloud Sync's attribute filters are Boolean expressions that say the same") {
    for (const auto& example : filter_examples()) {
        const std::string text(example.expression);
        const auto expression = Expression::parse(text, "groups.filter");
        REQUIRE_MESSAGE(expression.has_value(), text);
        CHECK_MESSAGE(expression->type() == ExpressionType::boolean, text);
        CHECK_MESSAGE(evaluated(text) == (example.result ? "True" : "False"), text);
    }
}

TEST_CASE("every function has a signature, a sentence and, unless it only fails, an example") {
    std::set<std::string> names;
    for (const auto& group : expressions::function_groups()) {
        for (const auto& function : group.functions) {
            const std::string name(function.name);
            CHECK_MESSAGE(names.insert(expressions::in_lower_case(name)).second, name);
            CHECK_MESSAGE(!function.sentence.empty(), name);
            CHECK_MESSAGE((name == "Error" || !function.examples.empty()), name);
            CHECK_MESSAGE((function.evaluate == nullptr) != (function.evaluate_lazily == nullptr),
                          name);
            CHECK_MESSAGE((function.type.has_value() || !function.gives.empty()), name);
        }
    }
}

TEST_CASE("what is refused is offered under no name") {
    for (const auto& refused : expressions::refused_functions()) {
        const std::string name(refused.name);
        CHECK_MESSAGE(expressions::find_function(name) == nullptr, name);
        const std::string sentence = refusal(name + "([displayName])");
        CHECK_MESSAGE(sentence.find(name + " is not offered, because") != std::string::npos, name);
    }
}

TEST_CASE("deploy/EXPRESSIONS.md is the page that the tables make") {
    std::ifstream file(WRITEBACK_SOURCE_ROOT "/deploy/EXPRESSIONS.md");
    std::ostringstream committed;
    committed << file.rdbuf();
    const bool same = committed.str() == expression_reference();
    if (!same) {
        // Where the new page can be taken from.
        std::ofstream(WRITEBACK_BUILD_FOLDER "/EXPRESSIONS.md") << expression_reference();
    }
    CHECK_MESSAGE(
        same,
        "deploy/EXPRESSIONS.md differs from the tables; the right one is in " WRITEBACK_BUILD_FOLDER
        "/EXPRESSIONS.md");
}
