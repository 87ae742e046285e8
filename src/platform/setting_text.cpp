#include "platform/setting_text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <numeric>

namespace writeback {

namespace {

Failure wrong(std::string detail) {
    return failure(FailureKind::invalid_configuration, std::move(detail));
}

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array duration_units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                    Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array size_units{Unit{"B", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20},
                                Unit{"GiB", 1 << 30}};

// A whole number followed by one of the units.
template <std::size_t N>
std::optional<std::int64_t> read_amount(std::string_view text, const std::array<Unit, N>& units) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& unit : units) {
        if (unit.name != name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

template <std::size_t N>
std::string amount_text(std::int64_t amount, const std::array<Unit, N>& units) {
    const Unit* best = &units.front();
    for (const auto& unit : units) {
        if (amount != 0 && amount % unit.factor == 0) best = &unit;
    }
    return std::to_string(amount / best->factor) + std::string(best->name);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

}  // namespace

std::string in_quotes(std::string_view value) {
    constexpr std::size_t most = 80;
    std::string result = "\"";
    for (const char c : value.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        result += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    if (value.size() > most) {
        while ((static_cast<unsigned char>(result.back()) & 0xc0) == 0x80)
            result.pop_back();
        result += "…";
    }
    return result + "\"";
}

Result<Duration> read_duration(std::string_view text) {
    const auto amount = read_amount(text, duration_units);
    if (!amount) {
        return wrong(
            "is no duration: write a whole number with one of the units ms, s, m, h, d, "
            "such as \"60s\"");
    }
    return Duration(*amount);
}

std::string duration_text(Duration duration) {
    return amount_text(duration.count(), duration_units);
}

Result<std::size_t> read_size(std::string_view text) {
    const auto amount = read_amount(text, size_units);
    if (!amount) {
        return wrong(
            "is no size: write a whole number with one of the units B, KiB, MiB, GiB, "
            "such as \"1MiB\"");
    }
    return static_cast<std::size_t>(*amount);
}

std::string size_text(std::size_t bytes) {
    return amount_text(static_cast<std::int64_t>(bytes), size_units);
}

Result<Limit> read_percentage(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (error != std::errc{} || rest != "%" || !(number >= 0 && number <= 100)) {
        return wrong("is no limit: write a whole number, or a percentage from \"0%\" to \"100%\"");
    }
    return Limit{number, true};
}

bool is_loopback(std::string_view host) {
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    if (host == "localhost") return true;
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    return !error && address.is_loopback();
}

Result<ListenAddress> read_listen_address(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:";
    // What fits into sockaddr_un, with its terminating zero.
    constexpr std::size_t longest_path = 107;
    const auto no_address = wrong(
        "is no address to listen on: write \"ADDRESS:PORT\" such as \"127.0.0.1:8443\", or "
        "\"unix:/PATH\"");
    if (text.starts_with(unix_prefix)) {
        const auto path = text.substr(unix_prefix.size());
        if (!path.starts_with('/')) {
            return wrong("names no absolute path: write \"unix:/run/…\"");
        }
        if (path.size() > longest_path) {
            return wrong(
                "names a socket path of more than 107 bytes, which the system does not "
                "take: choose a shorter one");
        }
        return ListenAddress{"", 0, std::string(path)};
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return no_address;
    auto host = text.substr(0, colon);
    const bool brackets = host.size() > 1 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    const auto port = read_port(text.substr(colon + 1));
    if (!port) return wrong("names no port: write a number from 0 to 65535 after the colon");
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(host), error);
    if (error) {
        return wrong(
            "names no IP address: write \"127.0.0.1:PORT\", \"[::1]:PORT\" or "
            "\"0.0.0.0:PORT\"");
    }
    if (address.is_v6() != brackets) return no_address;
    return ListenAddress{std::string(host), *port, ""};
}

Result<WebAddress> read_web_address(std::string_view text) {
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || (parsed->scheme() != "http" && parsed->scheme() != "https" &&
                    parsed->scheme() != "ldap" && parsed->scheme() != "ldaps")) {
        return wrong("is no URL: write \"https://HOST\"");
    }
    const boost::urls::url_view url = *parsed;
    // Boost.URL 1.81 takes "127.0.0.1.evil.example" for the host 127.0.0.1 and a path; a path that
    // does not begin with a slash gives that away.
    if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/')) {
        return wrong("is no URL: write \"https://HOST\"");
    }
    if (url.encoded_host().empty()) return wrong("names no host: write \"https://HOST\"");
    if (url.has_userinfo()) return wrong("holds a user name: take it out");
    if (url.has_query() || url.has_fragment()) {
        return wrong("holds a query or fragment: take out everything from ? or #");
    }
    if (url.has_port() && (!read_port(url.port()) || url.port_number() == 0)) {
        return wrong("names no port: write a number from 1 to 65535 after the colon");
    }
    WebAddress address{std::string(url.scheme()), std::string(url.encoded_host()),
                       std::string(url.port()), std::string(url.encoded_path()), std::string(text)};
    while (address.path.ends_with('/')) {
        address.path.pop_back();
        address.text.pop_back();
    }
    return address;
}

Result<Done> check_distinguished_name(std::string_view text) {
    const auto no_name = wrong(
        "is no distinguished name: write \"OU=Cloud Groups,DC=contoso,DC=com\", with a backslash "
        "before a comma within a name");
    bool in_type = true;
    std::size_t length = 0;  // of the type or value being read
    bool escaped = false;
    for (const char c : text) {
        if (in_type) {
            if (c == '=') {
                if (length == 0) return no_name;
                in_type = false;
                length = 0;
            } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.') {
                ++length;
            } else if (c != ' ') {
                return no_name;
            }
            continue;
        }
        if (!escaped && (c == ',' || c == '+')) {
            if (length == 0) return no_name;
            in_type = true;
            length = 0;
            continue;
        }
        if (!escaped && (c == ';' || c == '<' || c == '>' || c == '"')) return no_name;
        escaped = !escaped && c == '\\';
        if (c != ' ') ++length;
    }
    if (in_type || length == 0 || escaped) return no_name;
    return Done{};
}

namespace {

// How many letters must be put in, taken out or replaced to make one word of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
    if (word.size() > 64) return {};
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : known) {
        std::size_t changes = distance(word, candidate);
        // "tenant" for "tenant_id": many letters are missing, but the meaning is plain.
        if (word.size() >= 4 && candidate.find(word) != std::string_view::npos) {
            changes = std::min<std::size_t>(changes, 2);
        }
        if (changes < least) {
            least = changes;
            best = candidate;
        }
    }
    return best;
}

}  // namespace writeback
