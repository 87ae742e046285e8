// The token endpoint of the identity platform: client credentials with a secret or a signed
// assertion.
//
// Failures: AADSTS errors in their own JSON shape. Secrets: neither secret nor assertion is logged.
// Threads: one.
#pragma once

#include "../http/message.hpp"
#include "call.hpp"

#include <string>

namespace emulator {

/// `tenant` is the first segment of the path.
Response answer_token_request(const Services& services, const Call& call,
                              const std::string& tenant);

/// Checks a JWT that is signed with the key of the certificate (PEM text): PS256 with x5t#S256, or
/// RS256 with x5t. Yields the AADSTS error, whose code is a decimal number, or nothing.
struct AssertionExpectation {
    std::string certificate_pem;
    std::string client_id;
    std::string token_path;  ///< "/{tenant}/oauth2/v2.0/token", which the audience must end with
    TimePoint now;
};
Verdict check_assertion(std::string_view assertion, const AssertionExpectation& expected);

}  // namespace emulator
