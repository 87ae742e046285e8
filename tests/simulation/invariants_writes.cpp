#include "simulation/invariants_writes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t rounds_kept = 64;
// Of a group whose removals are judged by their causes one by one.
constexpr std::size_t most_members_judged = 500;
// What the widest lag of delta in a history may be.
constexpr Duration longest_lag = 60s;

bool has_mark(const std::vector<LdapAttribute>& attributes, std::string& mark) {
    for (const LdapAttribute& attribute : attributes) {
        if (attribute.name != "adminDescription" || attribute.values.size() != 1) continue;
        mark = attribute.values.front();
        return true;
    }
    return false;
}

}  // namespace

WriteInvariants::WriteInvariants(Violations& violations, Oracle& oracle, DirectorySide& directory,
                                 const EventLoop& loop, const Scenario& scenario)
    : violations_(violations),
      oracle_(oracle),
      directory_(directory),
      loop_(loop),
      scenario_(scenario),
      config_(scenario.config) {}

void WriteInvariants::fail(std::string_view invariant, const TreeWrite& write,
                           const std::string& why) {
    violations_.report(invariant, std::string(name_of(write.request.kind)) + " of " +
                                      write.request.dn + ": " + why);
}

void WriteInvariants::written(const TreeWrite& write) {
    if (!write.request.is_write()) return;
    if (write.by == WrittenBy::daemon) {
        check_policy(write);
        if (write.obeyed()) {
            ++count_;
            check_place(write);
            check_creation(write);
            check_removals(write);
            check_need(write);
        }
    }
    if (write.obeyed()) note_life(write);
}

void WriteInvariants::check_policy(const TreeWrite& write) {
    if (config_.groups.policy == Policy::report_only) {
        fail("I9", write, "the policy is report-only, and a write was sent.");
    }
    const bool removes =
        !write.members_removed.empty() || write.request.kind == DirectoryRequest::Kind::remove;
    if (config_.groups.policy == Policy::no_removals && write.obeyed() && removes) {
        fail("I9", write, "the policy is no-removals, and something was removed.");
    }
}

void WriteInvariants::check_place(const TreeWrite& write) {
    if (!directory_.in_container(write.dn)) {
        return fail("I4", write, "it wrote outside of the container.");
    }
    if (write.request.kind == DirectoryRequest::Kind::add) {
        std::string mark;
        if (!has_mark(write.request.attributes, mark) || !oracle_.group_of_mark(mark)) {
            fail("I4", write, "it made an object without the mark of a group of the tenant.");
        }
        return;
    }
    if (!write.before) return;
    if (write.before->deleted) return;  // brought back, as a person asked
    if (!directory_.in_container(write.before->dn)) {
        return fail("I4", write, "the object stood outside of the container.");
    }
    const bool ours = write.before->is_group && oracle_.group_of_mark(write.before->mark);
    if (!ours && !directory_.edited_lately(write.before->guid)) {
        fail("I4", write,
             "the object bore the mark \"" + write.before->mark + "\", which is not ours.");
    }
}

void WriteInvariants::check_creation(const TreeWrite& write) {
    std::string mark;
    if (write.request.kind != DirectoryRequest::Kind::add) return;
    if (!has_mark(write.request.attributes, mark)) return;
    if (directory_.marked_count(mark, write.server) > 1) {
        return fail("law 5", write, "another object with its mark existed already.");
    }
    const auto known = lives_.find(mark);
    if (known == lives_.end() || known->second.stands || config_.groups.recreate) return;
    if (!known->second.removed_by_daemon) {
        fail("law 5", write, "somebody deleted the group, and it was made anew with another SID.");
    }
}

void WriteInvariants::nothing_to_write_but(std::set<GroupId> held) {
    held_ = std::move(held);
    needless_.clear();
}

void WriteInvariants::check_need(const TreeWrite& write) {
    if (!held_ || !needless_.empty()) return;
    const auto group =
        write.before ? oracle_.group_of_mark(write.before->mark) : std::optional<ObjectIndex>();
    if (group && held_->contains(oracle_.id_of(*group))) return;
    needless_ = std::string(name_of(write.request.kind)) + " of " + write.request.dn;
}

void WriteInvariants::note_life(const TreeWrite& write) {
    std::string mark;
    if (write.request.kind == DirectoryRequest::Kind::add) {
        if (has_mark(write.request.attributes, mark)) lives_[mark].stands = true;
        return;
    }
    if (!write.before || write.before->mark.empty()) return;
    if (write.request.kind != DirectoryRequest::Kind::remove) return;
    auto& life = lives_[write.before->mark];
    life.stands = false;
    life.removed_by_daemon = write.by == WrittenBy::daemon;
}

void WriteInvariants::store_lost() {
    for (auto& [mark, life] : lives_)
        life.removed_by_daemon = true;
}

void WriteInvariants::exchanged(const CloudExchange& exchange) {
    ++exchanges_;
    const std::string& target = exchange.request.target;
    const bool groups = target.find("/groups/delta") != std::string::npos;
    if (!groups && target.find("/users/delta") == std::string::npos) return;
    if (exchange.response.status != 200) return;
    const Stream stream = groups ? Stream::groups : Stream::users;
    if (target.find("skiptoken") == std::string::npos || !round_began_.contains(stream)) {
        round_began_[stream] = exchange.began;
        if (groups) round_from_ = oracle_.latest();
    }
    if (exchange.response.body.find("@odata.deltaLink") == std::string::npos) return;
    if (groups && (groups_seen_.empty() || groups_seen_.back() != round_from_)) {
        groups_seen_.push_back(round_from_);
    }
    auto& rounds = rounds_[stream];
    rounds.push_back({round_began_[stream], loop_.time()});
    round_began_.erase(stream);
    if (rounds.size() > rounds_kept) rounds.pop_front();
}

bool WriteInvariants::saw_groups_between(emulator::Sequence from, emulator::Sequence to) const {
    return std::any_of(groups_seen_.begin(), groups_seen_.end(),
                       [&](emulator::Sequence seen) { return seen >= from && seen < to; });
}

// What was in the cloud at that time and before, the daemon had read to the end so long ago that
// no write that was planned without it can still be under way.
std::optional<Duration> WriteInvariants::known_up_to() const {
    const Duration under_way = config_.directory.operation_timeout + 90s;
    std::optional<Duration> known;
    for (const Stream stream : {Stream::groups, Stream::users}) {
        const auto rounds = rounds_.find(stream);
        std::optional<Duration> of_stream;
        if (rounds != rounds_.end()) {
            for (const Round& round : rounds->second)
                if (round.ended + under_way < loop_.time()) of_stream = round.began - longest_lag;
        }
        if (!of_stream) return std::nullopt;
        known = known ? std::min(*known, *of_stream) : *of_stream;
    }
    return known;
}

void WriteInvariants::check_removals(const TreeWrite& write) {
    const bool empties = write.request.kind == DirectoryRequest::Kind::remove;
    if ((write.members_removed.empty() && !empties) || !write.before) return;
    const auto group = oracle_.group_of_mark(write.before->mark);
    if (!group) return;
    if (empties && !oracle_.was_gone_since(*group, known_up_to().value_or(0ms))) {
        return fail("I5", write, "the group was deleted, and the cloud has it.");
    }
    const auto known = known_up_to();
    std::int64_t inferred = 0;
    for (const AdIdentity& member : write.members_removed) {
        const std::string key = directory_.key_of(member);
        const auto since = oracle_.wanted_since(*group, key);
        if (!since) {
            if (limits_can_be_told(write)) inferred += oracle_.is_inferred(*group, key) ? 1 : 0;
            continue;
        }
        if (!known || *since >= *known) continue;
        return fail("I5", write,
                    key + " was removed, and has been a member without a break for " +
                        std::to_string((loop_.time() - *since).count() / 1000) + " s.");
    }
    check_limits(write, *group, inferred);
}

// Only where the time of a write is that of its judgement, and of groups of a modest size.
bool WriteInvariants::limits_can_be_told(const TreeWrite& write) const {
    if (!write.before || write.before->members > most_members_judged) return false;
    const Troubles& troubles = scenario_.troubles;
    return troubles.directory_lost == 0 && troubles.directory_refuses == 0 &&
           troubles.fail_over == 0 && troubles.credentials_refused == 0 && troubles.crashes == 0 &&
           troubles.clock_jumps == 0 && troubles.disk_trouble == 0;
}

void WriteInvariants::check_limits(const TreeWrite& write, ObjectIndex group,
                                   std::int64_t inferred) {
    if (!limits_can_be_told(write) || approved_.contains(oracle_.id_of(group))) return;
    const GuardConfig& guard = config_.guard;
    if (oracle_.is_deleted(group)) {
        // Who left for a reason of their own leaves a held group, too.
        const auto& removed = write.members_removed;
        const bool follows = std::any_of(removed.begin(), removed.end(), [&](const auto& member) {
            return oracle_.is_member(group, directory_.key_of(member));
        });
        if (!follows) return;
        deletions_.try_emplace(group, loop_.time());
        std::erase_if(deletions_,
                      [&](const auto& one) { return one.second + guard.window < loop_.time(); });
        if (static_cast<double>(deletions_.size()) > guard.max_group_deletions.value) {
            fail("I6", write,
                 std::to_string(deletions_.size()) +
                     " deletions of groups were followed, more than guard.max_group_deletions.");
        }
        return;
    }
    // What a deletion took away is not inferred, though the group was restored meanwhile.
    if (oracle_.was_gone_since(group, known_up_to().value_or(0ms))) return;
    Burst& burst = bursts_[group];
    if (burst.exchanges != exchanges_) burst = {exchanges_, 0, write.before->members};
    burst.inferred += inferred;
    const double share = std::floor(guard.max_member_removals.value *
                                    static_cast<double>(burst.members_before) / 100);
    const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(share));
    if (static_cast<std::int64_t>(burst.members_before) >= guard.min_members &&
        burst.inferred > most) {
        fail("I6", write,
             std::to_string(burst.inferred) + " of " + std::to_string(burst.members_before) +
                 " members left by inference, more than guard.max_member_removals.");
    }
}

}  // namespace writeback::simulation
