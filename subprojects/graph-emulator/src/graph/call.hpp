// One call of the Graph API on its way through the router, and what the routes need to answer it.
//
// Ownership: Services refers to parts that the Emulator owns; a Call lives for one request.
// Threads: one.
#pragma once

#include "../base/clock.hpp"
#include "../base/json.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "../control/faults.hpp"
#include "../control/request_log.hpp"
#include "../delta/delta_query.hpp"
#include "../http/message.hpp"
#include "../notify/delivery.hpp"
#include "../notify/subscription.hpp"
#include "../settings.hpp"
#include "../tenant/tenant.hpp"
#include "access_tokens.hpp"
#include "permissions.hpp"
#include "resource_budget.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace emulator {

struct Services {
    const Settings& settings;
    Time& time;
    Clock& clock;
    Random& random;
    Tenant& tenant;
    DeltaQuery& delta;
    SubscriptionRegistry& subscriptions;
    NotificationDelivery& delivery;
    FaultPlan& faults;
    RequestLog& requests;
    AccessTokens& access_tokens;
    ResourceBudget& budget;
    ResourceBudget& write_budget;
    Permissions& permissions;
    std::size_t list_page_size;
};

struct Call {
    explicit Call(const Request& received) : request(received) {}

    const Request& request;
    bool beta = false;
    std::string base_url;               ///< "http://127.0.0.1:8401"
    std::string path;                   ///< below the version, decoded, without a leading slash
    std::vector<std::string> captures;  ///< what the {…} of the route stood for
    Parameters query;
    std::string request_id;
    std::string client_request_id;
    TimePoint time{};

    std::string version_url() const { return base_url + (beta ? "/beta" : "/v1.0"); }
    std::string context(std::string_view what) const {
        return version_url() + "/$metadata#" + std::string(what);
    }
};

Response json_response(int status, const json::value& body);
Response refuse(const Call& call, const Refusal& refusal);
Response no_content();

/// "Resource '…' does not exist or one of its queried reference-property objects are not present."
Refusal not_found(std::string_view id);
/// The body as an object; refused where it is none.
Result<json::object> json_body(const Call& call);

}  // namespace emulator
