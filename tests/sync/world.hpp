// A small world for stories: a tenant, a directory, the story between them on the real SQLite
// store, and a clock that a test moves.
#pragma once

#include "fakes/model_clock.hpp"
#include "fakes/model_cloud.hpp"
#include "fakes/model_directory.hpp"
#include "fakes/model_inbox.hpp"
#include "fakes/recording.hpp"
#include "store/sqlite_store.hpp"
#include "sync/inbox.hpp"
#include "sync/plan_recorder.hpp"
#include "sync/story.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace writeback::fakes {

class TemporaryFolder {
 public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

 private:
    std::filesystem::path path_;
};

class World {
 public:
    World();
    ~World();

    Config config;
    TemporaryFolder folder;
    ModelClock clock;
    ModelRandom random{7};
    RecordingLog log;
    RecordingAudit audit;
    RecordingMetrics metrics;
    ModelCloud cloud;
    ModelDirectory directory;
    ModelInbox inbox;
    // Of the process: they go with a crash.
    std::unique_ptr<LiveState> live;
    std::unique_ptr<AcceptedSubscriptions> accepted;
    std::unique_ptr<SqliteStore> store;
    std::unique_ptr<Story> story;
    std::unique_ptr<Inbox> webhook;
    std::unique_ptr<ModelThread> thread;
    bool with_webhook = false;
    std::string client_state;  // the content of client_state_file

    // Runs `once` in a process of its own.
    Result<OnceReport> once();
    // What `once` would do, on the store as it is.
    std::vector<RecordedOperation> plan();
    // The same as once(), to the end or to the moment when `ends` holds; then the process has
    // crashed, and nothing is given.
    std::optional<Result<OnceReport>> once_until(const bool& ends);
    // Starts `serve`; it runs while the test moves time.
    void serve();
    void stop();
    // The process ends here: nothing that waits goes on, nothing is cleaned up.
    void crash();
    // Lets a served world come to rest: nothing dirty that may be done now.
    bool settles(Duration limit = std::chrono::minutes(5));

    // Posts a notification to the webhook as Graph would.
    void post(std::vector<Notification> batch);

    [[nodiscard]] std::vector<Hold> holds();
    [[nodiscard]] Store::Counts counts();
    // Approves, rejects or requests as a command beside the daemon does.
    void decide(Decision decision, const std::string& id = "");
    void request_resync(const GroupId& group = {}) { request("resync", group); }
    void request(const std::string& kind, const GroupId& group);
    // True when the directory holds what the tenant asks for: every active group of the tenant
    // with exactly its synced members, by the default configuration.
    [[nodiscard]] std::string difference() const;
    // What was written since the last call.
    std::vector<std::string> written();

    static const Dn container;

 private:
    void open();
    void close();
    SyncPorts ports();

    std::unique_ptr<std::stop_source> stop_;
    bool served_ = false;
    std::size_t told_writes_ = 0;
};

// A synchronised user, with its account in the directory.
MemberId person(World& world, const std::string& name);
// "collision", "guard", … in the order of the holds.
std::vector<std::string> reasons_of(const std::vector<Hold>& holds);

}  // namespace writeback::fakes
