// A token from the machine's own identity: Azure's instance metadata service, or the Azure Arc
// agent on machines on premises.
//
// Failures: credentials where the machine has no identity or the agent's answer is not to be
// believed; those of the HTTP client. Neither place is asked through the proxy. Threads,
// cancellation: as HttpSender.
#pragma once

#include "graph/http_sender.hpp"

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <string>

namespace writeback {

struct ManagedIdentityPlaces {
    std::string instance_metadata = "http://169.254.169.254";
    std::string arc = "http://localhost:40342";
    std::string arc_agent = "/opt/azcmagent/bin/himds";  // its presence tells that Arc is there
    // The agent names a file whose content it wants to see; only files in here are shown to it.
    std::string arc_tokens = "/var/opt/azcmagent/tokens";
};

// The token endpoint's answer. client_id chooses a user-assigned identity; empty: the machine's
// own.
Async<Result<HttpAnswer>> ask_managed_identity(HttpSender& http, ManagedIdentityPlaces places,
                                               std::string resource, std::string client_id);

}  // namespace writeback
