#include "graph/origin.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace writeback {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string without_slash(std::string text) {
    while (text.ends_with('/'))
        text.pop_back();
    return text;
}

// What a request line can carry without being read as something else.
bool is_sendable(std::string_view target) {
    return std::all_of(target.begin(), target.end(),
                       [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bool is_default_port(const WebOrigin& origin) {
    return origin.port == (origin.tls ? "443" : "80");
}

}  // namespace

std::optional<Address> parse_address(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    // Only the authority goes through the strict parser: Graph's tokens are opaque, and go back
    // byte for byte.
    const auto authority_end = std::min(url.find_first_of("/?#", scheme_end + 3), url.size());
    const auto parsed = boost::urls::parse_uri(url.substr(0, authority_end));
    if (parsed.has_error() || parsed->has_userinfo() || parsed->host().empty()) return std::nullopt;
    // Boost.URL 1.81 takes "127.0.0.1.example" for the host 127.0.0.1 and a path.
    if (!parsed->encoded_path().empty()) return std::nullopt;
    const std::string scheme = lower(parsed->scheme());
    if (scheme != "http" && scheme != "https") return std::nullopt;

    Address address;
    address.origin.tls = scheme == "https";
    address.origin.host = lower(parsed->host_type() == boost::urls::host_type::ipv6
                                    ? parsed->host_ipv6_address().to_string()
                                    : std::string(parsed->host()));
    address.origin.port = parsed->port();
    if (address.origin.port.empty()) address.origin.port = address.origin.tls ? "443" : "80";
    address.target = std::string(url.substr(authority_end));
    if (!address.target.starts_with('/')) address.target.insert(0, "/");
    if (!is_sendable(address.target) || !is_sendable(address.origin.host)) return std::nullopt;
    return address;
}

std::string host_header(const WebOrigin& origin) {
    std::string text =
        origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
    if (!is_default_port(origin)) text += ":" + origin.port;
    return text;
}

std::string to_text(const WebOrigin& origin) {
    return (origin.tls ? "https://" : "http://") + host_header(origin);
}

std::optional<Address> on_origin(const WebOrigin& origin, std::string_view link) {
    if (link.starts_with('/') && !link.starts_with("//")) {
        if (!is_sendable(link)) return std::nullopt;
        return Address{origin, std::string(link)};
    }
    auto address = parse_address(link);
    if (!address || address->origin != origin) return std::nullopt;
    return address;
}

bool has_query_parameter(std::string_view url, std::string_view name) {
    const auto question = url.find('?');
    if (question == std::string_view::npos) return false;
    const std::string wanted = lower(name);
    std::string_view query = url.substr(question + 1);
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view parameter = query.substr(0, end);
        std::string key = lower(parameter.substr(0, std::min(parameter.find('='), end)));
        if (key.starts_with("%24")) key.replace(0, 3, "$");
        if (key == wanted) return true;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return false;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            encoded.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded.push_back('%');
        encoded.push_back(digits[byte >> 4]);
        encoded.push_back(digits[byte & 15]);
    }
    return encoded;
}

CloudAddresses addresses_of(const GraphConfig& config) {
    CloudAddresses addresses;
    switch (config.cloud) {
        case Cloud::global:
            addresses = {"https://login.microsoftonline.com", "https://graph.microsoft.com", ""};
            break;
        case Cloud::usgov:
            addresses = {"https://login.microsoftonline.us", "https://graph.microsoft.us", ""};
            break;
        case Cloud::usgov_dod:
            addresses = {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us", ""};
            break;
        case Cloud::china:
            addresses = {"https://login.chinacloudapi.cn",
                         "https://microsoftgraph.chinacloudapi.cn", ""};
            break;
    }
    addresses.resource = addresses.endpoint;
    if (!config.authority.empty()) addresses.authority = without_slash(config.authority);
    if (!config.endpoint.empty()) addresses.endpoint = without_slash(config.endpoint);
    return addresses;
}

}  // namespace writeback
