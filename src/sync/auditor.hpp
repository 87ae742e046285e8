// Watches for what someone else changed in the directory: it marks, it never writes.
//
// A look asks for the groups below the containers whose uSNChanged lies above the watermark, and
// marks those whose number is not the one that our own last write or read left: each is read first
// and brought in line, or reported, in its turn. A group that is being worked on is looked at
// later: the watermark stays below its number. Deletions are not told this way, so some known
// groups are looked for at each look, in rotation. From time to time everything is read.
//
// Looks come each `directory.change_poll`, and at once where the server tells of changes. The
// watermark is in the store with the domain controller whose numbers it counts: edits made while we
// were down are found at the start, and another domain controller has every written group read.
// The cost of a look does not depend on the number of groups.
//
// Failures: those of the directory and the store; serve() tells them as a problem in the live state
// and looks again. Limits: DirectoryConfig::presence_check groups at a look. Threads: one.
// Cancellation: by `stop`, between calls; listen() may be in a call that only the directory's own
// stop ends.
#pragma once

#include "sync/bound_directory.hpp"
#include "sync/ports.hpp"

#include <writeback/store.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace writeback {

class Auditor {
 public:
    // Where the server tells of changes, a look comes at least so often.
    static constexpr Duration longest_between_looks = std::chrono::seconds(60);

    // is_running: whether the group is being worked on. found: something was marked.
    Auditor(SyncPorts& ports, const BoundDirectory& bound,
            std::function<bool(const GroupId&)> is_running, std::function<void()> found);

    // Looks again and again.
    Async<void> serve(std::stop_token stop);
    // Waits for the server's word of changes, for serve().
    Async<void> listen(std::stop_token stop);
    // One look. What fails is told, and nothing else waits for it.
    Async<void> look_once(std::stop_token stop);
    void wake();

 private:
    struct Watermark {
        std::int64_t usn = 0;
        std::string source;
        friend bool operator==(const Watermark&, const Watermark&) = default;
    };
    Async<Result<Done>> look(std::stop_token stop);
    Result<Done> read_watermark();
    Result<Done> keep_watermark();
    Result<Done> begin_anew(Watermark watermark);
    Async<Result<Done>> look_at_changes();
    Async<Result<Done>> look_for_missing();
    Result<Done> audit_all();
    Result<Done> take_in(const ChangedGroups& changed);
    Result<Done> take_in_some(const std::vector<ChangedGroup>& changed);
    // The written group that the change concerns, unless it was our own.
    Result<std::optional<GroupId>> concerned(const ChangedGroup& changed,
                                             const std::map<ObjectGuid, WrittenGroup>& written);
    Result<Done> mark(const std::vector<GroupId>& groups);
    void note(const Result<Done>& done);

    SyncPorts& ports_;
    const BoundDirectory& bound_;
    std::function<bool(const GroupId&)> is_running_;
    std::function<void()> found_;
    std::unique_ptr<Alarm> alarm_, listen_alarm_;
    std::optional<Watermark> watermark_;
    Watermark kept_;                             // as it stands in the store
    std::optional<Duration> kept_at_;            // monotonic
    std::optional<std::int64_t> put_off_;        // the lowest number of a change not yet looked at
    std::map<ObjectGuid, std::int64_t> marked_;  // above the watermark, and marked already
    GroupId looked_for_;                         // where the rotation stands
    std::int64_t deaf_session_ = 0;              // in this session the server tells of no changes
};

}  // namespace writeback
