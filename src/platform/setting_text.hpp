// What the texts of settings mean: durations, sizes, limits, addresses, names. Pure.
//
// Failures: invalid_configuration, with half a sentence that says what is wrong and what to write
// instead ("is no duration: write \"60s\" …"); whoever knows the setting's name puts it in front.
// Threads: any.
#pragma once

#include <writeback/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// A value as messages repeat it: in quotes, on one line, shortened.
[[nodiscard]] std::string in_quotes(std::string_view value);

// "250ms", "60s", "5m", "24h", "7d".
[[nodiscard]] Result<Duration> read_duration(std::string_view text);
// The other way round, in the largest unit that tells it exactly.
[[nodiscard]] std::string duration_text(Duration duration);

// "64KiB", "1MiB", "1GiB", "512B".
[[nodiscard]] Result<std::size_t> read_size(std::string_view text);
[[nodiscard]] std::string size_text(std::size_t bytes);

// "5%".
[[nodiscard]] Result<Limit> read_percentage(std::string_view text);

// "localhost", 127.0.0.0/8 and ::1, the last with or without brackets.
[[nodiscard]] bool is_loopback(std::string_view host);

// "127.0.0.1:8443", "[::1]:8443" or "unix:/path".
struct ListenAddress {
    std::string host;  // without brackets; empty for a unix socket
    std::uint16_t port = 0;
    std::string path;  // of a unix socket
    [[nodiscard]] bool is_local() const { return host.empty() || is_loopback(host); }
};
[[nodiscard]] Result<ListenAddress> read_listen_address(std::string_view text);

// A URL of scheme, host, and optionally port and path; nothing else. A slash at its end is cut off.
struct WebAddress {
    std::string scheme;
    std::string host;
    std::string port;  // empty: the scheme's
    std::string path;  // empty, or "/…" without a slash at its end
    std::string text;  // the whole, without a slash at its end
};
[[nodiscard]] Result<WebAddress> read_web_address(std::string_view text);

// A distinguished name as a person writes it: "OU=Cloud Groups,DC=contoso,DC=com".
[[nodiscard]] Result<Done> check_distinguished_name(std::string_view text);

// The one of `known` that `word` was most likely meant to be; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& known);

}  // namespace writeback
