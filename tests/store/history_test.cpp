// Histories by chance: changes of the cloud, answers, runs that overlap with them, crashes and
// re-reads, against a small model of what the cloud holds and what AD has. Whatever the order, the
// counts are right at every step, every removal still has its evidence, and when all that is dirty
// has been worked on, AD has exactly what the cloud asks for.
#include "store/database.hpp"
#include "store_fixture.hpp"

#include <map>
#include <random>
#include <set>

using namespace writeback;
using namespace writeback::test;

namespace {

constexpr int groups = 4;
constexpr int users = 12;

class History {
 public:
    explicit History(unsigned seed) : chance_(seed) {
        auto origin = value(SqliteStore::open(
            {directory_.file("origin.db"), StoreAccess::owner, "", std::chrono::seconds(10)}));
        store_ = value(origin->copy_to(directory_.file("state.db")));
        done(store_->bind("domain_sid", domain));
        DatabaseOptions options;
        options.path = directory_.file("state.db");
        options.read_only = true;
        observer_ = value(Database::open(options));
    }

    void step() {
        ++now_;
        switch (roll(10)) {
            case 0:
            case 1:
            case 2:
                return cloud_page();
            case 3:
                return users_page();
            case 4:
                return answer();
            case 5:
            case 6:
                return begin_run();
            case 7:
            case 8:
                return end_run();
            default:
                return crash();
        }
    }

    void check_counts() {
        expect_none(
            "SELECT 1 FROM standing s WHERE s.written <> "
            "(SELECT count(*) FROM written_member w WHERE w.parent = s.object)");
        expect_none(
            "SELECT 1 FROM standing s WHERE s.unknown <> "
            "(SELECT count(*) FROM membership m JOIN object o ON o.key = m.member "
            "WHERE m.parent = s.object AND o.state = 2)");
        expect_none(
            "SELECT 1 FROM object o WHERE o.scoped <> EXISTS "
            "(SELECT 1 FROM membership m JOIN mirror_group g ON g.object = m.parent "
            "WHERE m.member = o.key AND g.in_scope = 1)");
        expect_none("SELECT 1 FROM object WHERE (state = 0) <> (identity IS NOT NULL)");
        // Law 4: nothing leaves AD without a reason that is remembered.
        expect_none(
            "SELECT 1 FROM written_member w WHERE NOT EXISTS "
            "(SELECT 1 FROM membership m JOIN object o ON o.key = m.member "
            "WHERE m.parent = w.parent AND o.identity = w.identity) AND NOT EXISTS "
            "(SELECT 1 FROM touched t WHERE t.parent = w.parent "
            "AND t.identity = w.identity AND t.evidence <> 0)");
    }

    void finish_everything() {
        while (!runs_.empty())
            end_run();
        for (int round = 0; round < 20; ++round) {
            const auto due = value(store_->due(at(now_ + 1000), 100));
            if (due.empty()) break;
            for (const auto& one : due)
                run_whole(number_of(one.group));
        }
        CHECK(value(store_->counts()).dirty == 0);
        for (int number = 1; number <= groups; ++number) {
            CHECK(directory_of_[number] == wanted(number));
            const GroupWork work = value(store_->work(group(number)));
            CHECK(work.written_count == static_cast<std::int64_t>(directory_of_[number].size()));
        }
        CHECK(value(store_->guard_facts(at(0))).inferred_removals_pending == 0);
    }

 private:
    using Keys = std::set<std::string>;
    struct Run {
        GroupWork work;
        Outcome outcome;
    };

    int roll(int sides) { return static_cast<int>(chance_() % static_cast<unsigned>(sides)); }

    static int number_of(const GroupId& id) { return std::stoi(id.text().substr(24)); }

    void expect_none(Sql sql) {
        Transaction transaction(*observer_, Transaction::Kind::read);
        Statement row = observer_->query(sql);
        CHECK_MESSAGE(!row.next(), sql.text);
        CHECK_FALSE(observer_->failure());
    }

    Keys wanted(int number) const {
        Keys keys;
        const auto found = members_.find(number);
        if (found == members_.end()) return keys;
        for (const int one : found->second) {
            const auto identity = identity_of_.find(one);
            if (identity != identity_of_.end() && identity->second != 0) {
                keys.insert(sid(identity->second).text());
            }
        }
        return keys;
    }

    void cloud_page() {
        const int number = 1 + roll(groups);
        MirrorChanges page;
        page.groups = {cloud_group(number)};
        auto& members = members_[number];
        for (int i = 0; i <= roll(4); ++i) {
            const int one = 1 + roll(users);
            if (members.erase(one) > 0) {
                page.members.push_back(
                    leaves(number, user(one), roll(2) == 0 ? Evidence::removed : Evidence::absent));
            } else {
                members.insert(one);
                page.members.push_back(joins(number, user(one)));
            }
        }
        page.marks = {
            mark_of_group(number, roll(2) == 0 ? Cause::hint : Cause::poll, !shown_[number])};
        shown_[number] = true;
        done(store_->commit_groups(page, steady(), at(now_)));
    }

    // Two users share each identity, so that one may stay while the other leaves.
    int identity_by_chance(int one) { return roll(3) == 0 ? 100 + one : (one + 1) / 2; }

    void users_page() {
        const int one = 1 + roll(users);
        UserItem item;
        item.id = user(one);
        if (!known_to_mirror(one)) return;
        if (roll(2) == 0) {
            item.removal = Removal::changed;
            identity_of_[one] = 0;
        } else {
            const int identity = identity_by_chance(one);
            item.on_premises_sync_enabled = {true, true};
            item.on_premises_security_identifier = {true, sid(identity).text()};
            identity_of_[one] = identity;
        }
        done(store_->commit_users({item}, steady(), at(now_)));
    }

    void answer() {
        const int one = 1 + roll(users);
        if (!known_to_mirror(one)) return;
        MemberIdentity told = roll(3) == 0 ? none(one, "not-synced") : known(one);
        if (told.state == IdentityState::known) {
            const int identity = identity_by_chance(one);
            told.identity = person(identity);
            identity_of_[one] = identity;
        } else {
            identity_of_[one] = 0;
        }
        done(store_->store_identities({told}, value(store_->change_number()), at(now_)));
    }

    // The store knows an object from the first time that it was a member.
    bool known_to_mirror(int one) {
        for (const auto& [number, members] : members_) {
            if (members.contains(one)) known_.insert(one);
        }
        return known_.contains(one);
    }

    void begin_run() {
        const auto due = value(store_->due(at(now_), 10));
        if (due.empty()) return;
        const int number =
            number_of(due[static_cast<std::size_t>(roll(static_cast<int>(due.size())))].group);
        if (!runs_.contains(number)) plan(number);
    }

    void plan(int number) {
        GroupWork work = value(store_->work(group(number)));
        if (work.read_first && work.written) {
            std::vector<AdIdentity> members;
            for (const auto& key : directory_of_[number])
                members.push_back({Sid(key), {}});
            done(store_->replace_written({ad_group(number), members, Evidence::drift_undone},
                                         at(1)));
            work = value(store_->work(group(number)));
        }
        done(store_->begin_work({group(number)}, at(1)));
        Run run;
        run.outcome = StoreFixture::outcome_of(work, number);
        run.work = std::move(work);
        runs_.emplace(number, std::move(run));
    }

    // AD obeys; the store may or may not learn of it.
    void obey(const Outcome& outcome, int number) {
        auto& members = directory_of_[number];
        for (const auto& member : outcome.added)
            members.insert(member.identity.key());
        for (const auto& identity : outcome.removed)
            members.erase(identity.key());
    }

    void end_run() {
        if (runs_.empty()) return;
        const auto run = std::next(runs_.begin(), roll(static_cast<int>(runs_.size())));
        const int number = run->first;
        Outcome outcome = std::move(run->second.outcome);
        runs_.erase(run);
        if (roll(5) == 0 && !outcome.removed.empty()) {
            // Part of it was refused; it is tried again.
            outcome.removed.pop_back();
            outcome.settled = false;
        }
        obey(outcome, number);
        done(store_->finish({outcome}, at(now_)));
    }

    void run_whole(int number) {
        plan(number);
        Run run = std::move(runs_.at(number));
        runs_.erase(number);
        obey(run.outcome, number);
        done(store_->finish({run.outcome}, at(now_)));
    }

    // The process ends: runs that were under way have reached AD, or not.
    void crash() {
        if (roll(4) != 0) return;
        for (const auto& [number, run] : runs_) {
            // A group that was being made would be found by its mark; that is not told here.
            if (run.outcome.written) {
                obey(run.outcome, number);
                done(store_->finish({run.outcome}, at(now_)));
            } else if (roll(2) == 0) {
                obey(run.outcome, number);
            }
        }
        runs_.clear();
    }

    TemporaryDirectory directory_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Database> observer_;
    std::mt19937 chance_;
    std::int64_t now_ = 0;
    std::map<int, std::set<int>> members_;
    std::map<int, int> identity_of_;
    std::set<int> known_;
    std::map<int, bool> shown_;
    std::map<int, Keys> directory_of_;
    std::map<int, Run> runs_;
};

}  // namespace

TEST_CASE("whatever the order of changes, runs and crashes, AD ends as the cloud asks") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        History history(seed);
        for (int step = 0; step < 150; ++step) {
            CAPTURE(step);
            history.step();
            history.check_counts();
        }
        history.finish_everything();
        history.check_counts();
    }
}
