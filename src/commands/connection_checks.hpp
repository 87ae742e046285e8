// What of a configuration only the peers can tell, and what `check-config --online` and `enable`
// both look at: token, permissions, the webhook's address, LDAP bind, rights, schema.
//
// Failures: each is a finding, with its remedy. Limits: the configured deadlines. They write
// nothing, in no store and no directory. Threads: one. Cancellation: that of the parts.
#pragma once

#include "commands/findings.hpp"
#include "commands/peers.hpp"

#include <writeback/async.hpp>
#include <writeback/config.hpp>

namespace writeback {

Async<void> check_graph(const Config& config, Graph& graph, Findings& findings);
// Listens itself while no daemon does.
Async<void> check_webhook(const Config& config, Peers& peers, Findings& findings);
Async<void> check_directory(const Config& config, ActiveDirectory& directory, Findings& findings);

}  // namespace writeback
