#include "simulation/stage.hpp"

#include "simulation/secret_files.hpp"
#include "store/sqlite_store.hpp"

#include <stdexcept>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

namespace {

// Later than any machine's clock, so that nothing depends on when a history runs.
const Instant beginning = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

Config completed(Config config, const std::string& client_secret,
                 std::vector<std::string> servers) {
    config.graph.client_secret_file = secret_file("graph", client_secret);
    config.directory.password_file = secret_file("directory", directory_password);
    config.directory.servers = std::move(servers);
    config.store.path = store_file;
    return config;
}

}  // namespace

Stage::Stage(const Scenario& the_scenario, Trace& the_trace)
    : scenario(the_scenario),
      trace(the_trace),
      violations(the_trace),
      config(the_scenario.config),
      chance(the_scenario.seed * 3 + 7),
      loop(beginning),
      network(loop, trace, Chance(scenario.seed ^ 0x6e6574U), scenario.hop),
      cloud(loop, network, trace, scenario),
      directory(loop, trace, scenario),
      disk(scenario.seed ^ 0x6469736bU),
      log(trace, violations),
      oracle(cloud, loop, scenario.config),
      writes(violations, oracle, directory, loop, scenario),
      hints(violations, scenario.config.graph.tenant_id),
      waits(violations, scenario.hop),
      around_{loop, network, disk, directory.connectors(), log, log} {
    config = completed(std::move(config), cloud.client_secret(), directory.servers());
    connect_models();
}

Stage::~Stage() {
    stays_down_ = true;
    network.cut();
    if (loop.process_runs()) loop.end_process();
    disk.kill();
    process_.reset();
    loop.close();
}

void Stage::connect_models() {
    trace.follow(loop.world_clock());
    log.keep_secret(cloud.client_secret());
    log.keep_secret(directory_password);
    cloud.make_account = [this](const std::string& name) { return directory.make_person(name); };
    cloud.make_synced_group = [this](const std::string& name) {
        return directory.make_synced_group(name);
    };
    cloud.on_change = [this](ObjectIndex object) { oracle.changed(object); };
    network.on_token = [this](const std::string& token) { log.keep_secret(token); };
    network.on_cloud_exchange = [this](const CloudExchange& exchange) {
        hints.exchanged(exchange);
        waits.exchanged(exchange, loop.time());
        writes.exchanged(exchange);
    };
    network.on_webhook_answer = [this](const WebhookExchange& exchange) {
        hints.answered(exchange, process_->accepted(), loop.time());
        hints.check_refused(disk);
    };
    directory.on_write = [this](const TreeWrite& write) { writes.written(write); };
    loop.process_ends = [this] { return must_end(); };
    loop.on_process_end = [this] { end_process(); };
}

void Stage::build_process(Process::Role role) {
    ++lives_;
    trace.tell("process", "started", {{"life", lives_}});
    process_config_ = config;
    ends_at_step_.reset();
    ends_after_failures_.reset();
    loop.begin_process();
    process_ = std::make_unique<Process>(process_config_, around_, role, chance.below(1U << 30U));
    const auto started = process_->start();
    if (started) return;
    trace.tell("process", "did-not-start", {{"detail", started.error().detail}});
    log.read("the start's failure", started.error().detail);
    end_process();
}

void Stage::start() {
    if (!process_) build_process(Process::Role::serve);
}

void Stage::end_at_step(std::uint64_t steps_from_now, bool with_the_machine) {
    if (!runs()) return;
    ends_at_step_ = loop.process_steps() + steps_from_now;
    with_the_machine_ = with_the_machine;
}

void Stage::end_at_disk_failure(bool with_the_machine) {
    if (!runs()) return;
    ends_after_failures_ = disk.failed();
    with_the_machine_ = with_the_machine;
}

bool Stage::must_end() {
    if (ends_at_step_ && loop.process_steps() >= *ends_at_step_) return true;
    if (ends_after_failures_ && disk.failed() > *ends_after_failures_) return true;
    return process_ && process_->ended();
}

// Nothing of the process gets a turn any more: what it told the disk and the network stands.
void Stage::end_process() {
    const bool by_itself = process_ && process_->ended();
    const bool with_the_machine = std::exchange(with_the_machine_, false) && !by_itself;
    trace.tell("process",
               by_itself          ? "ended"
               : with_the_machine ? "power-lost"
                                  : "killed",
               {{"step", static_cast<std::int64_t>(loop.process_steps())}});
    ends_at_step_.reset();
    ends_after_failures_.reset();
    network.cut();
    disk.mend();
    if (with_the_machine) {
        disk.crash();
    } else {
        disk.kill();
    }
    loop.end_process();
    process_.reset();
    directory.process_ended();
    hints.check(disk, loop.time());
    waits.process_ended();
    if (!stays_down_) start_again_later(chance.between(100ms, 20s));
}

void Stage::start_again_later(Duration pause) {
    if (std::exchange(starting_, true)) return;
    loop.spawn_in_world([](Stage& stage, Duration wait) -> Async<void> {
        co_await stage.loop.world_clock().sleep(wait);
        stage.starting_ = false;
        if (!stage.stays_down_) stage.start();
    }(*this, pause));
}

void Stage::stop() {
    if (!runs()) return;
    process_->stop();
    if (!run_until([this] { return !runs(); }, 2min)) {
        violations.report("stop", "The daemon did not end within two minutes of being told to.");
    }
}

Result<OnceReport> Stage::once() {
    build_process(Process::Role::once);
    if (!process_) return failure(FailureKind::internal, "The daemon did not start.");
    std::optional<Result<OnceReport>> report;
    // The process goes away with its end, and its report with it.
    loop.process_ends = [&] {
        if (process_->ended()) report = process_->report();
        return must_end();
    };
    run_until([this] { return !runs(); }, 2h);
    loop.process_ends = [this] { return must_end(); };
    if (report) return std::move(*report);
    return failure(FailureKind::internal, "`once` did not end within two hours.");
}

void Stage::lose_store() {
    trace.tell("trouble", "store-lost", {});
    for (const auto& [name, content] : disk.contents())
        disk.remove(name);
    store_lost_ = true;
    writes.store_lost();
}

void Stage::run_for(Duration time) {
    run_until([] { return false; }, time);
}

bool Stage::run_until(const std::function<bool()>& done, Duration limit) {
    return loop.run_until([&] { return violations.any() || done(); }, limit);
}

void Stage::with_store(const std::function<void(Store&)>& use) {
    StoreOptions options;
    options.path = store_file;
    options.access = StoreAccess::shared;
    options.vfs = disk.vfs();
    const auto opened = SqliteStore::open(options);
    if (opened) use(**opened);
}

std::vector<Hold> Stage::holds() {
    std::vector<Hold> found;
    const auto read = [&](Store& store) {
        if (auto holds = store.holds()) found = std::move(*holds);
    };
    if (runs()) {
        read(process_->store());
    } else {
        with_store(read);
    }
    return found;
}

std::optional<Store::Counts> Stage::counts() {
    std::optional<Store::Counts> found;
    const auto read = [&](Store& store) {
        if (auto counts = store.counts()) found = std::move(*counts);
    };
    if (runs()) {
        read(process_->store());
    } else {
        with_store(read);
    }
    return found;
}

}  // namespace writeback::simulation
