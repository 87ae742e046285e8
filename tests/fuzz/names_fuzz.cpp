// Distinguished names and filter texts: read, composed, compared.
//
// The input is two lines, each taken for a name and for a value. Properties: a name that was read
// and written reads the same, for us and for libldap; a value that becomes part of a name or filter
// comes out of it as itself; the two rooms that compare names agree, and "below" agrees with what
// the parts say.
#include "core/distinguished_name.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "property.hpp"

#include <ldap.h>

#include <optional>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

const Dn container("OU=Cloud Groups,DC=contoso,DC=com");

// The name as libldap reads it.
std::optional<DistinguishedName> read_by_libldap(const std::string& text) {
    LDAPDN parsed = nullptr;
    if (ldap_str2dn(text.c_str(), &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) {
        return std::nullopt;
    }
    DistinguishedName name;
    for (LDAPRDN* relative = parsed; relative != nullptr && *relative != nullptr; ++relative) {
        RelativeName parts;
        for (LDAPAVA** part = *relative; *part != nullptr; ++part) {
            parts.push_back({std::string((*part)->la_attr.bv_val, (*part)->la_attr.bv_len),
                             std::string((*part)->la_value.bv_val, (*part)->la_value.bv_len)});
        }
        name.push_back(std::move(parts));
    }
    ldap_dnfree(parsed);
    return name;
}

bool equal(const DistinguishedName& a, const DistinguishedName& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
            return p.type == q.type && p.value == q.value;
        });
    });
}

void check_name(const std::string& text) {
    const auto name = parse_name(text);
    if (!name) {
        require(name.error().kind == FailureKind::unreadable, "what is no name is unreadable");
        require(!same_name(Dn(text), Dn(text)) && !stands_below(Dn(text), container),
                "what is no name is nowhere", text);
        return;
    }
    const auto written = to_text(*name);
    const auto again = parse_name(written);
    require(again.has_value() && equal(*again, *name), "a name survives being written", written);
    require(same_name(Dn(text), Dn(written)), "and is still the same", written);
    require(!stands_below(Dn(text), Dn(text)), "nothing stands below itself", text);
    if (name->empty()) return;
    const auto parent = container_of(Dn(text));
    require(stands_below(Dn(text), parent), "everything stands below its container", text);
    require(is_same_name(Dn(text), Dn(written)), "the core finds it the same", written);
    require(is_same_name(parent_of(Dn(text)), parent) || parent.empty(),
            "both rooms see one container", text);
}

void check_agreement(const std::string& first, const std::string& second) {
    const auto a = parse_name(first);
    const auto b = parse_name(second);
    if (!a || !b || a->empty() || b->empty()) return;
    require(same_name(Dn(first), Dn(second)) == is_same_name(Dn(first), Dn(second)),
            "both rooms compare alike", first + "\n" + second);
    require(stands_below(Dn(first), Dn(second)) == is_below(Dn(first), Dn(second)),
            "both rooms see alike who stands below", first + "\n" + second);
}

void check_value_in_name(const std::string& value) {
    if (value.empty()) return;
    for (const auto& made : {name_in(container, value), dn_in(container, value)}) {
        const auto name = parse_name(made.text());
        require(name.has_value() && name->size() == 4, "a value makes one part", made.text());
        require((*name)[0].size() == 1 && (*name)[0][0].value == value,
                "a value comes out of a name as itself", made.text());
        require(stands_below(made, container) && is_below(made, container),
                "what is made in a container stands there", made.text());
        if (made.text().find('\0') != std::string::npos) continue;
        const auto seen = read_by_libldap(made.text());
        // libldap, too, refuses what is no UTF-8.
        if (seen) require(equal(*seen, *name), "libldap reads the same name", made.text());
    }
}

std::string unescaped(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            value += text[i];
            continue;
        }
        require(i + 2 < text.size(), "an escape in a filter has two digits", text);
        value += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return value;
}

void check_value_in_filter(const std::string& value) {
    const auto escaped = escape_filter_value(value);
    require(escaped.find_first_of(std::string_view("()*\0", 4)) == std::string::npos,
            "nothing in a filter's value ends or widens it", escaped);
    require(unescaped(escaped) == value, "a value comes out of a filter as itself", escaped);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = text_of(data, size);
    const auto first = bytes_of_line(take_line(text));
    const auto second = bytes_of_line(text);
    for (const auto& one : {first, second}) {
        check_name(one);
        check_value_in_name(one);
        check_value_in_filter(one);
    }
    check_agreement(first, second);
    check_agreement(second, first);
    return 0;
}
