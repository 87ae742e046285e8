#include "simulation/process.hpp"

#include "core/selection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <utility>

namespace writeback::simulation {

// Metrics are told and not looked at: what they count is checked where it happens.
class Process::NoMetrics final : public Metrics {
 public:
    void add(std::string_view /*counter*/, MetricLabels /*labels*/, double /*amount*/) override {}
    void set(std::string_view /*gauge*/, MetricLabels /*labels*/, double /*value*/) override {}
    void observe(std::string_view /*name*/, MetricLabels /*labels*/, double /*value*/) override {}
};

Process::Process(const Config& config, Surroundings& surroundings, Role role, std::uint64_t seed)
    : config_(config),
      around_(surroundings),
      role_(role),
      random_(seed),
      metrics_(std::make_unique<NoMetrics>()) {}

Process::~Process() = default;

Result<Done> Process::start() {
    if (const auto done = open_store(); !done) return done;
    if (const auto done = build_story(); !done) return done;
    if (role_ == Role::once) {
        around_.loop.spawn_in_process(run_once());
        return Done{};
    }
    if (inbox_) build_webhook();
    around_.loop.spawn_in_process(directory_->keep_connected());
    around_.loop.spawn_in_process(serve_until_told());
    return Done{};
}

void Process::stop() {
    live_.set_draining();
    stop_.request_stop();
}

Result<Done> Process::open_store() {
    StoreOptions options;
    options.path = store_file;
    options.vfs = around_.disk.vfs();
    auto opened = SqliteStore::open(options);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    if (role_ == Role::once || !config_.webhook) return Done{};
    InboxOptions inbox_options;
    inbox_options.path = inbox_file;
    inbox_options.vfs = around_.disk.vfs();
    inbox_options.queue = config_.webhook->inbox_queue;
    auto inbox = SyncedInbox::open(inbox_options, around_.loop, random_.below(1U << 30U));
    if (!inbox) return inbox.error();
    inbox_ = std::move(*inbox);
    auto reader = InboxFile::open(inbox_options);
    if (!reader) return reader.error();
    inbox_reader_ = std::move(*reader);
    return Done{};
}

Result<Done> Process::build_story() {
    auto& clock = around_.loop.machine_clock();
    auto selection = group_selection(config_);
    if (!selection) return selection.error();
    graph_ = std::make_unique<Graph>(config_.graph, clock, random_, around_.log, *metrics_,
                                     std::move(*selection), around_.network.sender(config_.graph));
    directory_ =
        std::make_unique<ActiveDirectory>(around_.loop.process().get_executor(), config_.directory,
                                          clock, around_.log, *metrics_, around_.connectors);
    directory_->on_change([this](bool bound) {
        live_.set_directory(bound, directory_->server());
        if (story_) story_->directory_changed(bound);
    });
    const bool may_write = config_.groups.policy != Policy::report_only;
    SyncPorts ports{.config = config_,
                    .clock = clock,
                    .random = random_,
                    .log = around_.log,
                    .audit = around_.audit,
                    .metrics = *metrics_,
                    .store = *store_,
                    .changes = graph_->changes(),
                    .identities = graph_->identities(),
                    .directory = directory_->reader(),
                    .writer = may_write ? &directory_->writer() : nullptr,
                    .live = live_,
                    .accepted = accepted_};
    if (inbox_) {
        ports.inbox = inbox_reader_.get();
        ports.subscriptions = &graph_->subscriptions();
    }
    ports.end_cloud_calls = [this] { graph_->stop(); };
    ports.end_directory_calls = [this] { around_.loop.spawn_in_process(directory_->stop()); };
    story_ = std::make_unique<Story>(std::move(ports));
    return story_->prepare();
}

void Process::build_webhook() {
    auto& clock = around_.loop.machine_clock();
    sink_ =
        std::make_unique<Inbox>(*inbox_, accepted_, TenantId(config_.graph.tenant_id), clock,
                                around_.log, *metrics_, live_, [this] { story_->hints_arrived(); });
    webhook_ =
        std::make_unique<WebhookAnswers>(*config_.webhook, *sink_, around_.log, *metrics_, clock);
    around_.network.listen(
        [this](HttpRequest request) { return webhook_->answer(std::move(request)); });
}

Async<void> Process::serve_until_told() {
    co_await story_->serve(stop_.get_token());
    co_await directory_->stop();
    ended_ = true;
}

Async<void> Process::run_once() {
    report_.emplace(co_await story_->once(stop_.get_token()));
    co_await directory_->stop();
    ended_ = true;
}

}  // namespace writeback::simulation
