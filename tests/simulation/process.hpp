// One process of the daemon, built of production parts as daemon/engine builds it, on the models'
// clock, network, disk and directory.
//
// Failures: start() gives what the daemon's building would (the disk, mostly); the program would
// end with it and be started again. Ownership: surroundings outlive the process. A process is
// destroyed after EventLoop::end_process(), when no coroutine of it is left. Threads: the loop's.
// Cancellation: stop() as by SIGTERM; ending the loop's process as by SIGKILL.
#pragma once

#include "directory/active_directory.hpp"
#include "fakes/model_disk.hpp"
#include "fakes/recording.hpp"
#include "graph/graph.hpp"
#include "intake/webhook_answers.hpp"
#include "simulation/event_loop.hpp"
#include "simulation/network.hpp"
#include "simulation/synced_inbox.hpp"
#include "store/sqlite_store.hpp"
#include "sync/inbox.hpp"
#include "sync/story.hpp"

#include <writeback/config.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace writeback::simulation {

// What stands outside of the process.
struct Surroundings {
    EventLoop& loop;
    Network& network;
    fakes::ModelDisk& disk;
    LdapConnectors connectors;
    Log& log;
    Audit& audit;
};

// The files that the simulation's disk holds for the daemon.
inline constexpr const char* store_file = "/state.db";
inline constexpr const char* inbox_file = "/state.db-inbox";

class Process {
 public:
    enum class Role { serve, once };

    Process(const Config& config, Surroundings& surroundings, Role role, std::uint64_t seed);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Builds every part and sets the story going.
    [[nodiscard]] Result<Done> start();
    // As SIGTERM does; ended() tells when it is over.
    void stop();

    // The story has come to its end: the process would exit.
    [[nodiscard]] bool ended() const { return ended_; }
    // Of a `once` that has ended.
    [[nodiscard]] const std::optional<Result<OnceReport>>& report() const { return report_; }

    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] LiveState& live() { return live_; }
    [[nodiscard]] const AcceptedSubscriptions& accepted() const { return accepted_; }
    [[nodiscard]] bool bound() const { return directory_ && directory_->bound(); }
    [[nodiscard]] std::size_t hints_waiting() const { return inbox_ ? inbox_->waiting() : 0; }

 private:
    class NoMetrics;

    [[nodiscard]] Result<Done> open_store();
    [[nodiscard]] Result<Done> build_story();
    void build_webhook();
    Async<void> serve_until_told();
    Async<void> run_once();

    const Config& config_;
    Surroundings& around_;
    Role role_;
    fakes::ModelRandom random_;
    std::unique_ptr<NoMetrics> metrics_;
    LiveState live_;
    AcceptedSubscriptions accepted_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<SyncedInbox> inbox_;
    std::unique_ptr<InboxFile> inbox_reader_;
    std::unique_ptr<Graph> graph_;
    std::unique_ptr<ActiveDirectory> directory_;
    std::unique_ptr<Story> story_;
    std::unique_ptr<Inbox> sink_;
    std::unique_ptr<WebhookAnswers> webhook_;
    std::stop_source stop_;
    std::optional<Result<OnceReport>> report_;
    bool ended_ = false;
};

}  // namespace writeback::simulation
