#include "graph/graph.hpp"

#include "graph/access_token.hpp"
#include "graph/delta_reader.hpp"
#include "graph/directory_objects.hpp"
#include "graph/graph_caller.hpp"
#include "graph/http_client.hpp"
#include "graph/subscriptions.hpp"

#include <utility>

namespace writeback {

struct Graph::Parts {
    Parts(const GraphConfig& config, Clock& clock, Random& random, Log& log, Metrics& metrics,
          GroupSelection selection, std::unique_ptr<HttpSender> sender)
        : http(sender ? std::move(sender) : std::make_unique<HttpClient>(config)),
          token(config, *http, clock, random, log, metrics),
          caller(config, *http, token, clock, random, log, metrics),
          delta_reader(caller, addresses_of(config).endpoint, std::move(selection),
                       config.client_id),
          directory_objects(caller),
          subscriptions(caller) {}

    std::unique_ptr<HttpSender> http;
    AccessToken token;
    GraphCaller caller;
    DeltaReader delta_reader;
    DirectoryObjects directory_objects;
    Subscriptions subscriptions;
};

Graph::Graph(GraphConfig config, Clock& clock, Random& random, Log& log, Metrics& metrics,
             GroupSelection selection, std::unique_ptr<HttpSender> sender)
    : parts_(std::make_unique<Parts>(config, clock, random, log, metrics, std::move(selection),
                                     std::move(sender))) {}

Graph::~Graph() = default;

ChangeSource& Graph::changes() {
    return parts_->delta_reader;
}
IdentitySource& Graph::identities() {
    return parts_->directory_objects;
}
SubscriptionService& Graph::subscriptions() {
    return parts_->subscriptions;
}

Async<Result<Done>> Graph::check_token() {
    const auto token = co_await parts_->token.get();
    if (token.has_error()) co_return token.error();
    co_return Done{};
}

void Graph::stop() {
    parts_->caller.stop();
    parts_->http->stop();
}

}  // namespace writeback
