// The part of a group's turn that looks at the directory before it plans.
#include "sync/group_run.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// Whether the cloud's state asks for the object's deletion, so that a missing object is the goal.
bool is_to_be_deleted(const GroupWork& work, const GroupsConfig& groups) {
    if (!work.cloud) return false;
    switch (work.cloud->group.state) {
        case CloudState::active:
            return !work.cloud->in_scope && groups.on_out_of_scope == OnGone::remove;
        case CloudState::soft_deleted:
        case CloudState::absent:
            return groups.on_soft_delete == OnGone::remove;
        case CloudState::deleted:
            return true;
    }
    return false;
}

// Held because another object bears its mark: only another look can end that.
bool is_held_for_copies(const GroupWork& work) {
    return std::any_of(work.holds.begin(), work.holds.end(), [](const Hold& hold) {
        return hold.reason == HoldReason::collision && hold.targets.empty();
    });
}

}  // namespace

Async<GroupRun::Step> GroupRun::look_up() {
    if (looked_up_) co_return Step::go_on;
    const bool known = work_.written && !work_.missing;
    if (known) {
        const bool copied = is_held_for_copies(work_);
        if (!work_.read_first && !work_.under_way && !read_again_ && !copied) {
            co_return Step::go_on;
        }
        if (copied || (work_.read_first && !work_.under_way)) {
            if (const auto looked = co_await look_for_copies(); looked != Step::go_on) {
                co_return looked;
            }
        }
        co_return co_await look_at_known();
    }
    // A group that we neither have nor want in AD is not looked for: another's mark is not ours.
    if (!work_.missing && (!work_.cloud || !work_.cloud->in_scope)) co_return Step::go_on;
    co_return co_await look_for_mark();
}

// Someone may have given our mark to another object as well.
Async<GroupRun::Step> GroupRun::look_for_copies() {
    if (looked_for_copies_) co_return Step::go_on;
    auto marked = co_await anchors_.find(due_.group, looked_for_);
    if (!marked) co_return directory_failed(marked.error());
    if (marked->size() > 1) co_return hold_copies(*marked);
    looked_for_copies_ = true;
    co_return Step::go_on;
}

Async<GroupRun::Step> GroupRun::look_at_known() {
    const auto guid = work_.written->guid;
    const auto taken = co_await take_as_written(guid, work_.written->origin, false);
    if (taken != Step::go_on) co_return taken;
    // No object has that GUID, as far as this domain controller knows.
    if (is_to_be_deleted(work_, guard_.groups) && is_gone(*work_.written)) {
        co_return gone_from_directory();
    }
    auto marked = co_await ports_.directory.find_mark(due_.group);
    if (!marked) co_return directory_failed(marked.error());
    if (marked->size() > 1) co_return hold_copies(*marked);
    if (marked->size() == 1) {
        co_return co_await take_as_written(marked->front().guid, Origin::taken_over, true);
    }
    anchors_.gone(due_.group);
    if (auto done = ports_.store.forget_written(due_.group, ports_.clock.now()); !done) {
        co_return store_failed(done.error());
    }
    ports_.log.write(LogLevel::warning, "group-missing",
                     {{"group", due_.group.text()}, {"name", name()}, {"guid", guid.text()}});
    co_return Step::again;
}

Async<GroupRun::Step> GroupRun::look_for_mark() {
    std::optional<WrittenGroup> lost;
    if (work_.missing) {
        auto known = ports_.store.written_group(due_.group);
        if (!known) co_return store_failed(known.error());
        lost = std::move(*known);
    }
    if (lost) {
        const auto back = co_await take_as_written(lost->guid, lost->origin, false);
        if (back != Step::go_on) co_return back;
        if (is_to_be_deleted(work_, guard_.groups) && is_gone(*lost)) {
            co_return gone_from_directory();
        }
    }
    // What was made without our knowing, also elsewhere, may have come since we last looked.
    if (work_.under_way) anchors_.distrust();
    auto marked = co_await anchors_.find(due_.group, looked_for_);
    if (!marked) co_return directory_failed(marked.error());
    if (marked->size() > 1) co_return hold_copies(*marked);
    if (marked->size() == 1) {
        // An object that an interrupted run of ours has made is ours; any other was there before.
        const auto origin = work_.under_way ? Origin::created : Origin::taken_over;
        const auto taken = co_await take_as_written(marked->front().guid, origin, true);
        if (taken != Step::go_on) co_return taken;
        // It vanished since the containers were searched.
        anchors_.gone(due_.group);
    }
    if (may_stand_elsewhere()) co_return await_replication();
    // Nor is made anew what another domain controller may still have.
    if (lost && (!guard_.groups.recreate || !is_gone(*lost))) co_return hold_missing(*lost);
    looked_up_ = true;
    co_return Step::go_on;
}

ReplaceExtent GroupRun::extent_of_read(bool new_object) const {
    if (reports_drift() && !new_object) return ReplaceExtent::touched;
    return guard_.groups.membership == Membership::additive ? ReplaceExtent::written_or_wanted
                                                            : ReplaceExtent::everything;
}

// Reads the object and makes it the written state; then the work is looked at again. go_on when no
// object has the GUID.
Async<GroupRun::Step> GroupRun::take_as_written(ObjectGuid guid, Origin origin, bool new_object) {
    auto number = ports_.store.change_number();
    if (!number) co_return store_failed(number.error());
    auto read = co_await ports_.directory.read_group(guid, bound_.planning().attributes);
    if (!read) co_return directory_failed(read.error());
    // Another domain controller may have answered than the one that the answer would be noted for.
    if (session_ended()) co_return end_with_session();
    if (!*read) co_return Step::go_on;
    auto& object = **read;
    reading_.reset();
    if (reports_drift() && !new_object && work_.written && !work_.missing) {
        auto members = ports_.store.written_members(due_.group);
        if (!members) co_return store_failed(members.error());
        reading_ = GroupReading{*work_.written, std::move(*members), object};
    }
    WrittenGroup written;
    written.group = due_.group;
    written.guid = object.guid;
    written.sid = object.sid;
    written.dn = object.dn;
    written.cn = object.cn;
    written.sam_account_name = object.sam_account_name;
    written.group_type = object.group_type;
    written.attributes = std::move(object.attributes);
    written.origin = origin;
    written.usn = object.usn;
    written.seen_on = usn_source_;
    const auto evidence =
        origin == Origin::taken_over ? Evidence::taken_over : Evidence::drift_undone;
    DirectoryReadback readback;
    readback.written = std::move(written);
    readback.members = std::move(object.members);
    readback.evidence = evidence;
    readback.since_number = *number;
    readback.extent = extent_of_read(new_object);
    if (auto done = ports_.store.replace_written(readback, ports_.clock.now()); !done) {
        co_return store_failed(done.error());
    }
    // What this run has done so far is part of what was read.
    outcome_.written.reset();
    outcome_.added.clear();
    outcome_.removed.clear();
    outcome_.usn.reset();
    outcome_.marks_parents |= new_object;
    looked_up_ = true;
    read_again_ = false;
    ports_.log.write(LogLevel::info, new_object ? "group-taken-over" : "group-read",
                     {{"group", due_.group.text()},
                      {"dn", object.dn.text()},
                      {"members", static_cast<std::int64_t>(object.members.size())}});
    co_return Step::again;
}

}  // namespace writeback
