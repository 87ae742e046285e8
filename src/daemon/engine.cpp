#include "daemon/engine.hpp"

#include "core/selection.hpp"
#include "platform/audit_file.hpp"
#include "platform/secret_file.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdlib>
#include <unistd.h>

namespace writeback {

ScratchFolder::ScratchFolder() {
    auto pattern =
        (std::filesystem::temp_directory_path() / "group-writeback-plan-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(),
                                "no folder can be made at " + pattern);
    }
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Result<std::unique_ptr<Engine>> Engine::build(const Config& config, EngineRole role) {
    std::unique_ptr<Engine> engine(new Engine(config, role));
    if (const auto point = std::getenv("GROUP_WRITEBACK_CRASH_AT")) {
        engine->log().write(LogLevel::warning, "crash-point-armed", {{"point", point}});
    }
    for (const auto step : {&Engine::open_store, &Engine::refuse_while_disabled,
                            &Engine::open_audit, &Engine::build_story}) {
        if (const auto done = (engine.get()->*step)(); !done) return done.error();
    }
    return engine;
}

namespace {

Result<std::unique_ptr<SqliteStore>> open_owned(const std::string& path) {
    return SqliteStore::open({.path = path, .access = StoreAccess::owner});
}

// What a person reads besides, the log keeps quiet about what goes well.
LogLevel level_of(const Config& config, EngineRole role) {
    switch (role) {
        case EngineRole::plan:
            return LogLevel::error;
        case EngineRole::adopt:
        case EngineRole::disable:
            return LogLevel::warning;
        case EngineRole::serve:
        case EngineRole::once:
            break;
    }
    return log_level(config.log.level).value_or(LogLevel::info);
}

}  // namespace

Engine::Engine(const Config& config, EngineRole role)
    : config_(config),
      role_(role),
      clock_(context_.get_executor()),
      log_(STDERR_FILENO, level_of(config, role), clock_),
      metrics_(WRITEBACK_VERSION),
      recorder_(random_) {}

Engine::~Engine() = default;

// A plan before the first run leaves no trace either: it begins with a store of its own.
Result<std::unique_ptr<SqliteStore>> Engine::open_copy() {
    scratch_ = std::make_unique<ScratchFolder>();
    const std::string copy = (scratch_->path() / "state.db").string();
    std::error_code ignored;
    if (!std::filesystem::exists(config_.store.path, ignored)) return open_owned(copy);
    auto opened = open_owned(config_.store.path);
    if (!opened) return opened.error();
    original_ = std::move(*opened);
    return original_->copy_to(copy);
}

Result<Done> Engine::open_store() {
    auto opened = role_ == EngineRole::plan ? open_copy() : open_owned(config_.store.path);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    if (role_ == EngineRole::serve && config_.webhook) {
        const InboxOptions options{.path = config_.store.path + "-inbox",
                                   .queue = config_.webhook->inbox_queue};
        auto inbox = SqliteInbox::open(options);
        if (!inbox) return inbox.error();
        inbox_ = std::move(*inbox);
        auto reader = InboxFile::open(options);
        if (!reader) return reader.error();
        inbox_reader_ = std::move(*reader);
    }
    return Done{};
}

// A plan is shown all the same: it tells what `enable` would let happen.
Result<Done> Engine::refuse_while_disabled() {
    if (role_ == EngineRole::plan || role_ == EngineRole::disable) return Done{};
    const auto disabled = store_->fact(disabled_fact);
    if (!disabled) return disabled.error();
    if (!*disabled) return Done{};
    return failure(FailureKind::refused,
                   "write-back is disabled (`disable --groups " + **disabled +
                       "` was carried out, or begun); `group-writeback enable` turns it on again");
}

Result<Done> Engine::open_audit() {
    if (role_ == EngineRole::plan || config_.log.audit_file.empty()) {
        audit_ = std::make_unique<NoAudit>();
        return Done{};
    }
    auto file = AuditFile::open(config_.log.audit_file, log_);
    if (!file) return file.error();
    audit_ = std::move(*file);
    return Done{};
}

Result<Done> Engine::build_story() {
    auto selection = group_selection(config_);
    if (!selection) return selection.error();
    graph_ = std::make_unique<Graph>(config_.graph, clock_, random_, log_, metrics_,
                                     std::move(*selection));
    directory_ = std::make_unique<ActiveDirectory>(context_.get_executor(), config_.directory,
                                                   clock_, log_, metrics_);
    directory_->on_change([this](bool bound) {
        live_.set_directory(bound, directory_->server());
        if (story_) story_->directory_changed(bound);
    });

    // Law 10: under report-only no writer is constructed. A plan has a recorder in its place.
    DirectoryWriter* writer = nullptr;
    if (role_ == EngineRole::plan) {
        writer = &recorder_;
    } else if (config_.groups.policy != Policy::report_only) {
        writer = &writer_.emplace(directory_->writer());
    }
    SyncPorts ports{.config = config_,
                    .clock = clock_,
                    .random = random_,
                    .log = log_,
                    .audit = *audit_,
                    .metrics = metrics_,
                    .store = *store_,
                    .changes = graph_->changes(),
                    .identities = graph_->identities(),
                    .directory = directory_->reader(),
                    .writer = writer,
                    .live = live_,
                    .accepted = accepted_};
    if (role_ == EngineRole::plan) ports.witness = &recorder_;
    if (inbox_) {
        ports.inbox = inbox_reader_.get();
        ports.subscriptions = &subscriptions_.emplace(graph_->subscriptions());
        if (const auto& file = config_.webhook->client_state_file; !file.empty()) {
            auto secret = read_secret(file);
            if (!secret) return secret.error();
            ports.client_state = std::move(*secret);
        }
    }
    ports.end_cloud_calls = [this] { graph_->stop(); };
    ports.end_directory_calls = [this] {
        boost::asio::co_spawn(context_, directory_->stop(), boost::asio::detached);
    };
    story_ = std::make_unique<Story>(std::move(ports));
    return story_->prepare();
}

void run_to_end(Engine& engine, Async<void> work, std::stop_source& stop) {
    boost::asio::signal_set signals(engine.context(), SIGINT, SIGTERM);
    signals.async_wait([&stop](boost::system::error_code error, int) {
        if (!error) stop.request_stop();
    });
    std::exception_ptr failed;
    auto whole = [](Engine& parts, Async<void> inner) -> Async<void> {
        co_await std::move(inner);
        co_await parts.directory().stop();
    };
    boost::asio::co_spawn(engine.context(), whole(engine, std::move(work)),
                          [&](std::exception_ptr error) {
                              failed = error;
                              signals.cancel();
                              engine.context().stop();
                          });
    engine.context().run();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace writeback
