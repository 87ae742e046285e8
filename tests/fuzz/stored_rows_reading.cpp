#include "stored_rows_reading.hpp"

#include "fakes/model_disk.hpp"
#include "property.hpp"
#include "store/inbox_file.hpp"
#include "store/sqlite_store.hpp"

namespace writeback::fuzz {

namespace {

const Instant now(Duration(1'700'000'100'000));

// What is told of each answer; ends the run when one breaks a property.
class Reading {
 public:
    explicit Reading(const std::string& path) : path_(path) {}

    template <class T>
    bool good(const char* question, const Result<T>& answer) {
        text_ += question;
        text_ += answer ? ": told\n" : ": " + answer.error().detail + "\n";
        if (answer) return true;
        require(answer.error().kind == FailureKind::store, "a damaged store is the store's failure",
                answer.error().detail);
        require(answer.error().detail.find(path_) != std::string::npos, "and names its file",
                answer.error().detail);
        return false;
    }
    template <class Enumeration>
    void named(Enumeration value, Enumeration last) {
        const auto number = static_cast<std::int64_t>(value);
        require(number >= 0 && number <= static_cast<std::int64_t>(last), "what is read has a name",
                std::to_string(number) + " after " + text_);
    }
    void note(const std::string& text) { text_ += "  " + text + "\n"; }
    [[nodiscard]] const std::string& text() const { return text_; }

    void take(const CloudGroup& group) {
        named(group.state, CloudState::deleted);
        note(group.id.text() + " " + group.display_name);
    }
    void take(const Hold& hold) {
        named(hold.reason, HoldReason::unreadable);
        named(hold.decision, Decision::rejected);
        for (const auto& target : hold.targets) {
            named(target.kind, OperationKind::delete_group);
            named(target.evidence, Evidence::taken_over);
        }
        note(hold.id + " " + hold.group.text() + " " + std::to_string(hold.targets.size()));
    }
    void take(const WrittenGroup& written) {
        named(written.origin, Origin::taken_over);
        note(written.group.text() + " " + written.dn.text());
    }
    void take(const MemberIdentity& identity) {
        named(identity.type, MemberType::unknown);
        named(identity.state, IdentityState::unknown);
        if (identity.state == IdentityState::known) {
            require(!identity.identity.key().empty(), "who is known has an identity");
        }
    }
    void take(const GroupWork& work) {
        named(work.cause, Cause::request);
        named(work.deletion, DeletionVerdict::held);
        if (work.cloud) take(work.cloud->group);
        if (work.written) take(*work.written);
        for (const auto& wanted : work.wanted)
            require(!wanted.identity.key().empty(), "a wanted member has an identity");
        for (const auto& present : work.present) {
            require(!present.identity.key().empty(), "a written member has an identity");
            named(present.evidence, Evidence::taken_over);
        }
        for (const auto& hold : work.holds)
            take(hold);
        note(work.group.text() + " wants " + std::to_string(work.wanted.size()) + " has " +
             std::to_string(work.present.size()));
    }

 private:
    std::string path_;
    std::string text_;
};

void read_streams(Reading& reading, Store& store) {
    for (const auto stream : {Stream::groups, Stream::users}) {
        const auto position = store.position(stream);
        if (reading.good("position", position)) {
            reading.named(position->phase, StreamPhase::steady);
        }
    }
    if (const auto groups = store.groups_after(GroupId{}, 10); reading.good("groups", groups)) {
        for (const auto& row : *groups)
            reading.take(row.group);
    }
    if (const auto unseen = store.unseen(2, 10); reading.good("unseen", unseen)) {
        for (const auto& row : unseen->groups)
            reading.take(row.group);
    }
    reading.good("unread", store.members_unread(10));
    reading.good("owners unread", store.owners_unread(10));
    reading.good("absent", store.absent_groups(10));
    reading.good("change number", store.change_number());
    const auto asked = store.to_identify(now, now, MemberId{}, 10);
    if (reading.good("to identify", asked)) {
        for (const auto& member : *asked)
            reading.note(member.text());
    }
}

void read_group(Reading& reading, Store& store, const GroupId& group) {
    if (const auto work = store.work(group); reading.good("work", work)) reading.take(*work);
    const auto written = store.written_group(group);
    if (reading.good("written", written) && *written) reading.take(**written);
    const auto members = store.written_members(group);
    if (reading.good("written members", members)) {
        for (const auto& member : *members)
            require(!member.key().empty(), "a written member has an identity");
    }
    const auto standing = store.group_standing(group);
    if (reading.good("standing", standing)) {
        for (const auto& unresolved : standing->unresolved)
            reading.named(unresolved.state, IdentityState::unknown);
    }
    for (int user = 1; user <= 3; ++user) {
        const MemberId member("bbbbbbbb-0000-4000-8000-00000000000" + std::to_string(user));
        const auto one = store.member_standing(group, member);
        if (!reading.good("member", one) || !*one) continue;
        reading.take((*one)->identity);
        if ((*one)->leaving) reading.named(*(*one)->leaving, Evidence::taken_over);
    }
}

void read_work(Reading& reading, Store& store) {
    if (const auto due = store.due(now, 10); reading.good("due", due)) {
        for (const auto& one : *due) {
            reading.named(one.cause, Cause::request);
            read_group(reading, store, one.group);
        }
    }
    reading.good("next due", store.next_due(now));
    for (int group = 1; group <= 4; ++group)
        read_group(reading, store,
                   GroupId("aaaaaaaa-0000-4000-8000-00000000000" + std::to_string(group)));
    reading.good("written after", store.written_after(GroupId{}, 10));
    reading.good("find groups", store.find_groups("Group 1"));
    reading.good("find members", store.find_members("someone"));
}

void read_guard(Reading& reading, Store& store) {
    if (const auto facts = store.guard_facts(now); reading.good("guard facts", facts)) {
        reading.note(std::to_string(facts->written_memberships));
    }
    if (const auto pending = store.pending_deletions(); reading.good("deletions", pending)) {
        for (const auto& one : *pending)
            reading.named(one.state, CloudState::deleted);
    }
    if (const auto holds = store.holds(); reading.good("holds", holds)) {
        for (const auto& hold : *holds)
            reading.take(hold);
    }
    if (const auto kept = store.subscriptions(); reading.good("subscriptions", kept)) {
        for (const auto& one : *kept)
            reading.named(one.stream, Stream::users);
    }
    reading.good("requests", store.requests());
    reading.good("counts", store.counts());
    reading.good("fact", store.fact("domain_sid"));
}

void write_on_top(Reading& reading, Store& store) {
    const GroupId group("aaaaaaaa-0000-4000-8000-000000000001");
    MirrorChanges changes;
    MirrorGroup row;
    row.group.id = group;
    row.group.display_name = "written on top";
    row.in_scope = true;
    changes.groups.push_back(row);
    const auto position = store.position(Stream::groups);
    if (!position) return;
    if (reading.good("commit", store.commit_groups(changes, *position, now))) {
        const auto again = store.mirror_group(group);
        require(again && *again && (*again)->group.display_name == "written on top",
                "what was committed is there");
    }
    reading.good("decide", store.decide("", Decision::approved, now));
    reading.good("mark all", store.mark_all_written(Cause::drift, now));
}

void read_inbox(Reading& reading, const std::string& vfs) {
    const auto inbox = InboxFile::open({inbox_path, vfs});
    if (!reading.good("inbox", inbox)) return;
    const auto hints = (*inbox)->read(0, 10);
    if (!reading.good("hints", hints)) return;
    std::vector<std::int64_t> ids;
    for (const auto& hint : *hints) {
        reading.named(hint.stream, Stream::users);
        reading.named(hint.lifecycle, LifecycleEvent::unrecognised);
        ids.push_back(hint.id);
    }
    if (reading.good("forget", (*inbox)->forget(ids))) {
        const auto left = (*inbox)->read(0, 10);
        require(left && left->empty(), "what was forgotten is gone");
    }
}

}  // namespace

std::string reading_of(const StoredFiles& files) {
    fakes::ModelDisk disk(1, {{state_path, files.state}, {inbox_path, files.inbox}});
    Reading reading(state_path);
    {
        const auto store = SqliteStore::open({state_path, StoreAccess::owner, disk.vfs()});
        if (reading.good("open", store)) {
            read_streams(reading, **store);
            read_work(reading, **store);
            read_guard(reading, **store);
            write_on_top(reading, **store);
        }
    }
    read_inbox(reading, disk.vfs());
    return reading.text();
}

}  // namespace writeback::fuzz
