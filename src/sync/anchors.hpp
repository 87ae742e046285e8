// Which objects in the directory bear our mark: asked before anything is created, so that nothing
// is created while an object with the anchor exists (law 5), and after a lost store, so that its
// groups are found again (law 12).
//
// Many look-ups are served by one crawl of the containers, kept for its session; a few are asked
// one by one. Before a create the answer is never older than `trusted_for`.
//
// Failures: those of the port. Limits: one entry a marked object. Threads: one.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/directory.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace writeback {

class Anchors {
 public:
    static constexpr Duration trusted_for = std::chrono::minutes(5);
    // From this many groups to look for on, one crawl is cheaper than single searches.
    static constexpr std::size_t worth_a_crawl = 8;

    Anchors(SyncPorts& ports, const BoundDirectory& bound);

    // The objects that bear the group's mark: none, one, or (a fault) more. expected: how many
    // groups are to be looked for in all.
    Async<Result<std::vector<MarkedObject>>> find(GroupId group, std::size_t expected);
    // What we know because we did it.
    void created(const GroupId& group, const CreatedGroup& object);
    void gone(const GroupId& group);
    // Someone else has changed the directory: the next look-up asks it anew.
    void distrust();

 private:
    struct Crawl {
        std::int64_t session = 0;
        Duration at{};
        std::map<GroupId, std::vector<MarkedObject>> marked;
    };
    [[nodiscard]] bool is_trusted() const;
    Async<Result<Done>> crawl();

    SyncPorts& ports_;
    const BoundDirectory& bound_;
    std::optional<Crawl> crawl_;
    // While one coroutine crawls the others wait for it.
    bool crawling_ = false;
    std::vector<std::shared_ptr<Alarm>> waiting_;
};

}  // namespace writeback
