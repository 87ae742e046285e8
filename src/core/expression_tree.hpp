// A checked expression as a tree, and what a function of the language is: the one description from
// which calls are checked, evaluated and documented.
//
// Failures: none here. Ownership: a node owns its arguments; functions and attributes live as long
// as the program. Threads: immutable once checked.
#pragma once

#include "core/expression.hpp"

#include <optional>

namespace writeback::expressions {

// Empty: the type of NULL, which fits everywhere.
using Type = std::optional<ExpressionType>;

// Why an expression is refused, and at which character of it.
struct Problem {
    std::size_t column = 1;
    std::string sentence;  // "what, because why; remedy"
};

// What a function prepares from its constant arguments, once.
struct Prepared {
    virtual ~Prepared() = default;
};

struct Function;
struct AttributeRead;

struct Node {
    enum class Kind {
        omitted,    // nothing between two commas
        constant,   // value
        word,       // one of a parameter's words, as vbTextCompare
        attribute,  // read
        variable,   // $name, bound by Select, Where or With
        call,       // function and arguments; an operator is a function of two arguments
    };
    Kind kind = Kind::omitted;
    std::size_t column = 1;
    Type type;
    bool in_parentheses = false;
    std::size_t depth = 1;
    ExpressionValue value;
    std::string name;      // of a word or variable
    std::size_t slot = 0;  // of a variable
    std::shared_ptr<const AttributeRead> read;
    const Function* function = nullptr;
    std::vector<Node> arguments;
    std::shared_ptr<const Prepared> prepared;

    [[nodiscard]] bool given(std::size_t index) const {
        return index < arguments.size() && arguments[index].kind != Kind::omitted;
    }
    [[nodiscard]] bool is_constant_text() const {
        return kind == Kind::constant && std::holds_alternative<std::string>(value);
    }
};

// What a parameter takes. A null is the empty text, the number 0, the condition False, no values.
enum class Accepts {
    text,       // one text; numbers and Booleans become text
    each,       // the same, or several: then the function is applied to each of them
    texts,      // several; one text is one value
    number,     // a number
    condition,  // a Boolean; a number other than 0; the text "True" or "False"
    any,        // unconverted
    word,       // one of `words`
    variable,   // $name, which later arguments may use
};

struct Parameter {
    enum class Presence { required, optional, repeated };  // repeated: any number of times

    std::string_view name;
    Accepts accepts = Accepts::text;
    Presence presence = Presence::required;
    std::vector<std::string_view> words = {};
};

struct Example {
    std::string_view expression;
    std::string_view result;  // as display() shows it
};

class Arguments;
class Call;

struct Function {
    std::string_view name;
    std::vector<Parameter> parameters;
    // What it gives; with `each` and several texts it gives several. Empty: `check` says it.
    Type type;
    std::string_view sentence;
    std::vector<Example> examples;
    // One of the two: over converted arguments, or evaluating its arguments itself.
    Result<ExpressionValue> (*evaluate)(const Arguments&) = nullptr;
    Result<ExpressionValue> (*evaluate_lazily)(Call&) = nullptr;
    // What the parameters cannot say; may set the call's type and prepare its constants.
    std::optional<Problem> (*check)(Node& call) = nullptr;
    std::string_view gives = "what its values are";  // for the page, where `type` is empty
};

[[nodiscard]] std::string_view name_of(Type type);
// The type that both fit into: of a choice between two values.
[[nodiscard]] Type common_type(Type a, Type b);
// As an example or a sentence shows a value: "text", 3, True, ["a", "b"], NULL.
[[nodiscard]] std::string display(const ExpressionValue& value);
// Of one value, where a text is taken: 3, True.
[[nodiscard]] std::string as_text(const ExpressionValue& value);
// A part of a text that fits into a sentence.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace writeback::expressions
