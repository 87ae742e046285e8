#include "daemon/daemon.hpp"

#include "admin/admin_server.hpp"
#include "daemon/engine.hpp"
#include "daemon/status_source.hpp"
#include "intake/webhook_server.hpp"
#include "platform/descriptor_limit.hpp"
#include "platform/sd_notify.hpp"
#include "sync/inbox.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdlib>
#include <stop_token>
#include <thread>

namespace writeback {

namespace asio = boost::asio;

namespace {

constexpr Duration listener_grace = std::chrono::seconds(5);
// For the store, the inbox, the log, the loops, the connections to the directory, and clients of
// either listener that are just being told to come again.
constexpr std::size_t other_descriptors = 192;

// A loop with a thread of its own, from start() to finish().
class LoopThread {
 public:
    [[nodiscard]] asio::io_context& loop() { return loop_; }
    void start() {
        thread_ = std::thread([this] { loop_.run(); });
    }
    // Ends when nothing runs on the loop any more.
    void finish() {
        work_.reset();
        thread_.join();
    }

 private:
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
    std::thread thread_;
};

}  // namespace

// The two listeners beside the engine, each on a thread of its own: what reads the store for a
// status page must not delay an answer to Graph.
struct Daemon::Parts {
    explicit Parts(const Config& configuration) : config(configuration) {}

    Result<Done> build();
    Result<Done> build_webhook();
    Result<Done> build_admin();
    [[nodiscard]] WebhookConfig webhook_within_descriptors();
    void run();
    void on_signal();
    void drain();
    Async<void> live_until_told();
    Async<void> tell_watchdog(Duration interval);

    const Config& config;
    std::unique_ptr<Engine> engine;
    LoopThread edge;
    LoopThread office;
    SystemClock edge_clock{edge.loop().get_executor()};
    SystemClock office_clock{office.loop().get_executor()};
    std::unique_ptr<Inbox> sink;
    std::unique_ptr<DaemonStatus> status;
    std::unique_ptr<WebhookServer> webhook;
    std::unique_ptr<AdminServer> admin;
    ServiceManager service_manager = ServiceManager::from_environment();
    std::stop_source stop;
    std::optional<asio::signal_set> signals;
    asio::steady_timer last_resort{edge.loop()};
    std::exception_ptr failed;
};

Result<Done> Daemon::Parts::build() {
    auto built = Engine::build(config, EngineRole::serve);
    if (!built) return built.error();
    engine = std::move(*built);
    if (config.webhook) {
        if (const auto done = build_webhook(); !done) return done.error();
    }
    return build_admin();
}

// A crowd at the webhook must leave everything else its descriptors.
WebhookConfig Daemon::Parts::webhook_within_descriptors() {
    WebhookConfig webhook_config = *config.webhook;
    const auto others = other_descriptors + static_cast<std::size_t>(config.admin.max_connections) +
                        static_cast<std::size_t>(config.graph.max_connections);
    const int wanted = webhook_config.max_connections;
    const auto available = raise_descriptor_limit(others + static_cast<std::size_t>(wanted));
    webhook_config.max_connections = clients_within(available, others, wanted);
    if (webhook_config.max_connections < wanted) {
        engine->log().write(
            LogLevel::warning, "descriptors-short",
            {{"limit", static_cast<std::int64_t>(available)},
             {"max_connections", std::int64_t{webhook_config.max_connections}},
             {"detail",
              "The limit of open files lets the webhook have fewer connections than "
              "webhook.max_connections; raise it (LimitNOFILE, ulimit -n) or lower the setting."}});
    }
    return webhook_config;
}

Result<Done> Daemon::Parts::build_webhook() {
    sink = std::make_unique<Inbox>(*engine->inbox(), engine->accepted(),
                                   TenantId(config.graph.tenant_id), edge_clock, engine->log(),
                                   engine->metrics(), engine->live(),
                                   [this] { engine->story().hints_arrived(); });
    auto opened = WebhookServer::open(edge.loop().get_executor(), webhook_within_descriptors(),
                                      *sink, engine->log(), engine->metrics(), edge_clock);
    if (!opened) return opened.error();
    webhook = std::move(*opened);
    return Done{};
}

Result<Done> Daemon::Parts::build_admin() {
    auto reader = SqliteStore::open({.path = config.store.path, .access = StoreAccess::read_only});
    if (!reader) return reader.error();
    status =
        std::make_unique<DaemonStatus>(config, engine->live(), std::move(*reader), office_clock);
    auto opened = AdminServer::open(office.loop().get_executor(), config.admin, *status,
                                    engine->metrics(), engine->log(), office_clock);
    if (!opened) return opened.error();
    admin = std::move(*opened);
    return Done{};
}

void Daemon::Parts::run() {
    crash_before(DurableStep::start);
    if (webhook) asio::co_spawn(edge.loop(), webhook->run(), asio::detached);
    asio::co_spawn(office.loop(), admin->run(), asio::detached);
    edge.start();
    office.start();

    signals.emplace(engine->context(), SIGINT, SIGTERM);
    on_signal();
    if (const auto interval = service_manager.watchdog_interval()) {
        asio::co_spawn(engine->context(), tell_watchdog(*interval), asio::detached);
    }
    engine->log().write(LogLevel::info, "daemon-started",
                        {{"version", WRITEBACK_VERSION},
                         {"webhook", webhook ? std::string_view(webhook->address()) : "none"},
                         {"admin", admin->address()}});
    service_manager.ready();
    crash_after(DurableStep::start);
    asio::co_spawn(engine->context(), live_until_told(), [this](std::exception_ptr error) {
        failed = error;
        engine->context().stop();
    });
    engine->context().run();

    asio::post(edge.loop(), [this] {
        last_resort.cancel();
        if (webhook) webhook->stop(Duration(0));
    });
    asio::post(office.loop(), [this] { admin->stop(Duration(0)); });
    edge.finish();
    office.finish();
    if (failed) std::rethrow_exception(failed);
    engine->log().write(LogLevel::info, "daemon-stopped", {});
    crash_after(DurableStep::stop);
}

Async<void> Daemon::Parts::live_until_told() {
    asio::co_spawn(engine->context(), engine->directory().keep_connected(), asio::detached);
    co_await engine->story().serve(stop.get_token());
    co_await engine->directory().stop();
}

Async<void> Daemon::Parts::tell_watchdog(Duration interval) {
    while (true) {
        service_manager.alive();
        co_await engine->clock().sleep(interval);
    }
}

void Daemon::Parts::on_signal() {
    signals->async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        if (stop.stop_requested()) std::_Exit(1);  // told twice: at once
        drain();
        on_signal();
    });
}

void Daemon::Parts::drain() {
    engine->log().write(LogLevel::info, "daemon-draining", {});
    crash_before(DurableStep::stop);
    service_manager.stopping();
    engine->live().set_draining();
    asio::post(edge.loop(), [this] {
        if (webhook) webhook->stop(listener_grace);
        // Everything that matters is durable at any moment, so the deadline may cut whatever hangs.
        last_resort.expires_after(drain_limit);
        last_resort.async_wait([this](boost::system::error_code error) {
            if (error) return;
            engine->log().write(LogLevel::warning, "drain-cut-off", {});
            std::_Exit(0);
        });
    });
    stop.request_stop();
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::build(const Config& config) {
    auto parts = std::make_unique<Parts>(config);
    if (const auto done = parts->build(); !done) return done.error();
    return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

void Daemon::run() {
    parts_->run();
}

}  // namespace writeback
