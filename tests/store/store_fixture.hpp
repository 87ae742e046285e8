// A store in a directory of its own, and short ways to say what a test needs.
#pragma once

#include "store/sqlite_store.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace writeback::test {

class TemporaryDirectory {
 public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory");
        path_ = pattern;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
    std::string path_;
};

template <class T>
T value(Result<T> result) {
    if (!result) FAIL(result.error().detail);
    return *std::move(result);
}

inline void done(const Result<Done>& result) {
    if (!result) FAIL(result.error().detail);
}

inline Instant at(std::int64_t seconds) {
    return Instant(Duration(1'700'000'000'000 + seconds * 1000));
}

// Ids that sort by their number: group(1) < group(2).
inline std::string numbered(const char* prefix, int number) {
    char text[64];
    std::snprintf(text, sizeof text, "%s-0000-4000-8000-%012d", prefix, number);
    return text;
}
inline GroupId group(int number) {
    return GroupId(numbered("aaaaaaaa", number));
}
inline MemberId user(int number) {
    return MemberId(numbered("bbbbbbbb", number));
}
inline const std::string domain = "S-1-5-21-1-2-3";
inline Sid sid(int number) {
    return Sid(domain + "-" + std::to_string(100000 + number));
}
inline AdIdentity person(int number) {
    return {sid(number), {}};
}
inline ObjectGuid guid(int number) {
    return ObjectGuid(numbered("cccccccc", number));
}

inline MirrorGroup cloud_group(int number, bool in_scope = true, std::int64_t generation = 1) {
    MirrorGroup shown;
    shown.group.id = group(number);
    shown.group.display_name = "Group " + std::to_string(number);
    shown.group.security_enabled = true;
    shown.in_scope = in_scope;
    shown.generation = generation;
    return shown;
}

inline WrittenGroup ad_group(int number) {
    WrittenGroup written;
    written.group = group(number);
    written.guid = guid(number);
    written.sid = Sid(domain + "-" + std::to_string(5000 + number));
    written.cn = "Group " + std::to_string(number);
    written.dn = Dn("CN=" + written.cn + ",OU=Groups,DC=example,DC=com");
    written.sam_account_name = "group" + std::to_string(number);
    written.group_type = universal_security_group;
    written.attributes = {{"displayName", {"Group"}}, {"proxyAddresses", {"a", "b"}}};
    written.seen_on = "dc1.test 4711";
    return written;
}

inline AdIdentity group_identity(int number) {
    const WrittenGroup written = ad_group(number);
    return {written.sid, written.guid};
}

inline MembershipChange joins(int number, MemberId member, MemberType type = MemberType::user) {
    return {group(number), std::move(member), type, true, Evidence::none};
}
inline MembershipChange leaves(int number, MemberId member, Evidence evidence = Evidence::removed) {
    return {group(number), std::move(member), MemberType::unknown, false, evidence};
}

inline Mark mark_of_group(int number, Cause cause = Cause::poll, bool whole = false) {
    Mark mark;
    mark.group = group(number);
    mark.cause = cause;
    mark.whole = whole;
    return mark;
}

inline StreamPosition steady(std::int64_t generation = 1) {
    StreamPosition position;
    position.phase = StreamPhase::steady;
    position.link = "https://graph.example/delta?token=1";
    position.generation = generation;
    return position;
}

inline MemberIdentity known(int number) {
    return {user(number), MemberType::user, IdentityState::known, person(number), "", "someone"};
}
inline MemberIdentity none(int number, std::string reason = "cloud-only") {
    return {user(number), MemberType::user, IdentityState::none, {}, std::move(reason), ""};
}
inline MemberIdentity unknown(int number, std::string reason = "failed") {
    return {user(number), MemberType::user, IdentityState::unknown, {}, std::move(reason), ""};
}

struct StoreFixture {
    TemporaryDirectory directory;
    std::string path = directory.file("state.db");
    std::unique_ptr<SqliteStore> store = open();

    [[nodiscard]] std::unique_ptr<SqliteStore> open(StoreAccess access = StoreAccess::owner) const {
        return value(SqliteStore::open({path, access, "", std::chrono::seconds(10)}));
    }
    void reopen() {
        store.reset();
        store = open();
    }

    void commit(const MirrorChanges& changes, Instant now = at(0), std::int64_t generation = 1) {
        done(store->commit_groups(changes, steady(generation), now));
    }
    void know_users(int from, int to) {
        std::vector<MemberIdentity> identities;
        for (int i = from; i <= to; ++i)
            identities.push_back(known(i));
        done(store->store_identities(identities, value(store->change_number()), at(0)));
    }
    // A group in scope with these users, whose identities are known.
    void show_group(int number, int first_user, int last_user) {
        MirrorChanges changes;
        changes.groups = {cloud_group(number)};
        for (int i = first_user; i <= last_user; ++i) {
            changes.members.push_back(joins(number, user(i)));
        }
        changes.marks = {mark_of_group(number, Cause::resync, true)};
        commit(changes);
        know_users(first_user, last_user);
    }
    // The plan of the group is carried out as its work asks for it.
    void carry_out(int number, Instant now = at(1)) {
        done(store->finish({outcome_of(value(store->work(group(number))), number)}, now));
    }
    // The same, with AD's members as far as the work tells them.
    static Outcome outcome_of(const GroupWork& work, int number) {
        Outcome outcome;
        outcome.group = group(number);
        outcome.number = work.number;
        outcome.settled = true;
        if (!work.written) {
            outcome.written = ad_group(number);
            outcome.marks_parents = true;
        }
        for (const auto& wanted : work.wanted) {
            bool present = false;
            for (const auto& member : work.present)
                present |= member.identity == wanted.identity;
            if (!present) {
                outcome.added.push_back({wanted.identity, wanted.cloud_ids, Evidence::none});
            }
        }
        for (const auto& member : work.present) {
            bool wanted = false;
            for (const auto& other : work.wanted)
                wanted |= other.identity == member.identity;
            if (!wanted) outcome.removed.push_back(member.identity);
        }
        return outcome;
    }
    // A group that stands in AD with these users, and nothing is dirty.
    void written(int number, int first_user, int last_user) {
        show_group(number, first_user, last_user);
        carry_out(number);
    }
    [[nodiscard]] GroupWork work(int number) const { return value(store->work(group(number))); }
    [[nodiscard]] bool dirty(int number) const { return work(number).number != 0; }
    // Everything the store can tell of the group, whatever its mark says.
    [[nodiscard]] GroupWork whole_work(int number) const {
        done(store->mark({mark_of_group(number, Cause::start, true)}, at(0)));
        return work(number);
    }
};

inline std::vector<std::string> keys(const std::vector<WantedMember>& members) {
    std::vector<std::string> keys;
    for (const auto& member : members)
        keys.push_back(member.identity.key());
    return keys;
}
inline std::vector<std::string> keys(const std::vector<WrittenMember>& members) {
    std::vector<std::string> keys;
    for (const auto& member : members)
        keys.push_back(member.identity.key());
    return keys;
}

}  // namespace writeback::test
