#include "intake/webhook_server.hpp"

#include "platform/loopback.hpp"
#include "platform/raw_client.hpp"
#include "platform/system_clock.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
using loopback::body_of;
using loopback::RawClient;
namespace asio = boost::asio;

namespace {

class MemoryLog final : public Log {
 public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
        const std::lock_guard lock(mutex_);
        text_ += std::string(event);
        for (const auto& field : fields) {
            if (const auto* text = std::get_if<std::string_view>(&field.value)) {
                text_ += " " + std::string(*text);
            }
        }
        text_ += "\n";
    }
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

 private:
    mutable std::mutex mutex_;
    std::string text_;
};

class MemoryMetrics final : public Metrics {
 public:
    void add(std::string_view counter, MetricLabels labels, double amount) override {
        std::string name(counter);
        for (const auto& [label, value] : labels)
            name += " " + std::string(value);
        const std::lock_guard lock(mutex_);
        values_[name] += amount;
    }
    void set(std::string_view, MetricLabels, double) override {}
    void observe(std::string_view histogram, MetricLabels, double) override {
        const std::lock_guard lock(mutex_);
        values_[std::string(histogram)] += 1;
    }
    double value(const std::string& name) {
        const std::lock_guard lock(mutex_);
        return values_[name];
    }

 private:
    std::mutex mutex_;
    std::map<std::string, double> values_;
};

// Keeps what it is given, or refuses to while `broken`.
class MemorySink final : public NotificationSink {
 public:
    Async<Result<BatchOutcome>> receive(std::vector<Notification> batch) override {
        if (broken) co_return failure(FailureKind::store, "The disk is full: /secret/path.");
        const std::lock_guard lock(mutex_);
        const BatchOutcome outcome{batch.size(), 0};
        for (auto& item : batch)
            kept_.push_back(std::move(item));
        co_return outcome;
    }
    std::size_t kept() const {
        const std::lock_guard lock(mutex_);
        return kept_.size();
    }
    std::atomic<bool> broken = false;

 private:
    mutable std::mutex mutex_;
    std::vector<Notification> kept_;
};

class Webhook {
 public:
    explicit Webhook(WebhookConfig config = {}) : clock_(context_.get_executor()) {
        if (config.public_url.empty()) config.public_url = "https://hooks.contoso.com/graph";
        if (!config.listen.starts_with("unix:")) config.listen = "127.0.0.1:0";
        auto opened = WebhookServer::open(context_.get_executor(), std::move(config), sink, log,
                                          metrics, clock_);
        REQUIRE(opened.has_value());
        server_ = std::move(*opened);
        asio::co_spawn(context_, server_->run(), asio::detached);
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~Webhook() {
        asio::post(context_, [this] { server_->stop(0ms); });
    }

    [[nodiscard]] std::string address() const { return server_->address(); }
    RawClient client() const { return RawClient(address()); }
    std::string ask(const std::string& request) const {
        auto one = client();
        one.send(request);
        return one.answer();
    }

    MemorySink sink;
    MemoryLog log;
    MemoryMetrics metrics;

 private:
    asio::io_context context_;
    SystemClock clock_;
    std::unique_ptr<WebhookServer> server_;
    std::jthread thread_;
};

std::string post(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: hooks.contoso.com\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string item(const std::string& more = "") {
    return R"({"changeType":"updated","clientState":"c","subscriptionId":"s","tenantId":"t",)" +
           more + R"("resource":"Groups/9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f"})";
}

std::string batch(const std::string& items) {
    return "{\"value\":[" + items + "]}";
}

bool status(const std::string& answer, int code) {
    const bool right = answer.starts_with("HTTP/1.1 " + std::to_string(code) + " ");
    if (!right) MESSAGE("answered: " << answer.substr(0, 200));
    return right;
}

}  // namespace

TEST_CASE("a batch is handed on and answered 202 without a body, on both paths") {
    Webhook webhook;
    const auto answer = webhook.ask(post("/graph/notifications", batch(item() + "," + item())));
    CHECK(status(answer, 202));
    CHECK(body_of(answer).empty());
    CHECK(webhook.sink.kept() == 2);
    CHECK(status(webhook.ask(post("/graph/lifecycle?x=1", batch(item()))), 202));
    CHECK(webhook.sink.kept() == 3);
    CHECK(webhook.metrics.value("notification_ack_seconds") == 2);
    CHECK(status(webhook.ask(post("/graph/notifications", batch(""))), 202));
}

TEST_CASE("a validation token goes back decoded, byte for byte, as text that nothing interprets") {
    const Webhook webhook;
    for (const auto* path : {"/graph/notifications", "/graph/lifecycle"}) {
        const auto answer = webhook.ask(
            "POST " + std::string(path) +
            "?a=b&validationToken=Validation%3a+Testing+%3Cscript%3E%26%2B%C3%BC%0D%0A HTTP/1.1\r\n"
            "Host: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\n\r\n");
        CHECK(status(answer, 200));
        CHECK(body_of(answer) == "Validation: Testing <script>&+\xc3\xbc\r\n");
        CHECK(answer.find("Content-Type: text/plain") != std::string::npos);
        CHECK(answer.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    }
    CHECK(webhook.sink.kept() == 0);
    CHECK(status(webhook.ask(post("/graph/notifications?validationToken=%zz", "")), 400));
    CHECK(status(
        webhook.ask(post("/graph/notifications?validationToken=" + std::string(5000, 'x'), "")),
        400));
}

TEST_CASE("everything but POST on the two paths is refused") {
    const Webhook webhook;
    for (const auto* path : {"/", "/graph", "/graph/", "/notifications", "/graph/notifications/",
                             "/graph/notificationsx", "/graph/%6eotifications", "/healthz", "*"}) {
        CHECK(status(webhook.ask(post(path, batch(item()))), 404));
    }
    for (const auto* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "FROBNICATE"}) {
        auto client = webhook.client();
        client.send(std::string(method) +
                    " /graph/notifications?validationToken=x HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.answer(method == std::string_view("HEAD"));
        CHECK(status(answer, 405));
        CHECK(answer.find("Allow: POST\r\n") != std::string::npos);
    }
    CHECK(webhook.sink.kept() == 0);
}

TEST_CASE("the public address decides the paths") {
    for (const auto& [url, path] : std::vector<std::pair<std::string, std::string>>{
             {"https://hooks.contoso.com", "/notifications"},
             {"https://hooks.contoso.com/", "/notifications"},
             {"https://hooks.contoso.com/a/b/", "/a/b/notifications"}}) {
        WebhookConfig config;
        config.public_url = url;
        const Webhook webhook(config);
        CHECK(status(webhook.ask(post(path, batch(item()))), 202));
    }
}

TEST_CASE("what cannot be kept is asked for again, and says nothing of why") {
    Webhook webhook;
    webhook.sink.broken = true;
    const auto answer = webhook.ask(post("/graph/notifications", batch(item())));
    CHECK(status(answer, 503));
    CHECK(answer.find("Retry-After: 5\r\n") != std::string::npos);
    CHECK(answer.find("secret") == std::string::npos);
    webhook.sink.broken = false;
    CHECK(status(webhook.ask(post("/graph/notifications", batch(item()))), 202));
}

TEST_CASE("what is no batch is 400, counted, and logged once for many") {
    Webhook webhook;
    for (int i = 0; i < 5; ++i)
        CHECK(status(webhook.ask(post("/graph/notifications", "rubbish")), 400));
    CHECK(webhook.metrics.value("notifications_received_total unreadable") == 5);
    CHECK(webhook.log.text().find("notifications-unreadable") ==
          webhook.log.text().rfind("notifications-unreadable"));
    CHECK(status(webhook.ask(post("/graph/notifications", batch("7," + item()))), 202));
    CHECK(webhook.sink.kept() == 1);
    CHECK(webhook.metrics.value("notifications_received_total unreadable") == 6);
}

TEST_CASE("a client state never comes into the log") {
    Webhook webhook;
    webhook.ask(post("/graph/notifications", batch("{\"clientState\":\"s3cr3t\"}")));
    webhook.ask(post("/graph/notifications", "{\"clientState\":\"s3cr3t\""));
    CHECK(webhook.log.text().find("notifications-unreadable") != std::string::npos);
    CHECK(webhook.log.text().find("s3cr3t") == std::string::npos);
}

TEST_CASE("too much is 413: bytes, and items") {
    WebhookConfig config;
    config.max_body = 4096;
    config.max_items = 3;
    const Webhook webhook(config);
    CHECK(status(webhook.ask(post("/graph/notifications", std::string(5000, ' '))), 413));
    CHECK(status(webhook.ask(post("/graph/notifications", batch("1,2,3,4"))), 413));
    CHECK(status(webhook.ask(post("/graph/notifications", batch("1,2,3"))), 202));
}

TEST_CASE("large batches, several at once, are all read") {
    Webhook webhook;
    const auto filler = "\"filler\":\"" + std::string(1000, 'x') + "\",";
    std::string items = item(filler);
    for (int i = 1; i < 500; ++i)
        items += "," + item(filler);
    const auto request = post("/graph/notifications", batch(items));
    REQUIRE(request.size() > 500'000);
    std::vector<RawClient> clients;
    for (int i = 0; i < 8; ++i)
        clients.push_back(webhook.client());
    for (auto& client : clients)
        client.send(request);
    CHECK(status(webhook.ask(post("/graph/notifications", batch(item()))), 202));
    for (auto& client : clients)
        CHECK(status(client.answer(), 202));
    CHECK(webhook.sink.kept() == 4001);
}

TEST_CASE("the webhook listens on a unix socket as well") {
    const loopback::Directory folder;
    WebhookConfig config;
    config.listen = "unix:" + folder.file("webhook.sock");
    const Webhook webhook(config);
    CHECK(webhook.address() == config.listen);
    CHECK(status(webhook.ask(post("/graph/notifications", batch(item()))), 202));
}

TEST_CASE("the webhook speaks TLS with a certificate of its own") {
    const loopback::Directory folder;
    loopback::make_certificate(folder, "hook", "IP:127.0.0.1");
    WebhookConfig config;
    config.tls_certificate_file = folder.file("hook.pem");
    config.tls_private_key_file = folder.file("hook.key");
    const Webhook webhook(config);
    asio::io_context context;
    loopback::run(context, [&]() -> Async<void> {
        const auto port = webhook.address().substr(webhook.address().rfind(':') + 1);
        ConnectRequest request{"127.0.0.1", port, "", *client_tls(folder.file("hook.pem")), 10s};
        auto stream = co_await connect(std::move(request));
        REQUIRE(stream.has_value());
        (*stream)->expires_after(10s);
        const auto text = post("/graph/notifications", batch(item()));
        co_await (*stream)->write(asio::buffer(text));
        std::string answer(4096, '\0');
        const auto got = co_await (*stream)->read_some(asio::buffer(answer));
        answer.resize(got.bytes);
        CHECK(status(answer, 202));
    }());
}

TEST_CASE("a webhook that cannot be opened says why") {
    asio::io_context context;
    SystemClock clock(context.get_executor());
    MemorySink sink;
    MemoryLog log;
    MemoryMetrics metrics;
    WebhookConfig config;
    config.public_url = "https://hooks.contoso.com/graph";
    config.listen = "192.0.2.1:1";
    auto refused = WebhookServer::open(context.get_executor(), config, sink, log, metrics, clock);
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail.find("192.0.2.1:1") != std::string::npos);
    config.listen = "127.0.0.1:0";
    config.tls_certificate_file = "/nowhere/hook.pem";
    config.tls_private_key_file = "/nowhere/hook.key";
    refused = WebhookServer::open(context.get_executor(), config, sink, log, metrics, clock);
    REQUIRE(refused.has_error());
    CHECK(refused.error().detail.find("/nowhere/hook") != std::string::npos);
}
