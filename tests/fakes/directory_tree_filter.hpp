// An LDAP search filter as a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback::fakes {

struct TreeFilter {
    enum class Kind {
        all_of,
        any_of,
        none_of,
        equal,
        present,
        substring,
        at_least,
        at_most,
        bits_all,  // 1.2.840.113556.1.4.803
        bits_any,  // 1.2.840.113556.1.4.804
        in_chain   // 1.2.840.113556.1.4.1941
    };
    Kind kind = Kind::present;
    std::string attribute = "objectClass";
    std::string value;
    std::vector<TreeFilter> inner;
    // Of a substring.
    std::optional<std::string> initial;
    std::vector<std::string> middle;
    std::optional<std::string> last;

    [[nodiscard]] static TreeFilter equal_to(std::string attribute, std::string value) {
        TreeFilter filter;
        filter.kind = Kind::equal;
        filter.attribute = std::move(attribute);
        filter.value = std::move(value);
        return filter;
    }
    [[nodiscard]] static TreeFilter beginning_with(std::string attribute, std::string value) {
        TreeFilter filter;
        filter.kind = Kind::substring;
        filter.attribute = std::move(attribute);
        filter.initial = std::move(value);
        return filter;
    }
    [[nodiscard]] static TreeFilter at_least_number(std::string attribute, std::string value) {
        auto filter = equal_to(std::move(attribute), std::move(value));
        filter.kind = Kind::at_least;
        return filter;
    }
    [[nodiscard]] static TreeFilter combined(Kind kind, std::vector<TreeFilter> inner) {
        TreeFilter filter;
        filter.kind = kind;
        filter.inner = std::move(inner);
        return filter;
    }
    [[nodiscard]] bool is_anything() const {
        return kind == Kind::present && (attribute == "objectClass" || attribute == "objectclass");
    }
};

// Reads a filter as RFC 4515 writes it; throws std::logic_error for one that cannot be read.
[[nodiscard]] TreeFilter parse_tree_filter(std::string_view text);

}  // namespace writeback::fakes
