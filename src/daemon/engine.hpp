// The parts that pull, plan and write, built in order from a configuration: what `serve`, `once`
// and `plan` have in common.
//
// Failures: building tells the first part that cannot be had (store locked, write-back disabled,
// audit file not writable, wrong setting). Ownership: the engine owns every part and ends them in
// reverse; config must outlive it. Threads: all on the thread that runs context(). Cancellation:
// the story's, by stop_token; end_calls() ends what waits for Graph or AD.
#pragma once

#include "admin/metrics.hpp"
#include "daemon/crash_point_ports.hpp"
#include "directory/active_directory.hpp"
#include "graph/graph.hpp"
#include "platform/json_log.hpp"
#include "platform/system_clock.hpp"
#include "platform/system_random.hpp"
#include "store/sqlite_inbox.hpp"
#include "store/sqlite_store.hpp"
#include "sync/plan_recorder.hpp"
#include "sync/ports.hpp"
#include "sync/story.hpp"

#include <writeback/config.hpp>

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace writeback {

enum class EngineRole {
    serve,  // with inbox and subscriptions, where the configuration has a webhook
    once,
    plan,     // on a throw-away copy of the store, with a recorder in the writer's place
    adopt,    // as once, with a quieter log, for a person reads it
    disable,  // as adopt, and the only one that writes while write-back is disabled
};

// The fact that the store keeps while write-back is disabled: what becomes of the groups, as
// "keep", "empty" or "delete".
inline constexpr const char* disabled_fact = "disabled";

// A folder that is removed with everything in it.
class ScratchFolder {
 public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

class Engine {
 public:
    [[nodiscard]] static Result<std::unique_ptr<Engine>> build(const Config& config,
                                                               EngineRole role);
    ~Engine();

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] Log& log() { return log_; }
    [[nodiscard]] Audit& audit() { return *audit_; }
    [[nodiscard]] MetricsRegistry& metrics() { return metrics_; }
    [[nodiscard]] LiveState& live() { return live_; }
    [[nodiscard]] AcceptedSubscriptions& accepted() { return accepted_; }
    [[nodiscard]] Graph& graph() { return *graph_; }
    [[nodiscard]] ActiveDirectory& directory() { return *directory_; }
    [[nodiscard]] Store& store() { return *store_; }
    [[nodiscard]] SqliteInbox* inbox() { return inbox_.get(); }
    [[nodiscard]] Story& story() { return *story_; }
    [[nodiscard]] const PlanRecorder& recorder() const { return recorder_; }

 private:
    Engine(const Config& config, EngineRole role);
    [[nodiscard]] Result<std::unique_ptr<SqliteStore>> open_copy();
    [[nodiscard]] Result<Done> open_store();
    [[nodiscard]] Result<Done> refuse_while_disabled();
    [[nodiscard]] Result<Done> open_audit();
    [[nodiscard]] Result<Done> build_story();

    const Config& config_;
    EngineRole role_;
    boost::asio::io_context context_{1};
    SystemClock clock_;
    SystemRandom random_;
    JsonLog log_;
    MetricsRegistry metrics_;
    std::unique_ptr<Audit> audit_;
    std::unique_ptr<ScratchFolder> scratch_;
    std::unique_ptr<SqliteStore> original_;  // `plan`: holds the lock while its copy is worked on
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<SqliteInbox> inbox_;
    std::unique_ptr<InboxFile> inbox_reader_;
    LiveState live_;
    AcceptedSubscriptions accepted_;
    std::unique_ptr<Graph> graph_;
    std::unique_ptr<ActiveDirectory> directory_;
    std::optional<CrashPointWriter> writer_;
    std::optional<CrashPointSubscriptions> subscriptions_;
    PlanRecorder recorder_;
    std::unique_ptr<Story> story_;
};

// Runs a coroutine of the engine to its end on this thread; SIGINT and SIGTERM ask `stop`.
void run_to_end(Engine& engine, Async<void> work, std::stop_source& stop);

template <class T>
Async<void> keep_result(Async<T> work, std::optional<T>& result) {
    result = co_await std::move(work);
}

// Runs one of the story's parts to its end, as `once`, `plan`, `disable` and `adopt` do; SIGINT and
// SIGTERM stop it.
template <class T>
[[nodiscard]] Result<T> run_story(Engine& engine,
                                  Async<Result<T>> (Story::*part)(std::stop_token)) {
    std::stop_source stop;
    std::optional<Result<T>> result;
    run_to_end(engine, keep_result((engine.story().*part)(stop.get_token()), result), stop);
    return std::move(*result);
}

}  // namespace writeback
