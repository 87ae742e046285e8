// The story on the production's directory room before model domain controllers: a tenant of the
// model on the other side, the real store on a disk in memory, one loop for all of it.
//
// Threads: one. Ownership: everything is the world's.
#pragma once

#include "directory/active_directory.hpp"
#include "fakes/model_clock.hpp"
#include "fakes/model_cloud.hpp"
#include "fakes/model_disk.hpp"
#include "fakes/recording.hpp"
#include "simulation/domain_controllers.hpp"
#include "store/sqlite_store.hpp"
#include "sync/story.hpp"

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace writeback::simulation {

class DirectoryWorld {
 public:
    explicit DirectoryWorld(DomainControllerOptions options);
    ~DirectoryWorld();

    Config config;
    fakes::ModelClock clock;
    fakes::ModelThread thread;
    fakes::ModelRandom random{7};
    fakes::RecordingLog log;
    fakes::RecordingAudit audit;
    fakes::RecordingMetrics metrics;
    fakes::ModelCloud cloud;
    fakes::ModelDisk disk{7};
    DomainControllers controllers;
    // Every write to a domain controller since the beginning.
    std::vector<TreeWrite> writes;

    // A synchronised user of the cloud: the lab's with that number.
    MemberId person(int number);
    // One run of `once`, in a process of its own.
    Result<OnceReport> once();
    // Runs `once` again, at growing distances, until nothing is owed. What then is owed yet, in
    // words.
    std::string come_to_rest();
    void serve();
    void stop();
    void wait(Duration time) { thread.run_for(time); }

    // In what the directory, once replicated, differs from what the cloud asks for; empty: in
    // nothing. Looks at SIDs too: each group keeps the one that it was first seen with.
    std::string difference();

 private:
    void open();
    void close();
    [[nodiscard]] const fakes::TreeEntry* object_of(const GroupId& group,
                                                    std::string& trouble) const;
    [[nodiscard]] std::string difference_of(const fakes::ModelCloud::Group& group,
                                            const fakes::TreeEntry* object) const;

    std::unique_ptr<LiveState> live_;
    std::unique_ptr<AcceptedSubscriptions> accepted_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<ActiveDirectory> directory_;
    std::unique_ptr<Story> story_;
    std::unique_ptr<std::stop_source> stop_;
    bool served_ = false;
    std::map<GroupId, Sid> sids_;
};

}  // namespace writeback::simulation
