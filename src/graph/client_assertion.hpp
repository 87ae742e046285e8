// The signed statement by which a certificate's owner asks for a token: a JWT with PS256 and the
// certificate's SHA-256 thumbprint.
//
// Failures: invalid_configuration, naming the file. Units: it is valid for ten minutes from `now`.
// The key is read for each statement and not kept. Threads: none of its own.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/result.hpp>

#include <string>
#include <string_view>

namespace writeback {

struct AssertionClaims {
    std::string client_id;  // issuer and subject
    std::string audience;   // the token endpoint
    std::string id;         // a GUID
    Instant now{};
};

[[nodiscard]] Result<std::string> client_assertion(const std::string& certificate_file,
                                                   const std::string& private_key_file,
                                                   const AssertionClaims& claims);

}  // namespace writeback
