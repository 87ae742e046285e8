// What of a configuration only the peers can tell: token, permissions, the webhook's address, LDAP
// bind, rights, schema.
//
// Failures: each is a printed line, `problem:` with a remedy; the exit status is then 1. Limits:
// the configured deadlines. It writes nothing, in no store and no directory.
#pragma once

#include <writeback/config.hpp>

namespace writeback {

[[nodiscard]] int run_online_check(const Config& config);

}  // namespace writeback
