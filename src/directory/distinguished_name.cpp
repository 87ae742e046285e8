#include "directory/distinguished_name.hpp"

#include <algorithm>
#include <optional>

namespace writeback {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_text(std::string_view first, std::string_view second) {
    return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<unsigned> hexadecimal_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (lower(c) >= 'a' && lower(c) <= 'f') return static_cast<unsigned>(lower(c) - 'a' + 10);
    return std::nullopt;
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

constexpr std::string_view special = "\"+,;<>\\";

class NameParser {
 public:
    explicit NameParser(std::string_view text) : text_(text) {}

    Result<DistinguishedName> parse() {
        DistinguishedName name;
        skip_blanks();
        if (at_end()) return name;
        for (;;) {
            RelativeName part;
            do {
                auto one = read_part();
                if (!one) return one.error();
                part.push_back(std::move(*one));
            } while (take('+'));
            name.push_back(std::move(part));
            if (at_end()) return name;
            if (!take(',')) return problem("a comma is missing");
        }
    }

 private:
    [[nodiscard]] bool at_end() const { return position_ == text_.size(); }

    bool take(char c) {
        if (at_end() || text_[position_] != c) return false;
        ++position_;
        return true;
    }

    void skip_blanks() {
        while (!at_end() && text_[position_] == ' ')
            ++position_;
    }

    Failure problem(std::string_view what) const {
        return failure(FailureKind::unreadable, "the distinguished name \"" + std::string(text_) +
                                                    "\" cannot be read at character " +
                                                    std::to_string(position_ + 1) + ": " +
                                                    std::string(what) + ".");
    }

    Result<NamePart> read_part() {
        skip_blanks();
        NamePart part;
        while (!at_end() && (is_letter_or_digit(text_[position_]) || text_[position_] == '-' ||
                             text_[position_] == '.')) {
            part.type += text_[position_++];
        }
        if (part.type.empty()) return problem("an attribute type is missing, such as CN or OU");
        skip_blanks();
        if (!take('=')) return problem("an equals sign is missing");
        skip_blanks();
        if (!at_end() && text_[position_] == '#')
            return problem("a value as #hex is not supported");
        if (auto value = read_value(); value) {
            part.value = std::move(*value);
        } else {
            return value.error();
        }
        if (part.value.empty()) return problem("a value is empty");
        return part;
    }

    Result<std::string> read_value() {
        std::string value;
        std::size_t kept = 0;  // trailing blanks count only when escaped
        while (!at_end() && text_[position_] != ',' && text_[position_] != '+') {
            const char c = text_[position_];
            if (c == '\\') {
                auto escaped = read_escape();
                if (!escaped) return escaped.error();
                value += *escaped;
                kept = value.size();
                continue;
            }
            if (special.find(c) != std::string_view::npos || c == '\0') {
                return problem("this character must be written with a backslash before it");
            }
            value += c;
            ++position_;
            if (c != ' ') kept = value.size();
        }
        value.resize(kept);
        return value;
    }

    Result<char> read_escape() {
        ++position_;
        if (at_end()) return problem("a backslash stands at the end");
        const char first = text_[position_];
        if (const auto high = hexadecimal_digit(first)) {
            const auto low = position_ + 1 < text_.size() ? hexadecimal_digit(text_[position_ + 1])
                                                          : std::nullopt;
            if (!low) return problem("a backslash needs two hexadecimal digits");
            position_ += 2;
            return static_cast<char>(*high * 16 + *low);
        }
        if (special.find(first) == std::string_view::npos && first != ' ' && first != '#' &&
            first != '=') {
            return problem("this character is not to be escaped");
        }
        ++position_;
        return first;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

bool same_part(const RelativeName& first, const RelativeName& second) {
    return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                      [](const NamePart& a, const NamePart& b) {
                          return same_text(a.type, b.type) && same_text(a.value, b.value);
                      });
}

}  // namespace

Result<DistinguishedName> parse_name(std::string_view text) {
    return NameParser(text).parse();
}

std::string escape_name_value(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const auto byte = static_cast<unsigned char>(c);
        const bool first = i == 0;
        const bool last = i + 1 == value.size();
        if (byte < 0x20 || byte == 0x7f) {
            text += {'\\', digits[byte / 16], digits[byte % 16]};
        } else if (special.find(c) != std::string_view::npos || c == '=' || (first && c == '#') ||
                   (c == ' ' && (first || last))) {
            text += {'\\', c};
        } else {
            text += c;
        }
    }
    return text;
}

std::string to_text(const DistinguishedName& name) {
    std::string text;
    for (const auto& relative : name) {
        if (!text.empty()) text += ',';
        for (std::size_t i = 0; i < relative.size(); ++i) {
            if (i != 0) text += '+';
            text += relative[i].type + "=" + escape_name_value(relative[i].value);
        }
    }
    return text;
}

std::string common_name(std::string_view cn) {
    return "CN=" + escape_name_value(cn);
}

Dn name_in(const Dn& container, std::string_view cn) {
    return Dn(common_name(cn) + "," + container.text());
}

Dn container_of(const Dn& name) {
    auto parsed = parse_name(name.text());
    if (!parsed || parsed->empty()) return {};
    return Dn(to_text(DistinguishedName(parsed->begin() + 1, parsed->end())));
}

bool same_name(const Dn& first, const Dn& second) {
    const auto a = parse_name(first.text());
    const auto b = parse_name(second.text());
    return a && b && std::equal(a->begin(), a->end(), b->begin(), b->end(), same_part);
}

bool stands_below(const Dn& name, const Dn& ancestor) {
    const auto inner = parse_name(name.text());
    const auto outer = parse_name(ancestor.text());
    if (!inner || !outer || inner->size() <= outer->size()) return false;
    return std::equal(outer->rbegin(), outer->rend(), inner->rbegin(), same_part);
}

}  // namespace writeback
