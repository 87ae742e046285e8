// How a group's turn ends: settled, held, released, or put off.
#include "core/drift.hpp"
#include "core/retry.hpp"
#include "sync/group_run.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// A deletion waits for the end of its round; the verdict marks the group again.
constexpr Duration unjudged_wait = std::chrono::seconds(30);

}  // namespace

GroupRun::Step GroupRun::settle(std::vector<Hold> holds, std::vector<MemberId> owed) {
    outcome_.settled = true;
    outcome_.holds = std::move(holds);
    outcome_.owed = std::move(owed);
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

GroupRun::Step GroupRun::hold_whole(HoldReason reason, std::string detail) {
    std::vector<Hold> holds{
        draft_hold(due_.group, name(), reason, std::move(detail), ports_.clock.now())};
    // What a person decided, or has to decide, is not touched by this.
    for (const auto& other : work_.holds) {
        if (needs_a_person(other.reason)) holds.push_back(other);
    }
    return settle(std::move(holds), {});
}

GroupRun::Step GroupRun::hold_copies(const std::vector<MarkedObject>& marked) {
    std::string list;
    for (const auto& object : marked)
        list += (list.empty() ? "" : "; ") + object.dn.text();
    return hold_whole(HoldReason::collision,
                      "Several objects bear this group's mark (" + list +
                          "), and neither is written. Remove the mark (adminDescription) from all "
                          "but one.");
}

GroupRun::Step GroupRun::release() {
    if (work_.written) {
        outcome_.forgotten = true;
        outcome_.marks_parents = true;
        ports_.log.write(LogLevel::warning, "group-released",
                         {{"group", due_.group.text()},
                          {"name", name()},
                          {"dn", work_.written->dn.text()},
                          {"detail",
                           "The group is now synchronised from Active Directory; it is left as it "
                           "stands and no longer written."}});
    }
    outcome_.settled = true;
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

GroupRun::Step GroupRun::gone_from_directory() {
    ports_.log.write(LogLevel::info, "group-gone",
                     {{"group", due_.group.text()}, {"name", name()}});
    anchors_.gone(due_.group);
    outcome_.forgotten = true;
    outcome_.settled = true;
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

bool GroupRun::is_gone(const WrittenGroup& known) const {
    return !known.seen_on.empty() && known.seen_on == usn_source_;
}

GroupRun::Step GroupRun::hold_missing(const WrittenGroup& known) {
    if (!is_gone(known)) {
        return hold_whole(HoldReason::missing, missing_here_sentence(known, usn_source_));
    }
    const auto sentence = missing_sentence(known);
    // What an earlier hold tells of a restore that was refused stays with it.
    for (const auto& hold : work_.holds) {
        if (hold.reason == HoldReason::missing && hold.detail.starts_with(sentence)) {
            return hold_whole(hold.reason, hold.detail);
        }
    }
    return hold_whole(HoldReason::missing, sentence);
}

bool GroupRun::session_ended() const {
    return !bound_.bound() || bound_.session() != session_;
}

GroupRun::Step GroupRun::end_with_session() {
    return directory_failed(
        failure(FailureKind::unreachable, "The connection to the directory is gone."));
}

bool GroupRun::may_stand_elsewhere() const {
    return work_.under_way && !work_.begun_on.empty() && work_.begun_on != bound_.usn_source() &&
           ports_.clock.now() < work_.begun_at + ports_.config.directory.replication_wait;
}

GroupRun::Step GroupRun::await_replication() {
    const auto host = host_of(work_.begun_on);
    outcome_.settled = false;
    outcome_.outcome_unknown = true;
    outcome_.not_before = ports_.clock.now() + retry_wait();
    outcome_.holds = work_.holds;
    outcome_.last_error =
        "The group may have been made on " + host +
        ", whose answer was lost. It is made here when " + host +
        " has said that it has no such group, or when replication has not brought it until " +
        to_text(work_.begun_at + ports_.config.directory.replication_wait) +
        " (directory.replication_wait).";
    ports_.log.write(LogLevel::warning, "replication-awaited",
                     {{"group", due_.group.text()}, {"host", host}});
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

GroupRun::Step GroupRun::await_verdict(std::vector<Hold> holds) {
    outcome_.settled = false;
    outcome_.not_before = ports_.clock.now() + unjudged_wait;
    outcome_.holds = std::move(holds);
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

GroupRun::Step GroupRun::directory_failed(const Failure& why) {
    const auto step =
        next_step(why, OperationKind::modify_group, work_.attempts, ports_.random.below(1U << 30));
    if (step.kind == NextStep::Kind::wait_for_directory) end_.lost = why;
    outcome_.settled = false;
    // What an earlier run has left open stays so until the directory was looked at.
    outcome_.outcome_unknown = work_.under_way && !looked_up_;
    outcome_.last_error = why.detail;
    outcome_.holds = work_.holds;
    if (!end_.lost) outcome_.not_before = ports_.clock.now() + std::max(step.wait, retry_wait());
    end_.outcome = std::move(outcome_);
    return Step::finished;
}

GroupRun::Step GroupRun::store_failed(const Failure& why) {
    end_.store = why;
    return Step::finished;
}

Duration GroupRun::retry_wait() const {
    return backoff(work_.attempts, std::chrono::seconds(1), std::chrono::minutes(10),
                   ports_.random.below(1U << 30));
}

std::string GroupRun::name() const {
    return work_.cloud ? work_.cloud->group.display_name : due_.group.text();
}

}  // namespace writeback
