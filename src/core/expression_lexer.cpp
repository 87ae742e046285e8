#include "core/expression_lexer.hpp"

#include "core/text.hpp"

#include <array>
#include <charconv>

namespace writeback::expressions {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Lexer {
 public:
    explicit Lexer(std::string_view text) : rest_(text) {}

    Tokens run() {
        Tokens result;
        do {
            skip_blanks();
            column_of_token_ = column_;
            result.tokens.push_back(next());
        } while (!problem_ && result.tokens.back().kind != Token::Kind::end);
        result.problem = std::move(problem_);
        return result;
    }

 private:
    bool begins_with(std::string_view part) const { return rest_.substr(0, part.size()) == part; }

    // Columns count characters, so bytes that continue one do not count.
    std::string take(std::size_t bytes) {
        const std::string_view part = rest_.substr(0, bytes);
        for (const char c : part)
            column_ += (static_cast<unsigned char>(c) & 0xC0) == 0x80 ? 0 : 1;
        rest_.remove_prefix(part.size());
        return std::string(part);
    }

    // No-break spaces and byte order marks come along when an expression is copied from a page.
    void skip_blanks() {
        while (!rest_.empty()) {
            if (std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
                take(1);
            } else if (begins_with("\xC2\xA0")) {
                take(2);
            } else if (begins_with("\xEF\xBB\xBF")) {
                take(3);
            } else {
                return;
            }
        }
    }

    Token refuse(std::string sentence) {
        problem_ = Problem{column_of_token_, std::move(sentence)};
        return {};
    }

    Token token(Token::Kind kind, std::string text) const {
        return {kind, column_of_token_, std::move(text), 0};
    }

    Token next() {
        if (rest_.empty()) return token(Token::Kind::end, "");
        const char c = rest_.front();
        if (c == '"') return text();
        if (c == '[') return attribute();
        if (is_digit(c)) return number();
        if (is_letter(c)) return token(Token::Kind::name, take(length_of_name(0)));
        if (c == '$' && rest_.size() > 1 && is_letter(rest_[1])) {
            take(1);
            return token(Token::Kind::variable, take(length_of_name(0)));
        }
        for (const std::string_view symbol : {"&&", "||", "<>", "<=", ">="}) {
            if (begins_with(symbol)) return token(Token::Kind::symbol, take(2));
        }
        if (std::string_view("(),&=<>+-*").find(c) != std::string_view::npos) {
            return token(Token::Kind::symbol, take(1));
        }
        return refuse_character(c);
    }

    std::size_t length_of_name(std::size_t at) const {
        while (at < rest_.size() && (is_letter(rest_[at]) || is_digit(rest_[at])))
            ++at;
        return at;
    }

    Token refuse_character(char c) {
        for (const std::string_view quote :
             {"\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xC2\xAB", "\xC2\xBB"}) {
            if (begins_with(quote)) {
                return refuse(std::string(quote) +
                              " is a typographic quote, which begins no text; write straight "
                              "quotes: \"");
            }
        }
        if (c == '\'') {
            return refuse("' begins no text, because texts stand in double quotes; write \"…\"");
        }
        if (c == '%') {
            return refuse(
                "% begins a parameter of Microsoft Entra Connect or Cloud Sync, as %Domain.LDAP%, "
                "and these are not known here; write its value as a text");
        }
        if (c == ';') return refuse("; separates no arguments; write a comma");
        return refuse(excerpt(clean(rest_.substr(0, first_character()))) +
                      " begins nothing of the language; expected is a function, an [attribute], a "
                      "\"text\", a number, True, False or NULL");
    }

    std::size_t first_character() const {
        std::size_t length = 1;
        while (length < rest_.size() && (static_cast<unsigned char>(rest_[length]) & 0xC0) == 0x80)
            ++length;
        return length;
    }

    // \" and \\ as Cloud Sync escapes, "" as Visual Basic does. A backslash before anything else is
    // kept, so that regular expressions and "\," work with and without doubling.
    Token text() {
        std::string value;
        take(1);
        while (!rest_.empty()) {
            if (begins_with("\\\"") || begins_with("\\\\") || begins_with("\"\"")) {
                value += rest_[1];
                take(2);
            } else if (rest_.front() == '"') {
                take(1);
                return token(Token::Kind::text, std::move(value));
            } else {
                value += take(1);
            }
        }
        return refuse("the text that begins here has no end; close it with \"");
    }

    Token attribute() {
        const std::size_t end = rest_.find_first_of("[]\"(),", 1);
        if (end == std::string_view::npos || rest_[end] != ']') {
            return refuse("the attribute that begins here has no end; close it with ]");
        }
        const std::string written = take(end + 1);
        return token(Token::Kind::attribute, trim(written.substr(1, written.size() - 2)));
    }

    Token number() {
        const std::size_t length = length_of_name(0);
        const std::string digits = take(length);
        Token result = token(Token::Kind::number, digits);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), result.number);
        if (error != std::errc()) {
            return refuse(digits + " is larger than any number here; the largest is " +
                          std::to_string(INT64_MAX));
        }
        if (end != digits.data() + digits.size()) {
            return refuse(excerpt(digits) +
                          " is neither a number nor a name; write a text in quotes");
        }
        if (begins_with(".")) {
            return refuse("numbers are whole here; write a text in quotes, or a whole number");
        }
        return result;
    }

    std::string_view rest_;
    std::size_t column_ = 1;
    std::size_t column_of_token_ = 1;
    std::optional<Problem> problem_;
};

}  // namespace

Tokens cut_into_tokens(std::string_view text) {
    return Lexer(text).run();
}

}  // namespace writeback::expressions
