#include "access_tokens.hpp"

#include "../base/text.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::size_t most_tokens = 10000;

Refusal unauthorized(std::string message) {
    return {401, "InvalidAuthenticationToken", std::move(message)};
}

}  // namespace

std::string AccessTokens::issue() {
    // Looks like a JWT, as Graph's tokens do; what is inside is nobody's business but the issuer's.
    const std::string token = base64url(R"({"typ":"JWT","alg":"RS256"})") + '.' +
                              base64url(R"({"aud":"https://graph.microsoft.com"})") + '.' +
                              base64url(random_.guid() + random_.guid());
    expiry_[token] = clock_.now() + lifetime;
    in_order_.push_back(token);
    if (in_order_.size() > most_tokens) {
        expiry_.erase(in_order_.front());
        in_order_.pop_front();
    }
    return token;
}

Verdict AccessTokens::check(const Request& request) {
    const auto header = request.header("Authorization");
    if (!header || header->size() <= 7 || !equal_ignoring_case(header->substr(0, 7), "Bearer ")) {
        return unauthorized("Access token is empty.");
    }
    const auto found = expiry_.find(trimmed(header->substr(7)));
    if (found == expiry_.end()) {
        return unauthorized("CompactToken parsing failed with error code: 80049217");
    }
    if (found->second <= clock_.now()) {
        return unauthorized("Access token has expired or is not yet valid.");
    }
    return std::nullopt;
}

void AccessTokens::expire_all() {
    const TimePoint now = clock_.now();
    for (auto& [token, expiry] : expiry_)
        expiry = std::min(expiry, now);
}

}  // namespace emulator
