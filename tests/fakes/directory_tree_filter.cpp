#include "fakes/directory_tree_filter.hpp"

#include <stdexcept>

namespace writeback::fakes {

namespace {

using Kind = TreeFilter::Kind;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

class FilterText {
 public:
    explicit FilterText(std::string_view text) : text_(text) {}

    TreeFilter whole() {
        auto filter = read();
        if (place_ != text_.size()) fail();
        return filter;
    }

 private:
    [[noreturn]] void fail() const {
        throw std::logic_error("a filter that cannot be read: " + std::string(text_));
    }
    [[nodiscard]] char here() const { return place_ < text_.size() ? text_[place_] : '\0'; }
    void expect(char c) {
        if (here() != c) fail();
        ++place_;
    }

    TreeFilter read() {
        expect('(');
        TreeFilter filter;
        if (here() == '&' || here() == '|' || here() == '!') {
            filter = combined(here());
        } else {
            filter = comparison();
        }
        expect(')');
        return filter;
    }

    TreeFilter combined(char sign) {
        ++place_;
        TreeFilter filter;
        filter.kind = sign == '&' ? Kind::all_of : sign == '|' ? Kind::any_of : Kind::none_of;
        while (here() == '(')
            filter.inner.push_back(read());
        if (filter.inner.empty() || (sign == '!' && filter.inner.size() != 1)) fail();
        return filter;
    }

    TreeFilter comparison() {
        TreeFilter filter;
        const auto end = text_.find_first_of("=()", place_);
        if (end == std::string_view::npos || text_[end] != '=' || end == place_) fail();
        auto name = text_.substr(place_, end - place_);
        place_ = end + 1;
        if (name.back() == '>' || name.back() == '<') {
            filter.kind = name.back() == '>' ? Kind::at_least : Kind::at_most;
            filter.attribute = name.substr(0, name.size() - 1);
            filter.value = value();
        } else if (name.back() == ':') {
            name.remove_suffix(1);
            const auto colon = name.find(':');
            filter.kind = rule(colon == std::string_view::npos ? "" : name.substr(colon + 1));
            filter.attribute = name.substr(0, colon);
            filter.value = value();
        } else {
            filter.attribute = name;
            equality(filter);
        }
        return filter;
    }

    [[nodiscard]] Kind rule(std::string_view oid) const {
        if (oid == "1.2.840.113556.1.4.803") return Kind::bits_all;
        if (oid == "1.2.840.113556.1.4.804") return Kind::bits_any;
        if (oid == "1.2.840.113556.1.4.1941") return Kind::in_chain;
        fail();
    }

    // Equal, present, or parts of a text.
    void equality(TreeFilter& filter) {
        std::vector<std::string> parts(1, value());
        while (here() == '*') {
            ++place_;
            parts.push_back(value());
        }
        filter.kind = Kind::equal;
        if (parts.size() == 1) {
            filter.value = std::move(parts.front());
        } else if (parts.size() == 2 && parts[0].empty() && parts[1].empty()) {
            filter.kind = Kind::present;
        } else {
            filter.kind = Kind::substring;
            if (!parts.front().empty()) filter.initial = parts.front();
            if (!parts.back().empty()) filter.last = parts.back();
            filter.middle.assign(parts.begin() + 1, parts.end() - 1);
        }
    }

    std::string value() {
        std::string bytes;
        for (; place_ < text_.size() && text_[place_] != ')' && text_[place_] != '*'; ++place_) {
            if (text_[place_] == '(') fail();
            if (text_[place_] != '\\') {
                bytes += text_[place_];
                continue;
            }
            if (place_ + 2 >= text_.size()) fail();
            const int high = digit(text_[place_ + 1]);
            const int low = digit(text_[place_ + 2]);
            if (high < 0 || low < 0) fail();
            bytes += static_cast<char>(high * 16 + low);
            place_ += 2;
        }
        return bytes;
    }

    std::string_view text_;
    std::size_t place_ = 0;
};

}  // namespace

TreeFilter parse_tree_filter(std::string_view text) {
    return FilterText(text).whole();
}

}  // namespace writeback::fakes
