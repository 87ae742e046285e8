// The token endpoint that a machine in Azure has (IMDS), and the one that Azure Arc's agent has.
//
// Where the settings name a folder for Arc's keys, requests with one of Arc's API versions are
// challenged: a file appears there, and who sends its content gets a token. Failures: 400 in IMDS's
// JSON shape; 401 with the challenge; 500 where the file can't be written. Limits: one key at a
// time, which is used up by one request. Threads: one.
#pragma once

#include "call.hpp"

#include <string_view>

namespace emulator {

inline constexpr std::string_view managed_identity_path = "/metadata/identity/oauth2/token";
/// Microsoft's own library asks for this one.
inline constexpr std::string_view managed_identity_path_with_slash =
    "/metadata/identity/oauth2/token/";

Response answer_managed_identity(const Services& services, const Call& call);

}  // namespace emulator
