// Addresses: which server a URL belongs to, and Microsoft's clouds. Pure.
//
// A token is sent to one origin only, so every link that a peer names is split here and compared.
// Failures: an empty optional for what is no http(s) address. Threads: values.
#pragma once

#include <writeback/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace writeback {

// Scheme, host and port; compared as RFC 6454 does, the host in lower case.
struct WebOrigin {
    bool tls = true;
    std::string host;  // without brackets
    std::string port;  // always set
    friend bool operator==(const WebOrigin&, const WebOrigin&) = default;
};

struct Address {
    WebOrigin origin;
    std::string target;  // path and query as they came, "/" at least
};

// Takes an absolute http or https URL apart. User information, a fragment, blanks and control
// characters make it none.
[[nodiscard]] std::optional<Address> parse_address(std::string_view url);

// "https://graph.microsoft.com", with the port where it is not the scheme's own.
[[nodiscard]] std::string to_text(const WebOrigin& origin);
// What the Host header says: host and, where it is not the scheme's own, port.
[[nodiscard]] std::string host_header(const WebOrigin& origin);

// A link that a peer named, absolute or beginning with "/", when it stays on `origin`.
[[nodiscard]] std::optional<Address> on_origin(const WebOrigin& origin, std::string_view link);

// True when the query has a parameter of this name ("$skiptoken"), encoded or not, in any case.
[[nodiscard]] bool has_query_parameter(std::string_view url, std::string_view name);

// Everything but RFC 3986's unreserved characters as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

struct CloudAddresses {
    std::string authority;  // of the token endpoint, without a slash at its end
    std::string endpoint;   // of Graph, without a slash at its end
    std::string resource;   // what tokens are asked for; overriding the endpoint doesn't change it
};
[[nodiscard]] CloudAddresses addresses_of(const GraphConfig& config);

}  // namespace writeback
