// What should stand in Active Directory, computed the plain way: from the tenant as it is, group by
// group, with sets; nothing of the daemon's planner, mirror or store is used.
//
// It also keeps, for each group, since when each member has been wanted, and what was wanted at
// all: so that a removal can be judged against the tenant's history. Members are keys: a SID in
// text, or "group:<object id>" for a group that is written back. Failures: none. Ownership: cloud
// and config outlive it. Threads: the loop's.
#pragma once

#include "simulation/cloud_side.hpp"

#include <writeback/config.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace writeback::simulation {

// What the configuration asks for a group in its present state.
enum class Fate {
    whole,      // it stands as the tenant shows it
    emptied,    // it stands, if it ever did, without members
    kept,       // it stays as it was, but for explicit removals
    converted,  // it is a distribution group
    removed,    // it does not stand
    left_alone  // it is no longer ours
};

struct ExpectedGroup {
    Fate fate = Fate::whole;
    std::string display_name;
    std::string cn;
    std::optional<std::string> description;
    std::int32_t group_type = 0;
    std::set<std::string> members;  // keys; of a group that is `whole`
};

class Oracle {
 public:
    Oracle(CloudSide& cloud, const EventLoop& loop, const Config& config);

    [[nodiscard]] ExpectedGroup expected(ObjectIndex group);
    // The key by which an object is a member of groups; empty: it is never one in AD.
    [[nodiscard]] std::string key_of(ObjectIndex member);

    // An object has changed; to be called each time.
    void changed(ObjectIndex object);
    // Another configuration holds from now on.
    void configured(const Config& config);

    // Since when the member has been wanted without a break; nothing while it is not wanted.
    [[nodiscard]] std::optional<Duration> wanted_since(ObjectIndex group,
                                                       const std::string& key) const;
    // Whether the group has been anything else than `whole` at that time or later.
    [[nodiscard]] bool was_gone_since(ObjectIndex group, Duration time) const;
    // Whether the cloud still has a member that once was this one in AD: it has only lost that
    // identity, or has another one now.
    [[nodiscard]] bool is_inferred(ObjectIndex group, const std::string& key);
    // Whether the member is, or once was, this one in AD.
    [[nodiscard]] bool was_key_of(ObjectIndex member, const std::string& key) const;
    // The number of the cloud's last change.
    [[nodiscard]] emulator::Sequence latest() const { return cloud_.tenant().latest(); }
    // Whether the member would be wanted if the group stood.
    [[nodiscard]] bool is_member(ObjectIndex group, const std::string& key);
    // Deleted, softly or for good.
    [[nodiscard]] bool is_deleted(ObjectIndex group);
    [[nodiscard]] GroupId id_of(ObjectIndex group);
    [[nodiscard]] std::optional<ObjectIndex> group_of_mark(const std::string& mark) const;
    // The group is one that may be written back at all: not synced, of a kind that is written.
    [[nodiscard]] bool in_scope(const DirectoryObject& group) const;

 private:
    struct Memory {
        std::map<std::string, Duration> wanted;  // key -> since
        bool whole = false;
        std::optional<Duration> gone_at;  // when it was last anything else than whole
    };

    [[nodiscard]] Fate fate_of(const DirectoryObject& group) const;
    [[nodiscard]] std::set<std::string> members_of(const DirectoryObject& group);
    void remember(ObjectIndex group);

    CloudSide& cloud_;
    const EventLoop& loop_;
    Config config_;
    std::map<ObjectIndex, Memory> groups_;
    std::map<std::string, ObjectIndex> by_mark_;
    std::map<ObjectIndex, std::set<std::string>> sids_;  // that an object ever had
};

}  // namespace writeback::simulation
