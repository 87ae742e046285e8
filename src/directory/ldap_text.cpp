#include "directory/ldap_text.hpp"

#include <charconv>
#include <limits>
#include <vector>

namespace writeback {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

// Decimal digits and nothing else.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return number;
}

// objectGUID's bytes in the order in which the text shows them.
constexpr std::size_t guid_order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

unsigned digit_value(char c) {
    return static_cast<unsigned>(digits.find(c));
}

// Takes "<NAME=value>;" from the front of an extended name.
std::optional<std::string_view> take_component(std::string_view& text, std::string_view name) {
    const std::string opening = "<" + std::string(name) + "=";
    if (!text.starts_with(opening)) return std::nullopt;
    const auto end = text.find(">;");
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = text.substr(opening.size(), end - opening.size());
    text.remove_prefix(end + 2);
    return value;
}

// The numbers of "S-1-<authority>-<sub>-<sub>…" behind the revision.
std::optional<std::vector<std::uint64_t>> sid_numbers(std::string_view text) {
    if (!text.starts_with("S-1-")) return std::nullopt;
    text.remove_prefix(4);
    std::vector<std::uint64_t> numbers;
    for (;;) {
        const auto dash = text.find('-');
        const auto number = number_of<std::uint64_t>(text.substr(0, dash));
        const auto limit = numbers.empty()
                               ? (std::uint64_t{1} << 48) - 1
                               : std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
        if (!number || *number > limit) return std::nullopt;
        numbers.push_back(*number);
        if (dash == std::string_view::npos) break;
        text.remove_prefix(dash + 1);
    }
    if (numbers.size() < 2 || numbers.size() > 16) return std::nullopt;
    return numbers;
}

}  // namespace

std::string escape_filter_value(std::string_view value) {
    std::string text;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '*' || c == '(' || c == ')' || c == '\\') {
            text += {'\\', digits[byte / 16], digits[byte % 16]};
        } else {
            text += c;
        }
    }
    return text;
}

std::optional<Sid> sid_from_bytes(std::string_view bytes) {
    const auto byte = [&](std::size_t i) {
        return std::uint64_t{static_cast<unsigned char>(bytes[i])};
    };
    if (bytes.size() < 12 || byte(0) != 1 || byte(1) > 15 || bytes.size() != 8 + 4 * byte(1)) {
        return std::nullopt;
    }
    std::uint64_t authority = 0;
    for (std::size_t i = 2; i < 8; ++i)
        authority = authority * 256 + byte(i);
    std::string text = "S-1-" + std::to_string(authority);
    for (std::size_t i = 8; i < bytes.size(); i += 4) {
        text += "-" +
                std::to_string(byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24);
    }
    return Sid(text);
}

std::optional<std::string> bytes_of(const Sid& sid) {
    const auto numbers = sid_numbers(sid.text());
    if (!numbers) return std::nullopt;
    std::string bytes = {1, static_cast<char>(numbers->size() - 1)};
    for (int shift = 40; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((*numbers)[0] >> shift & 0xff);
    }
    for (std::size_t i = 1; i < numbers->size(); ++i) {
        for (int shift = 0; shift < 32; shift += 8) {
            bytes += static_cast<char>((*numbers)[i] >> shift & 0xff);
        }
    }
    return bytes;
}

bool is_account_of(const Sid& sid, const Sid& domain) {
    const std::string prefix = domain.text() + "-";
    return !domain.empty() && sid.text().starts_with(prefix) && sid_numbers(sid.text()) &&
           number_of<std::uint32_t>(std::string_view(sid.text()).substr(prefix.size()));
}

std::optional<ObjectGuid> guid_from_bytes(std::string_view bytes) {
    if (bytes.size() != 16) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        const auto byte = static_cast<unsigned char>(bytes[guid_order[i]]);
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return ObjectGuid(text);
}

std::optional<std::string> bytes_of(const ObjectGuid& guid) {
    const auto canonical = canonical_guid(guid.text());
    if (!canonical) return std::nullopt;
    std::string bytes(16, '\0');
    std::size_t byte = 0;
    for (std::size_t i = 0; i < canonical->size(); ++i) {
        if ((*canonical)[i] == '-') continue;
        bytes[guid_order[byte++]] =
            static_cast<char>(digit_value((*canonical)[i]) * 16 + digit_value((*canonical)[i + 1]));
        ++i;
    }
    return bytes;
}

std::optional<ExtendedName> parse_extended_name(std::string_view text) {
    ExtendedName name;
    const auto guid = take_component(text, "GUID");
    if (!guid) return std::nullopt;
    const auto canonical = canonical_guid(*guid);
    if (!canonical) return std::nullopt;
    name.guid = ObjectGuid(*canonical);
    if (text.starts_with("<SID=")) {
        const auto sid = take_component(text, "SID");
        if (!sid || !sid_numbers(*sid)) return std::nullopt;
        name.sid = Sid(std::string(*sid));
    }
    if (text.empty() || text.front() == '<') return std::nullopt;
    name.dn = Dn(std::string(text));
    return name;
}

std::optional<AttributeRange> parse_attribute_range(std::string_view description) {
    constexpr std::string_view option = ";range=";
    const std::string lower = lower_case(description);
    const auto at = lower.find(option);
    if (at == std::string::npos || at == 0) return std::nullopt;
    const std::string_view bounds = description.substr(at + option.size());
    const auto dash = bounds.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    AttributeRange range;
    range.attribute = description.substr(0, at);
    const auto first = number_of<std::uint64_t>(bounds.substr(0, dash));
    if (!first) return std::nullopt;
    range.first = *first;
    if (const auto last = bounds.substr(dash + 1); last != "*") {
        range.last = number_of<std::uint64_t>(last);
        if (!range.last || *range.last < range.first) return std::nullopt;
    }
    return range;
}

std::string attribute_range(std::string_view attribute, std::uint64_t first, std::uint64_t last) {
    return std::string(attribute) + ";range=" + std::to_string(first) + "-" + std::to_string(last);
}

std::optional<GroupId> group_of_mark(std::string_view mark) {
    constexpr std::string_view prefix = "Group_";
    if (!mark.starts_with(prefix) || mark.size() != prefix.size() + 36) return std::nullopt;
    const auto canonical = canonical_guid(mark.substr(prefix.size()));
    if (!canonical) return std::nullopt;
    return GroupId(*canonical);
}

std::string group_type_text(std::int32_t group_type) {
    const auto bits = static_cast<std::uint32_t>(group_type);
    const std::string kind = (bits & 0x80000000U) != 0 ? " security" : " distribution";
    switch (bits & 0x7fffffffU) {
        case 2:
            return "global" + kind;
        case 4:
            return "domain-local" + kind;
        case 8:
            return "universal" + kind;
        default:
            return std::to_string(group_type) + " (no group type)";
    }
}

std::optional<std::int32_t> parse_integer(std::string_view text) {
    const auto number = parse_large_integer(text);
    if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
        *number > std::numeric_limits<std::uint32_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(*number & 0xffffffff));
}

std::optional<std::int64_t> parse_large_integer(std::string_view text) {
    return number_of<std::int64_t>(text);
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

}  // namespace writeback
