// Asks a running daemon's admin listener, for the commands `status` and `healthcheck`.
//
// Blocking, on the caller's thread, bounded by `timeout` in all. Failures: unreachable (no daemon
// there), timed_out, unreadable, too_large (an answer over 64 MiB).
#pragma once

#include <writeback/result.hpp>

#include <string>

namespace writeback {

struct AdminAnswer {
    int status = 0;
    std::string body;
};

// `listen` as in the configuration: "127.0.0.1:9464" or "unix:/path"; "0.0.0.0" and "[::]" are
// asked on loopback.
[[nodiscard]] Result<AdminAnswer> ask_admin(const std::string& listen, const std::string& path,
                                            Duration timeout);

}  // namespace writeback
