#include "service_on_foreign_time.hpp"

#include "../src/base/text.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <stdexcept>

namespace asio = boost::asio;

struct ForeignTime::Wait {
    virtual ~Wait() = default;
    virtual void end() = 0;
};

namespace {

template <class Handler>
struct WaitOf final : ForeignTime::Wait {
    explicit WaitOf(Handler handler) : waiter(std::move(handler)) {}
    void end() override {
        auto executor = asio::get_associated_executor(waiter);
        asio::post(executor, [waiter = std::move(waiter)]() mutable { std::move(waiter)(); });
    }
    Handler waiter;
};

}  // namespace

ForeignTime::ForeignTime() : start_(*emulator::parse_time("2026-01-05T08:00:00Z")) {}

ForeignTime::~ForeignTime() = default;

asio::awaitable<void> ForeignTime::pause(emulator::Duration time) {
    if (time.count() <= 0) co_return;
    auto begin = [this, time](auto handler) {
        waiting_.emplace(std::pair(steady_ + time, begun_++),
                         std::make_unique<WaitOf<decltype(handler)>>(std::move(handler)));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(begin,
                                                                         asio::use_awaitable);
}

bool ForeignTime::step(emulator::Duration limit) {
    if (waiting_.empty() || waiting_.begin()->first.first > limit) {
        steady_ = std::max(steady_, limit);
        return false;
    }
    auto next = waiting_.extract(waiting_.begin());
    steady_ = next.key().first;
    next.mapped()->end();
    return true;
}

asio::awaitable<emulator::PostOutcome> ForeignPoster::post(emulator::WebAddress address,
                                                           std::string content_type,
                                                           std::string body,
                                                           std::chrono::milliseconds deadline) {
    using Kind = emulator::PostOutcome::Kind;
    emulator::PostOutcome outcome;
    outcome.kind = Kind::answered;
    if (content_type.starts_with("text/plain")) {
        const auto query = address.target.substr(address.target.find('?') + 1);
        outcome.status = 200;
        outcome.headers = {{"Content-Type", "text/plain"}};
        outcome.body = emulator::parse_parameters(query)["validationToken"];
        co_return outcome;
    }
    const std::string url = "https://" + address.authority + address.target;
    delivered.push_back({time_.steady(), url, std::move(body), deadline});
    const Manner chosen = manner(url);
    co_await time_.pause(std::min(chosen.takes, deadline));
    if (chosen.takes > deadline) {
        outcome.kind = Kind::timed_out;
    } else {
        outcome.status = chosen.status;
    }
    co_return outcome;
}

ServiceOnForeignTime::ServiceOnForeignTime(emulator::Settings settings, std::uint64_t life)
    : service(std::make_unique<emulator::Service>(context.get_executor(), settings, time, poster,
                                                  life)) {}

ServiceOnForeignTime::~ServiceOnForeignTime() {
    service->stop();
}

void ServiceOnForeignTime::poll() {
    context.restart();
    context.poll();
}

void ServiceOnForeignTime::pass(emulator::Duration by) {
    const auto until = time.steady() + by;
    poll();
    while (time.step(until))
        poll();
}

emulator::Response ServiceOnForeignTime::ask(const std::string& method, const std::string& target,
                                             const json::value& body) {
    emulator::Request request{method, target, {{"Host", "graph.test"}}, {}};
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
    if (behind_tls) request.headers.emplace_back("X-Forwarded-Proto", "https");
    if (body.is_string()) {
        request.body = std::string(body.get_string());
    } else if (!body.is_null()) {
        request.body = json::serialize(body);
    }
    return answer_to(std::move(request));
}

emulator::Response ServiceOnForeignTime::ask_with(const std::string& method,
                                                  const std::string& target,
                                                  const emulator::Headers& headers) {
    emulator::Request request{method, target, headers, {}};
    request.headers.emplace_back("Host", "graph.test");
    return answer_to(std::move(request));
}

emulator::Response ServiceOnForeignTime::answer_to(emulator::Request request) {
    const std::string target = request.target;
    std::optional<emulator::Response> response;
    asio::co_spawn(context, service->answer(std::move(request)),
                   [&](const std::exception_ptr& thrown, emulator::Response answer) {
                       if (thrown) std::rethrow_exception(thrown);
                       response = std::move(answer);
                   });
    poll();
    const auto limit = time.steady() + std::chrono::hours(24);
    while (!response) {
        if (!time.step(limit)) throw std::runtime_error("unanswered: " + target);
        poll();
    }
    everything += std::to_string(time.steady().count()) + ' ' + std::to_string(response->status);
    for (const auto& [name, value] : response->headers)
        everything += '\n' + name + ": " + value;
    everything += "\n\n" + response->body + '\n';
    return *response;
}

void ServiceOnForeignTime::sign_in() {
    token_.clear();
    const auto request_token = [this] {
        return ask("POST", "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token",
                   json::string("grant_type=client_credentials&client_secret=emulator-secret"
                                "&client_id=66666666-7777-8888-9999-000000000000"
                                "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"));
    };
    auto answer = request_token();
    while (sign_in_patiently &&
           (answer.status != 200 || answer.delivery != emulator::Delivery::whole)) {
        pass(std::chrono::seconds(1));
        answer = request_token();
    }
    token_ = std::string(json::parse(answer.body).at("access_token").as_string());
}

emulator::Response ServiceOnForeignTime::call(const std::string& method,
                                              const std::string& below_version,
                                              const json::value& body) {
    if (token_.empty()) sign_in();
    return ask(method, "/v1.0" + below_version, body);
}

json::object ServiceOnForeignTime::get(const std::string& below_version) {
    const auto answer = call("GET", below_version);
    if (answer.status != 200) throw std::runtime_error(below_version + ": " + answer.body);
    return json::parse(answer.body).as_object();
}

std::string ServiceOnForeignTime::create_group(const std::string& name) {
    const auto answer = call("POST", "/groups",
                             json::object{{"displayName", name},
                                          {"mailNickname", "nick"},
                                          {"mailEnabled", false},
                                          {"securityEnabled", true}});
    return std::string(json::parse(answer.body).at("id").as_string());
}

std::string ServiceOnForeignTime::subscribe(const std::string& url,
                                            const std::string& lifecycle_url) {
    const auto expires = service->clock().now() + std::chrono::hours(24 * 28);
    json::object body{{"changeType", "updated,deleted"},
                      {"notificationUrl", url},
                      {"resource", "groups"},
                      {"expirationDateTime", emulator::utc_text(expires)},
                      {"clientState", "s3cret"}};
    if (!lifecycle_url.empty()) body["lifecycleNotificationUrl"] = lifecycle_url;
    const auto answer = call("POST", "/subscriptions", body);
    if (answer.status != 201) throw std::runtime_error(answer.body);
    return std::string(json::parse(answer.body).at("id").as_string());
}
