#include "simulation/network.hpp"

#include <algorithm>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

namespace {

Failure unreachable() {
    return failure(FailureKind::unreachable, "No connection to Graph could be made.");
}

Failure disconnected() {
    return failure(FailureKind::disconnected, "The connection to Graph ended before the answer.");
}

emulator::Request request_of(const ClientRequest& request) {
    emulator::Request sent;
    sent.method = request.method;
    sent.target = request.address.target;
    sent.headers = request.headers;
    sent.headers.emplace_back("Host", host_header(request.address.origin));
    sent.body = request.body;
    return sent;
}

HttpAnswer answer_of(const emulator::Response& response) {
    HttpAnswer answer;
    answer.status = static_cast<unsigned>(response.status);
    answer.headers = response.headers;
    answer.body = response.body;
    return answer;
}

std::string_view bearer_of(const ClientRequest& request) {
    for (const auto& [name, value] : request.headers) {
        if (name == "Authorization") return std::string_view(value).substr(7);
    }
    return {};
}

// "/v1.0/groups/delta", without what is opaque.
std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

}  // namespace

// The daemon's HTTP client, as far as Graph can tell.
class Network::Sender final : public HttpSender {
 public:
    Sender(Network& network, const GraphConfig& config)
        : network_(network), timeout_(config.request_timeout) {}

    Async<Result<HttpAnswer>> send(ClientRequest request) override {
        if (stopped_) co_return failure(FailureKind::cancelled, "The program is stopping.");
        auto exchange = std::make_shared<Exchange>();
        exchange->alarm = network_.loop_.machine_clock().alarm();
        exchange->began = network_.loop_.time();
        open_.push_back(exchange);
        if (const auto token = bearer_of(request); !token.empty() && network_.on_token) {
            network_.on_token(std::string(token));
        }
        network_.loop_.spawn_in_world(network_.carry(request_of(request), exchange));
        co_await exchange->alarm->wait_for(timeout_);
        std::erase(open_, exchange);
        if (stopped_) co_return failure(FailureKind::cancelled, "The program is stopping.");
        if (exchange->answer) co_return std::move(*exchange->answer);
        co_return failure(FailureKind::timed_out, "Graph did not answer in time.");
    }

    void stop() override {
        stopped_ = true;
        for (const auto& exchange : open_)
            exchange->alarm->ring();
    }

 private:
    Network& network_;
    Duration timeout_;
    std::vector<std::shared_ptr<Exchange>> open_;
    bool stopped_ = false;
};

Network::Network(EventLoop& loop, Trace& trace, Chance chance, Duration longest_hop)
    : loop_(loop), trace_(trace), chance_(chance), longest_hop_(longest_hop) {}

std::unique_ptr<HttpSender> Network::sender(const GraphConfig& config) {
    return std::make_unique<Sender>(*this, config);
}

Duration Network::hop() {
    return chance_.between(Duration(1), std::max(longest_hop_, Duration(1)));
}

void Network::deliver(Exchange& exchange, Result<HttpAnswer> answer) {
    exchange.answer.emplace(std::move(answer));
    exchange.alarm->ring();
}

Async<void> Network::carry(emulator::Request request, std::shared_ptr<Exchange> exchange) {
    auto& clock = loop_.world_clock();
    co_await clock.sleep(hop());
    if (conditions.graph_unreachable) {
        deliver(*exchange, unreachable());
        co_return;
    }
    if (conditions.graph_silent) co_return;
    auto response = co_await service_->answer(request);
    trace_.tell("graph", request.method,
                {{"path", path_of(request.target)},
                 {"status", static_cast<std::int64_t>(response.status)},
                 {"bytes", static_cast<std::int64_t>(response.body.size())}});
    co_await clock.sleep(hop());
    if (conditions.answers_lost > 0) {
        --conditions.answers_lost;
        if (chance_.one_in(2)) deliver(*exchange, disconnected());
        co_return;
    }
    if (response.delivery == emulator::Delivery::cut_in_the_middle) {
        deliver(*exchange, disconnected());
        co_return;
    }
    if (on_cloud_exchange) on_cloud_exchange({request, response, exchange->began});
    deliver(*exchange, answer_of(response));
}

void Network::listen(Webhook webhook) {
    webhook_ = std::move(webhook);
}

void Network::cut() {
    webhook_ = nullptr;
    for (const auto& waiting : std::exchange(posts_, {})) {
        const auto post = waiting.lock();
        if (!post || post->answer) continue;
        post->cut = true;
        post->alarm->ring();
    }
}

// What leaves the process here is what Graph has been told, whatever happens to the process next.
Async<void> Network::serve(std::shared_ptr<Post> post, HttpRequest request) {
    const std::string target = request.path;
    auto response = co_await webhook_(std::move(request));
    if (on_webhook_answer) on_webhook_answer({target, post->body, response.status});
    post->answer = std::move(response);
    post->alarm->ring();
}

boost::asio::awaitable<emulator::PostOutcome> Network::post(emulator::WebAddress address,
                                                            std::string /*content_type*/,
                                                            std::string body,
                                                            std::chrono::milliseconds deadline) {
    auto& clock = loop_.world_clock();
    const Duration end = clock.monotonic() + deadline;
    emulator::PostOutcome outcome;
    co_await clock.sleep(hop());
    if (!webhook_ || conditions.webhook_unreachable) {
        outcome.detail = "nobody listens";
        co_return outcome;
    }
    auto post = std::make_shared<Post>();
    post->alarm = clock.alarm();
    post->body = body;
    posts_.push_back(post);
    HttpRequest request;
    request.method = "POST";
    const auto question = address.target.find('?');
    request.path = address.target.substr(0, question);
    if (question != std::string::npos) request.query = address.target.substr(question + 1);
    request.body = std::move(body);
    loop_.spawn_in_process(serve(post, std::move(request)));
    co_await post->alarm->wait_for(end - clock.monotonic());
    std::erase_if(posts_, [](const auto& other) { return other.expired(); });
    const Duration way_back = hop() + conditions.webhook_delay;
    const bool in_time = post->answer && clock.monotonic() + way_back <= end;
    if (!in_time && !post->cut) co_await clock.sleep(end - clock.monotonic());
    if (!in_time) {
        outcome.kind = post->cut ? emulator::PostOutcome::Kind::unreachable
                                 : emulator::PostOutcome::Kind::timed_out;
        co_return outcome;
    }
    co_await clock.sleep(way_back);
    outcome.kind = emulator::PostOutcome::Kind::answered;
    outcome.status = post->answer->status;
    outcome.headers = post->answer->headers;
    outcome.headers.emplace_back("Content-Type", post->answer->content_type);
    outcome.body = post->answer->body;
    trace_.tell("webhook", path_of(address.target),
                {{"status", static_cast<std::int64_t>(outcome.status)}});
    co_return outcome;
}

}  // namespace writeback::simulation
