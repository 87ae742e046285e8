// The tenant: users, groups, devices and their memberships, with a log of every change.
//
// The model knows no HTTP and no JSON envelopes. Every change takes the next sequence number, is
// recorded in the histories of the objects (object.hpp), and is told to the observer. Callers check
// what Graph would refuse before they call; what is asserted here are bugs.
//
// Failures: create refuses an id that is taken. Limits: about 10,000 groups and a million
// memberships fit in 200 MB. Ownership: objects live as long as the tenant and never move. Threads:
// one. Cancellation: nothing waits.
#pragma once

#include "../base/clock.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "app_role_assignments.hpp"
#include "object.hpp"

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace emulator {

/// What one request did to one object: the material of a notification.
struct Change {
    const DirectoryObject* object;
    TimePoint time;
    bool purged = false;
    std::vector<ObjectIndex> added;
    std::vector<ObjectIndex> removed;
};

struct TenantSettings {
    /// Groups that nobody configured show Microsoft's documented defaults instead of null.
    bool writeback_defaults = false;
};

class Tenant {
 public:
    using Observer = std::function<void(const Change&)>;

    Tenant(Clock& clock, Random& random) : assignments(random), clock_(clock), random_(random) {}
    Tenant(const Tenant&) = delete;
    Tenant& operator=(const Tenant&) = delete;

    TenantSettings settings;
    AppRoleAssignments assignments;

    void observe(Observer observer) { observer_ = std::move(observer); }

    /// One that no object has; a generated tenant's ids may come from the same sequence.
    std::string free_id();
    Result<ObjectIndex> create(Kind kind, json::object properties, std::string id = {});
    /// Sets the given properties; those that are equal already are no change. True if anything
    /// changed.
    bool update(ObjectIndex object, const json::object& values);
    /// Members that are there already, or not there, are passed over. One sequence number for all.
    void change_members(ObjectIndex group, std::span<const ObjectIndex> added,
                        std::span<const ObjectIndex> removed);
    /// The same for owners; a notification tells that the group changed, but not who owns it.
    void change_owners(ObjectIndex group, std::span<const ObjectIndex> added,
                       std::span<const ObjectIndex> removed);
    /// Soft deletion where the kind has one, else purge.
    void remove(ObjectIndex object);
    void restore(ObjectIndex object);
    void purge(ObjectIndex object);
    /// Purges what has been soft-deleted for longer than `retention`.
    void purge_expired(Duration retention);

    const DirectoryObject& at(ObjectIndex index) const { return objects_[index]; }
    /// Any object with this id, deleted ones too; nothing for an unknown id.
    const DirectoryObject* find(std::string_view id) const;
    const DirectoryObject* find_user_by_name(std::string_view principal_name) const;
    const DirectoryObject* find_service_principal(std::string_view app_id) const;
    const std::vector<ObjectIndex>& of_kind(Kind kind) const {
        return by_kind_[static_cast<std::size_t>(kind)];
    }
    std::size_t size() const { return objects_.size(); }

    /// The newest moment, and the newest one that is not later than the given time.
    Sequence latest() const { return times_.size(); }
    Sequence moment_at(TimePoint time) const;
    /// The objects of a kind that changed in (from, to], each once, in the order of their first
    /// change.
    std::vector<ObjectIndex> changed(Kind kind, Sequence from, Sequence to) const;

 private:
    struct LogEntry {
        Sequence sequence;
        ObjectIndex object;
    };

    Sequence record(const DirectoryObject& object);
    Change change_links(DirectoryObject& group, LinkHistory& links,
                        std::span<const ObjectIndex> added, std::span<const ObjectIndex> removed);
    void drop_links_to(const DirectoryObject& object);
    void tell(const Change& change) const;

    Clock& clock_;
    Random& random_;
    Observer observer_;
    std::deque<DirectoryObject> objects_;
    std::unordered_map<std::string, ObjectIndex> by_id_;
    std::unordered_map<std::string, ObjectIndex> by_principal_name_;
    std::vector<ObjectIndex> by_kind_[5];
    std::vector<LogEntry> log_[5];
    std::vector<TimePoint> times_;  ///< the time of sequence number n stands at n - 1
    std::deque<std::pair<TimePoint, ObjectIndex>> recycle_bin_;
};

}  // namespace emulator
