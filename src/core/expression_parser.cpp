#include "core/expression_parser.hpp"

#include "core/expression_attributes.hpp"
#include "core/expression_check.hpp"
#include "core/expression_functions.hpp"
#include "core/expression_lexer.hpp"
#include "core/expression_words.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>

namespace writeback::expressions {

namespace {

// The way out of the recursion with the first problem; it never leaves this file.
struct Stop {
    Problem problem;
};

class Parser {
 public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Node run() {
        if (peek().kind == Token::Kind::end) {
            stop(1, "the expression is empty; write one, as [displayName]");
        }
        Node result = expression();
        if (peek().kind != Token::Kind::end) stop_after(result);
        if (result.kind == Node::Kind::word) stop_at_word(result);
        return result;
    }

 private:
    const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    Token take() {
        Token token = peek();
        if (at_ + 1 < tokens_.size()) ++at_;
        return token;
    }
    bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
        return peek(ahead).kind == Token::Kind::symbol && peek(ahead).text == symbol;
    }

    [[noreturn]] static void stop(std::size_t column, std::string sentence) {
        throw Stop{{column, std::move(sentence)}};
    }

    static std::string shown(const Token& token) {
        if (token.kind == Token::Kind::end) return "the end";
        if (token.kind == Token::Kind::text) return excerpt(token.text);
        if (token.kind == Token::Kind::attribute) return "[" + left(token.text, 60) + "]";
        return (token.kind == Token::Kind::variable ? "$" : "") + left(token.text, 60);
    }

    [[noreturn]] void stop_after(const Node& node) const {
        const std::string found = shown(peek());
        if (node.kind == Node::Kind::word) stop_at_word(node);
        if (peek().kind == Token::Kind::name) stop(peek().column, no_constant(peek().text));
        if (is_symbol(")")) stop(peek().column, "this ) closes nothing; leave it out");
        if (is_symbol(",")) stop(peek().column, "this comma stands outside of any function");
        for (const std::string_view symbol : {"=", "<>", "<", "<=", ">", ">="}) {
            if (is_symbol(symbol)) {
                stop(peek().column, "a comparison is compared again; write (a = b) && (b = c)");
            }
        }
        stop(peek().column, "expected is an operator or the end, but here stands " + found +
                                "; join texts with &, and separate arguments with commas");
    }

    [[noreturn]] static void stop_at_word(const Node& node) {
        stop(node.column, no_constant(node.name));
    }

    // Sets what every node of a tree has, whatever made it.
    Node finished(Node node) const {
        for (const Node& argument : node.arguments)
            node.depth = std::max(node.depth, argument.depth + 1);
        if (node.depth > most_depth) {
            stop(node.column,
                 "functions and operators stand more than " + std::to_string(most_depth) +
                     " deep inside one another; write it flatter, with Join or Switch");
        }
        return node;
    }

    Node checked(Node call) const {
        if (auto problem = check_call(call)) throw Stop{std::move(*problem)};
        return finished(std::move(call));
    }

    Node operation(const Token& token, Node left_side, Node right_side) const {
        Node call;
        call.kind = Node::Kind::call;
        call.column = token.column;
        call.function = &operator_of(token.text);
        call.arguments.push_back(std::move(left_side));
        call.arguments.push_back(std::move(right_side));
        return checked(std::move(call));
    }

    // Operators of one rank, from left to right. `tighter` is the rank whose operators bind before
    // these, although Connect would take them as they come.
    template <class Operand>
    Node chain(std::initializer_list<std::string_view> symbols, std::string_view tighter,
               Operand operand) {
        Node result = operand();
        for (;;) {
            const bool known =
                std::any_of(symbols.begin(), symbols.end(),
                            [&](std::string_view symbol) { return is_symbol(symbol); });
            if (!known) return result;
            const Token token = take();
            Node right_side = operand();
            const bool differs = !right_side.in_parentheses &&
                                 right_side.kind == Node::Kind::call &&
                                 right_side.function->name == tighter;
            if (differs) {
                stop(right_side.column,
                     std::string(tighter) + " behind " + token.text +
                         " reads in two ways, because Connect takes operators from left to right; "
                         "set parentheses: a " +
                         token.text + " (b " + std::string(tighter) + " c)");
            }
            result = operation(token, std::move(result), std::move(right_side));
        }
    }

    Node expression() {
        const Nesting nesting(*this);
        return chain({"||"}, "&&", [&] { return conjunction(); });
    }
    Node conjunction() {
        return chain({"&&"}, "", [&] { return comparison(); });
    }
    Node comparison() {
        Node result = joined();
        for (const std::string_view symbol : {"=", "<>", "<=", ">=", "<", ">"}) {
            if (!is_symbol(symbol)) continue;
            const Token token = take();
            return operation(token, std::move(result), joined());
        }
        return result;
    }
    Node joined() {
        return chain({"&"}, "", [&] { return sum(); });
    }
    Node sum() {
        return chain({"+", "-"}, "*", [&] { return product(); });
    }
    Node product() {
        return chain({"*"}, "", [&] { return sign(); });
    }
    Node sign() {
        if (!is_symbol("-")) return value();
        const Nesting nesting(*this);
        const Token token = take();
        if (peek().kind == Token::Kind::number) {
            Node result = value();
            result.value = -std::get<std::int64_t>(result.value);
            return result;
        }
        Node zero = constant(token, std::int64_t{0}, ExpressionType::number);
        return operation(token, std::move(zero), sign());
    }

    static Node constant(const Token& token, ExpressionValue value, Type type) {
        Node node;
        node.kind = Node::Kind::constant;
        node.column = token.column;
        node.value = std::move(value);
        node.type = type;
        return node;
    }

    Node value() {
        switch (peek().kind) {
            case Token::Kind::text: {
                Token token = take();
                return constant(token, std::move(token.text), ExpressionType::text);
            }
            case Token::Kind::number: {
                const Token token = take();
                return constant(token, token.number, ExpressionType::number);
            }
            case Token::Kind::attribute:
                return attribute(take());
            case Token::Kind::variable:
                return variable(take());
            case Token::Kind::name:
                return named(take());
            case Token::Kind::symbol:
                if (is_symbol("(")) return in_parentheses();
                if (is_symbol("&")) return hexadecimal();
                break;
            case Token::Kind::end:
                break;
        }
        stop(peek().column, "expected is a value, but here stands " + shown(peek()) +
                                "; write a function, an [attribute], a \"text\" or a number");
    }

    Node in_parentheses() {
        take();
        Node result = expression();
        if (result.kind == Node::Kind::word) stop_at_word(result);
        if (!is_symbol(")")) stop_unclosed(result);
        take();
        result.in_parentheses = true;
        return result;
    }

    [[noreturn]] void stop_unclosed(const Node& last) const {
        if (peek().kind != Token::Kind::end) stop_after(last);
        stop(peek().column, "a parenthesis is not closed; add )");
    }

    Node hexadecimal() {
        const Token token = take();
        const std::string& digits = peek().text;
        std::int64_t number = 0;
        const bool adjacent = peek().kind == Token::Kind::name && peek().column == token.column + 1;
        const bool marked = adjacent && (digits[0] == 'H' || digits[0] == 'h');
        const auto [end, error] = std::from_chars(digits.data() + (marked ? 1 : 0),
                                                  digits.data() + digits.size(), number, 16);
        if (!marked || error != std::errc() || end != digits.data() + digits.size()) {
            stop(token.column, "& has nothing to its left, and begins no number as &HFF");
        }
        take();
        return constant(token, number, ExpressionType::number);
    }

    static Node attribute(const Token& token) {
        auto found = find_attribute(token.text);
        if (auto* why = std::get_if<std::string>(&found)) stop(token.column, std::move(*why));
        Node node;
        node.kind = Node::Kind::attribute;
        node.column = token.column;
        node.name = token.text;
        node.type = std::get<AttributeRead>(found).type;
        node.read =
            std::make_shared<const AttributeRead>(std::move(std::get<AttributeRead>(found)));
        return node;
    }

    Node variable(const Token& token) const {
        for (std::size_t slot = variables_.size(); slot-- > 0;) {
            if (!is_same_word(variables_[slot].name, token.text)) continue;
            Node node;
            node.kind = Node::Kind::variable;
            node.column = token.column;
            node.name = token.text;
            node.slot = slot;
            node.type = variables_[slot].type;
            return node;
        }
        stop(token.column, "$" + left(token.text, 60) +
                               " stands for nothing here; Select, Where and With bind variables");
    }

    Node named(const Token& token) {
        if (is_symbol("(")) return call(token);
        if (is_same_word(token.text, "True")) return constant(token, true, ExpressionType::boolean);
        if (is_same_word(token.text, "False")) {
            return constant(token, false, ExpressionType::boolean);
        }
        if (is_same_word(token.text, "NULL") || is_same_word(token.text, "AuthoritativeNull")) {
            return constant(token, {}, std::nullopt);
        }
        if (is_same_word(token.text, "CRLF")) {
            return constant(token, std::string("\r\n"), ExpressionType::text);
        }
        Node word;
        word.kind = Node::Kind::word;
        word.column = token.column;
        word.name = token.text;
        return word;
    }

    Node call(const Token& token) {
        Node node;
        node.kind = Node::Kind::call;
        node.column = token.column;
        node.function = find_function(token.text);
        if (node.function == nullptr) stop(token.column, no_function(token.text));
        const Nesting nesting(*this);
        take();
        const auto& parameters = node.function->parameters;
        const bool binds = !parameters.empty() && parameters[0].accepts == Accepts::variable;
        const std::size_t bound = variables_.size();
        if (!is_symbol(")")) {
            do {
                if (!node.arguments.empty()) take();
                const bool declares = binds && node.arguments.empty();
                node.arguments.push_back(declares ? declaration(token) : argument());
                if (binds && node.arguments.size() == 2) bind(node);
            } while (is_symbol(","));
        }
        if (!is_symbol(")")) stop_in_call(token, node);
        take();
        variables_.resize(bound);
        return checked(std::move(node));
    }

    [[noreturn]] void stop_in_call(const Token& token, const Node& node) const {
        if (peek().kind == Token::Kind::end) {
            stop(peek().column, "the parenthesis of " + std::string(node.function->name) +
                                    " at column " + std::to_string(token.column) +
                                    " is not closed; add )");
        }
        stop_after(node.arguments.empty() ? node : node.arguments.back());
    }

    Node argument() {
        if (!is_symbol(",") && !is_symbol(")")) return expression();
        Node omitted;
        omitted.column = peek().column;
        return omitted;
    }

    Node declaration(const Token& function) {
        if (peek().kind != Token::Kind::variable) {
            stop(peek().column,
                 function.text + " begins with a variable; write " + function.text + "($item, …)");
        }
        const Token token = take();
        Node node;
        node.kind = Node::Kind::word;
        node.column = token.column;
        node.name = token.text;
        return node;
    }

    // Select and Where go through single texts, With binds a value as it is.
    void bind(const Node& node) {
        const bool single = node.function->parameters[1].accepts == Accepts::texts;
        variables_.push_back(
            {node.arguments[0].name, single ? Type(ExpressionType::text) : node.arguments[1].type});
    }

    // Bounds the recursion itself, before a tree is there whose depth could be counted.
    class Nesting {
     public:
        explicit Nesting(Parser& parser) : parser_(parser) {
            if (++parser_.nesting_ > 2 * most_depth) {
                stop(parser_.peek().column, "parentheses stand more than " +
                                                std::to_string(most_depth) +
                                                " deep inside one another; write it flatter");
            }
        }
        ~Nesting() { --parser_.nesting_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

     private:
        Parser& parser_;
    };

    struct Variable {
        std::string name;
        Type type;
    };

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t nesting_ = 0;
    std::vector<Variable> variables_;
};

}  // namespace

std::variant<Node, Problem> parse(std::string_view text) {
    if (text.size() > most_expression_bytes) {
        return Problem{1, "the expression has " + std::to_string(text.size()) +
                              " bytes, and the most is " + std::to_string(most_expression_bytes) +
                              "; keep what it decides by in an attribute of the group"};
    }
    if (clean(text) != text) {
        return Problem{1, "the expression holds bytes that are no UTF-8 text; write it anew"};
    }
    Tokens cut = cut_into_tokens(text);
    if (cut.problem) return std::move(*cut.problem);
    try {
        return Parser(std::move(cut.tokens)).run();
    } catch (Stop& stopped) {
        return std::move(stopped.problem);
    }
}

}  // namespace writeback::expressions
