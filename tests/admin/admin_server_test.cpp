#include "admin/admin_server.hpp"

#include "admin/admin_client.hpp"
#include "admin/example_status.hpp"
#include "admin/status.hpp"
#include "platform/loopback.hpp"
#include "platform/raw_client.hpp"
#include "platform/system_clock.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace writeback;
using namespace std::chrono_literals;
using loopback::body_of;
using loopback::RawClient;
namespace asio = boost::asio;

namespace {

class QuietLog final : public Log {
 public:
    void write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

class ExampleSource final : public StatusSource {
 public:
    Result<Status> status() override {
        if (broken) return failure(FailureKind::store, "The store cannot be read.");
        return example_status();
    }
    Readiness readiness() override {
        if (ready) return {true, {}};
        return {false, {"The directory is not bound.", "No subscription is valid."}};
    }
    std::atomic<bool> ready = true;
    std::atomic<bool> broken = false;
};

class Admin {
 public:
    explicit Admin(const std::string& address = "127.0.0.1:0")
        : metrics("1.2.3"), clock_(context_.get_executor()) {
        AdminConfig config;
        config.listen = address;
        auto opened =
            AdminServer::open(context_.get_executor(), config, source, metrics, log_, clock_);
        REQUIRE(opened.has_value());
        server_ = std::move(*opened);
        asio::co_spawn(context_, server_->run(), asio::detached);
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~Admin() {
        asio::post(context_, [this] { server_->stop(0ms); });
    }

    [[nodiscard]] std::string address() const { return server_->address(); }
    std::string get(const std::string& path, const std::string& method = "GET") const {
        RawClient client(address());
        client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return client.answer(method == "HEAD");
    }

    ExampleSource source;
    MetricsRegistry metrics;

 private:
    QuietLog log_;
    asio::io_context context_;
    SystemClock clock_;
    std::unique_ptr<AdminServer> server_;
    std::jthread thread_;
};

bool status(const std::string& answer, int code) {
    const bool right = answer.starts_with("HTTP/1.1 " + std::to_string(code) + " ");
    if (!right) MESSAGE("answered: " << answer.substr(0, 200));
    return right;
}

}  // namespace

TEST_CASE("the admin pages say what they are for") {
    const Admin admin;
    CHECK(body_of(admin.get("/healthz")) == "alive\n");
    const auto metrics = admin.get("/metrics");
    CHECK(status(metrics, 200));
    CHECK(metrics.find("Content-Type: text/plain; version=0.0.4") != std::string::npos);
    CHECK(metrics.find("group_writeback_build_info{version=\"1.2.3\"} 1\n") != std::string::npos);
    const auto api = admin.get("/api/v1/status?x=1");
    CHECK(api.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(body_of(api) == status_json(example_status()) + "\n");
    const auto page = admin.get("/");
    CHECK(page.find("Content-Security-Policy: " + status_page_policy() + "\r\n") !=
          std::string::npos);
    CHECK(body_of(page).starts_with("<!DOCTYPE html>"));
    CHECK(status(admin.get("/favicon.ico"), 404));
}

TEST_CASE("readiness is told with its reasons") {
    Admin admin;
    CHECK(status(admin.get("/readyz"), 200));
    admin.source.ready = false;
    const auto answer = admin.get("/readyz");
    CHECK(status(answer, 503));
    CHECK(body_of(answer) == "The directory is not bound.\nNo subscription is valid.\n");
    CHECK(status(admin.get("/healthz"), 200));
}

TEST_CASE("the admin listener only reads") {
    const Admin admin;
    for (const auto* method : {"POST", "PUT", "DELETE", "PATCH"}) {
        const auto answer = admin.get("/api/v1/status", method);
        CHECK(status(answer, 405));
        CHECK(answer.find("Allow: GET, HEAD\r\n") != std::string::npos);
    }
    const auto head = admin.get("/metrics", "HEAD");
    CHECK(status(head, 200));
    CHECK(body_of(head).empty());
}

TEST_CASE("a status that cannot be read is 503 with its reason") {
    Admin admin;
    admin.source.broken = true;
    const auto answer = admin.get("/api/v1/status");
    CHECK(status(answer, 503));
    CHECK(body_of(answer) == "The store cannot be read.\n");
    CHECK(status(admin.get("/"), 503));
    CHECK(status(admin.get("/metrics"), 200));
}

TEST_CASE("the commands ask a running daemon, over TCP and over a unix socket") {
    const loopback::Directory folder;
    for (const auto& address : {std::string("127.0.0.1:0"), "unix:" + folder.file("admin.sock")}) {
        Admin admin(address);
        const auto answer = ask_admin(admin.address(), "/api/v1/status", 10s);
        REQUIRE(answer.has_value());
        CHECK(answer->status == 200);
        CHECK(read_status_json(answer->body).has_value());
        admin.source.ready = false;
        const auto readiness = ask_admin(admin.address(), "/readyz", 10s);
        REQUIRE(readiness.has_value());
        CHECK(readiness->status == 503);
    }
}

TEST_CASE("where no daemon answers, the commands say so") {
    const auto nobody = ask_admin("unix:/nowhere/admin.sock", "/readyz", 1s);
    REQUIRE(nobody.has_error());
    CHECK(nobody.error().kind == FailureKind::unreachable);
    CHECK(nobody.error().detail.find("unix:/nowhere/admin.sock") != std::string::npos);
    CHECK(ask_admin("nonsense", "/readyz", 1s).error().kind == FailureKind::invalid_configuration);

    asio::io_context context;
    const auto silent = *listen(context.get_executor(), "127.0.0.1:0", nullptr);
    const auto late = ask_admin(silent->address(), "/readyz", 50ms);
    REQUIRE(late.has_error());
    CHECK(late.error().kind == FailureKind::timed_out);
}
