// Everything that stands in a history, and the lives of the daemon on it: starts, ends by chance at
// any step, and starts again, as a service manager has it.
//
// Failures: broken invariants are kept in violations(); what the daemon throws comes out of
// run_for(). Ownership: the stage owns all models; the process goes before them. Threads: one.
#pragma once

#include "fakes/model_disk.hpp"
#include "simulation/chance.hpp"
#include "simulation/cloud_side.hpp"
#include "simulation/directory_side.hpp"
#include "simulation/event_loop.hpp"
#include "simulation/invariants_hints.hpp"
#include "simulation/invariants_secrets.hpp"
#include "simulation/invariants_throttling.hpp"
#include "simulation/invariants_writes.hpp"
#include "simulation/network.hpp"
#include "simulation/oracle.hpp"
#include "simulation/process.hpp"
#include "simulation/scenario.hpp"
#include "simulation/trace.hpp"
#include "simulation/violations.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace writeback::simulation {

class Stage {
 public:
    Stage(const Scenario& scenario, Trace& trace);
    ~Stage();
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    // --- the daemon's lives ---
    void start();
    // The process ends at this step of its event loop from now on.
    void end_at_step(std::uint64_t steps_from_now, bool with_the_machine);
    // The process ends with the disk call that fails next.
    void end_at_disk_failure(bool with_the_machine);
    // SIGTERM, to the end.
    void stop();
    // No one starts the daemon again from now on.
    void stay_down(bool down) { stays_down_ = down; }
    [[nodiscard]] bool runs() const { return process_ != nullptr && loop.process_runs(); }
    [[nodiscard]] Process& process() { return *process_; }
    [[nodiscard]] std::int64_t lives() const { return lives_; }
    // The daemon's files are gone; it must be down.
    void lose_store();
    [[nodiscard]] bool store_was_lost() const { return store_lost_; }
    // Runs `once` on what the disk holds; the daemon must be down.
    [[nodiscard]] Result<OnceReport> once();

    // --- time ---
    void run_for(Duration time);
    bool run_until(const std::function<bool()>& done, Duration limit);

    // --- the store, from a connection beside the daemon's ---
    void with_store(const std::function<void(Store&)>& use);
    [[nodiscard]] std::vector<Hold> holds();
    [[nodiscard]] std::optional<Store::Counts> counts();

    const Scenario& scenario;
    Trace& trace;
    Violations violations;
    Config config;  // of the next process
    Chance chance;
    EventLoop loop;
    Network network;
    CloudSide cloud;
    DirectorySide directory;
    fakes::ModelDisk disk;
    ReadLog log;
    Oracle oracle;
    WriteInvariants writes;
    AcknowledgedHints hints;
    WaitsWhenTold waits;

 private:
    void connect_models();
    void build_process(Process::Role role);
    [[nodiscard]] bool must_end();
    void end_process();
    void start_again_later(Duration pause);

    Surroundings around_;
    std::unique_ptr<Process> process_;
    Config process_config_;
    std::optional<std::uint64_t> ends_at_step_;
    std::optional<std::int64_t> ends_after_failures_;
    bool with_the_machine_ = false;
    bool stays_down_ = false;
    bool starting_ = false;
    bool store_lost_ = false;
    std::int64_t lives_ = 0;
};

}  // namespace writeback::simulation
