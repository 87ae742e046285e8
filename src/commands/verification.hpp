// Compares every written group with AD, many at once: what `verify` prints.
//
// It only reads, and works beside a running daemon: a group that the daemon has just written is
// compared anew before it counts as different. Failures: those of the store and of the directory;
// nothing is concluded from a read that failed. Limits: directory.groups_at_once groups at once
// within the directory's window. Ownership: store, reader and clock outlive it. Threads: one.
// Cancellation: the reader's.
#pragma once

#include "core/drift.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/directory.hpp>
#include <writeback/store.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

struct GroupFinding {
    GroupId group;
    std::string name;
    Dn dn;
    std::vector<std::string> differences;  // sentences; none of a pending group
};

struct VerificationReport {
    std::int64_t groups = 0;
    std::vector<GroupFinding> different;  // in id order
    std::vector<GroupFinding> pending;    // a change waits to be written: not compared
};

class Verification {
 public:
    // progress: is called now and then with the number of groups compared so far.
    Verification(Store& store, DirectoryReader& reader, Clock& clock, DriftRules rules,
                 std::function<void(std::int64_t)> progress);

    Async<Result<VerificationReport>> run(int groups_at_once);

 private:
    enum class Verdict { equal, different, pending, ask_again };

    Async<void> work(std::size_t& working, Alarm& ended);
    Async<Result<Done>> compare(WrittenGroup group);
    Async<Result<Verdict>> look(GroupId group, GroupFinding& finding);
    [[nodiscard]] Result<std::optional<WrittenGroup>> next();
    [[nodiscard]] Result<bool> is_pending(const GroupId& group);
    [[nodiscard]] Result<Done> add_missing();
    [[nodiscard]] std::string name_of_group(const WrittenGroup& group);

    Store& store_;
    DirectoryReader& reader_;
    Clock& clock_;
    DriftRules rules_;
    std::function<void(std::int64_t)> progress_;
    std::deque<WrittenGroup> waiting_;
    GroupId after_;
    bool all_read_ = false;
    std::optional<Failure> failed_;
    VerificationReport report_;
};

}  // namespace writeback
