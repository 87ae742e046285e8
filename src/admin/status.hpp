// The status for its readers: JSON for programs (the contract of `status --json` and
// /api/v1/status), a table for terminals, a page for browsers. Pure; threads: any.
#pragma once

#include <writeback/clock.hpp>
#include <writeback/result.hpp>
#include <writeback/status.hpp>

#include <string>
#include <string_view>

namespace writeback {

[[nodiscard]] std::string status_json(const Status& status);
// The other way round, for a command that asks a running daemon. Failure: unreadable.
[[nodiscard]] Result<Status> read_status_json(std::string_view text);

// For a terminal; `now` makes instants readable ("4 s ago").
[[nodiscard]] std::string status_text(const Status& status, Instant now);

// A whole HTML page without scripts; all its styling is within the page.
[[nodiscard]] std::string status_page(const Status& status, Instant now);
// The Content-Security-Policy that such a page is sent with.
[[nodiscard]] const std::string& status_page_policy();

}  // namespace writeback
