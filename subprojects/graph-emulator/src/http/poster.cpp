#include "poster.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace emulator {

std::optional<WebAddress> parse_web_address(std::string_view url) {
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed || parsed->has_userinfo() || parsed->host().empty()) return std::nullopt;
    WebAddress address;
    if (parsed->scheme() == "https") {
        address.secure = true;
        address.port = 443;
    } else if (parsed->scheme() != "http") {
        return std::nullopt;
    }
    if (parsed->has_port()) {
        if (parsed->port_number() == 0) return std::nullopt;
        address.port = parsed->port_number();
    }
    address.host = std::string(parsed->host_address());
    const auto authority = parsed->encoded_host_and_port();
    address.authority.assign(authority.data(), authority.size());
    const auto target = parsed->encoded_target();
    address.target.assign(target.data(), target.size());
    if (address.target.empty() || address.target.front() != '/') address.target.insert(0, "/");
    return address;
}

}  // namespace emulator
