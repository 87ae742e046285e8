// The network between the daemon and Graph, both ways: it takes time, loses what it is told to
// lose, and is cut when the process ends.
//
// What the daemon asked reaches Graph also when the daemon has ended meanwhile; what Graph posts
// reaches only a process that runs. Failures: unreachable, timed_out and disconnected to the
// daemon, as its HTTP client tells them; PostOutcome to Graph. Ownership: loop, service and trace
// outlive it; open exchanges belong to both ends. Threads: the loop's.
#pragma once

#include "graph/http_sender.hpp"
#include "platform/http_server.hpp"
#include "simulation/chance.hpp"
#include "simulation/event_loop.hpp"
#include "simulation/trace.hpp"

#include <functional>
#include <graph_emulator/service.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace writeback::simulation {

struct NetworkConditions {
    bool graph_unreachable = false;  // no connection
    bool graph_silent = false;       // connections, and no answers
    int answers_lost = 0;            // so many requests reach Graph, and their answers get lost
    bool webhook_unreachable = false;
    Duration webhook_delay{};  // of each answer to Graph
};

// One request of the daemon that Graph has answered, for whoever keeps an account of them.
struct CloudExchange {
    const emulator::Request& request;
    const emulator::Response& response;
    Duration began{};  // when the daemon sent it
};

// One answer of the daemon on its way to Graph.
struct WebhookExchange {
    const std::string& target;
    const std::string& body;
    int status = 0;
};

class Network final : public emulator::Poster {
 public:
    Network(EventLoop& loop, Trace& trace, Chance chance, Duration longest_hop);

    NetworkConditions conditions;
    // The bearer token of each request of the daemon: a secret that must show nowhere.
    std::function<void(const std::string& token)> on_token;
    std::function<void(const CloudExchange&)> on_cloud_exchange;
    std::function<void(const WebhookExchange&)> on_webhook_answer;

    // Who answers for Graph; to be set before anything is sent.
    void connect(emulator::Service& service) { service_ = &service; }
    // The daemon's end of the way to Graph; it belongs to one process.
    [[nodiscard]] std::unique_ptr<HttpSender> sender(const GraphConfig& config);
    // The daemon's webhook listens, until the process ends.
    using Webhook = std::function<Async<HttpResponse>(HttpRequest)>;
    void listen(Webhook webhook);
    // The process has ended: nobody listens, and who waits for its answers is told.
    void cut();

    boost::asio::awaitable<emulator::PostOutcome> post(emulator::WebAddress address,
                                                       std::string content_type, std::string body,
                                                       std::chrono::milliseconds deadline) override;

 private:
    class Sender;
    struct Exchange {
        std::unique_ptr<Alarm> alarm;
        std::optional<Result<HttpAnswer>> answer;
        Duration began{};
    };
    struct Post {
        std::unique_ptr<Alarm> alarm;
        std::optional<HttpResponse> answer;
        std::string body;
        bool cut = false;
    };

    [[nodiscard]] Duration hop();
    Async<void> carry(emulator::Request request, std::shared_ptr<Exchange> exchange);
    static void deliver(Exchange& exchange, Result<HttpAnswer> answer);
    Async<void> serve(std::shared_ptr<Post> post, HttpRequest request);

    EventLoop& loop_;
    Trace& trace_;
    Chance chance_;
    Duration longest_hop_;
    emulator::Service* service_ = nullptr;
    Webhook webhook_;
    std::list<std::weak_ptr<Post>> posts_;
};

}  // namespace writeback::simulation
