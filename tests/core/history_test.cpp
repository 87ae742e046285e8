// Fold, projection, planner and guard together, against a naive model: whatever happens in the
// cloud, in whatever pages it is told, AD ends as the cloud is. One seed is one history.

#include "core/delta_fold.hpp"
#include "core/examples.hpp"
#include "core/guard.hpp"
#include "core/planner.hpp"
#include "core/projection.hpp"
#include "core/scope.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace writeback;
using namespace writeback::examples;

namespace {

struct CloudModel {
    struct Group {
        CloudState state = CloudState::active;
        std::string name;
        bool security = true;
        std::set<int> members;
    };
    std::map<int, Group> groups;
};

struct DirectoryModel {
    struct Group {
        WrittenGroup written;
        std::set<int> members;
    };
    std::map<GroupId, Group> groups;
    int sids_given = 0;

    // Applies one operation as strictly as a directory does: what contradicts is a failed test.
    void apply(const GroupId& id, const Operation& operation) {
        const Numbers numbers = examples::members({operation}, operation.kind);
        if (operation.kind == OperationKind::create_group) {
            REQUIRE_FALSE(groups.contains(id));
            WrittenGroup made = examples::written(*operation.create);
            made.sid = Sid("S-1-5-21-1-2-3-" + std::to_string(5000 + ++sids_given));
            groups[id] = {made, std::set<int>(numbers.begin(), numbers.end())};
            REQUIRE(groups[id].members.size() == numbers.size());
            return;
        }
        REQUIRE(groups.contains(id));
        Group& group = groups.at(id);
        switch (operation.kind) {
            case OperationKind::modify_group:
                for (const AttributeChange& change : operation.changes) {
                    if (change.values.empty()) {
                        group.written.attributes.erase(change.name);
                    } else {
                        group.written.attributes[change.name] = change.values;
                    }
                }
                break;
            case OperationKind::rename_group:
                group.written.cn = operation.new_cn;
                group.written.dn = Dn("CN=" + operation.new_cn + "," + container.text());
                break;
            case OperationKind::add_members:
                for (const int number : numbers)
                    REQUIRE(group.members.insert(number).second);
                break;
            case OperationKind::remove_members:
                for (const int number : numbers)
                    REQUIRE(group.members.erase(number) == 1);
                break;
            case OperationKind::delete_group:
                groups.erase(id);
                break;
            default:
                FAIL("an operation that this history has no use for");
        }
    }
};

// The smallest thing that keeps the store's promises.
struct StoreModel {
    MirrorExcerpt mirror;
    std::map<std::pair<GroupId, MemberId>, std::int64_t> generations;
    std::map<std::pair<GroupId, MemberId>, Evidence> evidence;
    std::map<GroupId, bool> marks;  // -> whole
    std::map<GroupId, std::set<MemberId>> touched;

    void commit(const MirrorChanges& changes, std::int64_t generation) {
        for (const MirrorGroup& group : changes.groups)
            mirror.groups[group.group.id] = group;
        for (const MembershipChange& change : changes.members) {
            const std::pair key{change.group, change.member};
            touched[change.group].insert(change.member);
            if (change.present) {
                mirror.members.insert(key);
                generations[key] = generation;
                evidence.erase(key);
            } else {
                mirror.members.erase(key);
                evidence[key] = change.evidence;
            }
        }
        for (const Mark& mark : changes.marks)
            marks[mark.group] |= mark.whole;
    }
};

class House {
 public:
    explicit House(unsigned seed) : random_(seed) {
        groups_config_.policy = Policy::full;
        guard_config_.max_member_removals = {100, true};
        guard_config_.max_group_deletions = {1000, false};
        guard_config_.inferred_removals_floor = 100000;
        scope_ = scope_rules(groups_config_).value();
        DirectoryConfig directory;
        directory.container = container.text();
        projection_ = projection_rules(groups_config_, directory, {}, {}).value();
    }

    void live(int rounds) {
        for (int round = 0; round < rounds; ++round) {
            std::vector<GroupItem> items;
            const unsigned events = chance(6);
            for (unsigned i = 0; i < events; ++i)
                happen(items);
            // A token dies now and then, and with it all that was not yet told.
            if (chance(5) == 0) {
                resync();
            } else {
                tell(std::move(items), false);
            }
            work_off();
            compare();
        }
    }

 private:
    unsigned chance(unsigned below) { return static_cast<unsigned>(random_() % below); }

    // --- the cloud ---

    GroupItem full_item(int number) {
        const CloudModel::Group& group = cloud_.groups.at(number);
        GroupItem item;
        item.id = group_id(number);
        item.display_name = {true, group.name};
        item.security_enabled = {true, group.security};
        return item;
    }

    static GroupItem removed_item(int number, Removal removal) {
        GroupItem item;
        item.id = group_id(number);
        item.removal = removal;
        return item;
    }

    GroupItem member_item(int number, int member, bool removed) {
        GroupItem item = full_item(number);
        item.members = {{member_id(member), MemberType::user, removed}};
        return item;
    }

    void make(std::vector<GroupItem>& items) {
        const int number = ++groups_made_;
        CloudModel::Group& group = cloud_.groups[number];
        group.name = "Group " + std::to_string(chance(3));
        items.push_back(full_item(number));
        for (int member = 0; member < 8; ++member) {
            if (chance(2) == 0) continue;
            group.members.insert(member);
            items.push_back(member_item(number, member, false));
        }
    }

    // The members of a restored group may not be told; but to a token that has never shown it, it
    // is new.
    void tell_restored(std::vector<GroupItem>& items, int number) {
        items.push_back(full_item(number));
        if (store_.mirror.groups.contains(group_id(number)) && chance(2) == 0) return;
        for (const int member : cloud_.groups.at(number).members) {
            items.push_back(member_item(number, member, false));
        }
    }

    void happen(std::vector<GroupItem>& items) {
        if (cloud_.groups.empty() || chance(6) == 0) return make(items);
        auto at = cloud_.groups.begin();
        std::advance(at, chance(static_cast<unsigned>(cloud_.groups.size())));
        auto& [number, group] = *at;
        if (group.state == CloudState::deleted) return;
        if (group.state == CloudState::soft_deleted) {
            const bool restore = chance(2) == 0;
            group.state = restore ? CloudState::active : CloudState::deleted;
            if (restore) {
                tell_restored(items, number);
            } else {
                items.push_back(removed_item(number, Removal::deleted));
            }
            return;
        }
        switch (chance(6)) {
            case 0:
                group.name = "Group " + std::to_string(chance(5));
                items.push_back(full_item(number));
                break;
            case 1:
                group.state = CloudState::soft_deleted;
                items.push_back(removed_item(number, Removal::changed));
                break;
            case 2:
                group.security = !group.security;
                items.push_back(full_item(number));
                break;
            default: {
                const int member = static_cast<int>(chance(8));
                const bool removed = group.members.erase(member) == 1;
                if (!removed) group.members.insert(member);
                items.push_back(member_item(number, member, removed));
            }
        }
    }

    // --- the stream ---

    FoldContext context(bool crawl) {
        return {generation_, crawl, crawl ? Cause::resync : Cause::poll, hinted_,
                [this](const CloudGroup& group) { return scope_of(group, scope_); }};
    }

    // Tells the items in pages of any size; some pages come twice, with the second word like the
    // first.
    void tell(std::vector<GroupItem> items, bool crawl) {
        for (std::size_t at = 0; at < items.size();) {
            const std::size_t end = std::min(items.size(), at + 1 + chance(5));
            GroupPage page;
            page.items.assign(items.begin() + static_cast<std::ptrdiff_t>(at),
                              items.begin() + static_cast<std::ptrdiff_t>(end));
            for (unsigned times = chance(4) == 0 ? 2 : 1; times > 0; --times) {
                store_.commit(fold_groups(page, store_.mirror, context(crawl)), generation_);
            }
            at = end;
        }
    }

    void resync() {
        ++generation_;
        std::vector<GroupItem> items;
        for (const auto& [number, group] : cloud_.groups) {
            if (group.state == CloudState::deleted) continue;
            if (group.state == CloudState::soft_deleted) {
                if (chance(2) == 0) items.push_back(removed_item(number, Removal::changed));
                continue;
            }
            items.push_back(full_item(number));
            for (const int member : group.members) {
                items.push_back(member_item(number, member, false));
            }
        }
        std::shuffle(items.begin(), items.end(), random_);
        tell(std::move(items), true);
        sweep();
    }

    void sweep() {
        Store::Unseen unseen;
        for (const auto& [id, row] : store_.mirror.groups) {
            const bool may_stand = row.group.state == CloudState::active ||
                                   row.group.state == CloudState::soft_deleted;
            if (may_stand && row.generation < generation_) {
                unseen.groups.push_back(row);
            }
        }
        for (const auto& key : store_.mirror.members) {
            if (store_.generations.at(key) < generation_) unseen.members.push_back(key);
        }
        store_.commit(fold_unseen(unseen, context(true)), generation_);
    }

    // --- the directory ---

    void read_what_is_open(const GroupId& id) {
        const CloudModel::Group& truth = cloud_.groups.at(number_of(id));
        MirrorGroup& row = store_.mirror.groups.at(id);
        if (row.group.state == CloudState::absent) {
            GroupRead read;
            read.state = truth.state;
            read.item = full_item(number_of(id));
            store_.commit(fold_read(row, read, context(false)), generation_);
        }
        if (!row.members_unread) return;
        row.members_unread = false;
        store_.marks[id] = true;
        for (int member = 0; member < 8; ++member) {
            const std::pair key{id, member_id(member)};
            if (truth.members.contains(member)) {
                store_.mirror.members.insert(key);
                store_.generations[key] = generation_;
                store_.evidence.erase(key);
            } else if (store_.mirror.members.erase(key) == 1) {
                store_.evidence[key] = Evidence::absent;
            }
        }
    }

    static int number_of(const GroupId& id) { return std::stoi(id.text().substr(24)); }

    GroupWork work_on(const GroupId& id, bool whole) {
        GroupWork work;
        work.group = id;
        work.whole = whole;
        work.cloud = store_.mirror.groups.at(id);
        const auto in_directory = directory_.groups.find(id);
        const bool is_written = in_directory != directory_.groups.end();
        if (is_written) {
            work.written = in_directory->second.written;
            work.written_count = static_cast<std::int64_t>(in_directory->second.members.size());
        }
        for (int member = 0; member < 8; ++member) {
            const std::pair key{id, member_id(member)};
            if (!whole && is_written && !store_.touched[id].contains(member_id(member))) continue;
            if (store_.mirror.members.contains(key)) work.wanted.push_back(wanted(member));
            if (!is_written || !in_directory->second.members.contains(member)) continue;
            const auto evidence = store_.evidence.find(key);
            work.present.push_back(present(
                member, evidence == store_.evidence.end() ? Evidence::none : evidence->second));
        }
        return work;
    }

    Plan plan_for(const GroupWork& work) {
        std::optional<DesiredGroup> wish;
        if (work.cloud->group.state == CloudState::active && work.cloud->in_scope) {
            wish = project(work.cloud->group, projection_).value();
        }
        const PlanRules rules{groups_config_, 1 + static_cast<int>(chance(3)),
                              written_attributes(projection_)};
        return plan_group(work, wish, rules, DeletionVerdict::none_pending);
    }

    void work_off() {
        for (const auto& [id, row] : std::map(store_.mirror.groups))
            read_what_is_open(id);
        const auto marks = std::move(store_.marks);
        store_.marks.clear();
        for (const auto& [id, whole] : marks) {
            const GroupWork work = work_on(id, whole);
            const Judgement judgement = judge(plan_for(work), work, GuardFacts{},
                                              {guard_config_, groups_config_, {container}});
            REQUIRE(judgement.holds.empty());
            for (const Operation& operation : judgement.permitted)
                directory_.apply(id, operation);
            store_.touched.erase(id);
        }
    }

    // AD is as the cloud is, each group that stands keeps its SID, and a second run writes nothing.
    void compare() {
        for (const auto& [number, group] : cloud_.groups) {
            const GroupId id = group_id(number);
            const auto found = directory_.groups.find(id);
            const bool stands = found != directory_.groups.end();
            if (group.state == CloudState::deleted) {
                CHECK_FALSE(stands);
                continue;
            }
            const bool wanted_there = group.state == CloudState::active && group.security;
            if (!wanted_there) {
                if (stands) CHECK(found->second.members.empty());
            } else {
                REQUIRE(stands);
                CHECK(found->second.members == group.members);
                CHECK(found->second.written.attributes.at("displayName") == Names{group.name});
                CHECK(found->second.written.cn.starts_with(group.name + "_"));
            }
            if (stands) {
                const Sid& sid = sids_.try_emplace(id, found->second.written.sid).first->second;
                CHECK(found->second.written.sid == sid);
            }
            if (store_.mirror.groups.contains(id)) {
                CHECK(plan_for(work_on(id, true)).operations.empty());
            }
        }
    }

    std::mt19937 random_;
    GroupsConfig groups_config_;
    GuardConfig guard_config_;
    ScopeRules scope_;
    ProjectionRules projection_;
    CloudModel cloud_;
    StoreModel store_;
    DirectoryModel directory_;
    std::map<GroupId, Instant> hinted_;
    std::map<GroupId, Sid> sids_;
    std::int64_t generation_ = 1;
    int groups_made_ = 0;
};

}  // namespace

TEST_CASE(
    "law 9: whatever happens, and however it is told, AD ends as the cloud is and a second run is "
    "empty") {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        House(seed).live(25);
    }
}
