#include "store_story.hpp"

#include "store_fixture.hpp"

#include <random>

namespace writeback::test {

namespace {

constexpr int groups = 5;
constexpr int users = 24;

// Draws the calls. What it draws does not depend on what the store answers.
class Author {
 public:
    explicit Author(std::uint64_t seed) : chance_(seed) {}

    StoreCall next() {
        ++time_;
        switch (roll(14)) {
            case 0:
            case 1:
            case 2:
                return groups_page();
            case 3:
                return users_page();
            case 4:
            case 5:
                return answers();
            case 6:
                return begin();
            case 7:
            case 8:
            case 9:
                return finish();
            case 10:
                return read_back();
            case 11:
                return deletion();
            case 12:
                return subscription();
            default:
                return standing();
        }
    }

 private:
    int roll(int sides) { return static_cast<int>(chance_() % static_cast<unsigned>(sides)); }

    StreamPosition position() {
        StreamPosition position = steady();
        position.link = "https://graph.example/delta?token=" + std::to_string(time_);
        position.phase = roll(4) == 0 ? StreamPhase::crawling : StreamPhase::steady;
        return position;
    }

    StoreCall groups_page() {
        MirrorChanges page;
        for (int i = 0; i <= roll(3); ++i) {
            const int number = 1 + roll(groups);
            MirrorGroup shown = cloud_group(number, roll(8) != 0);
            shown.group.description = std::string(static_cast<std::size_t>(roll(900)), 'd');
            if (roll(8) == 0) shown.group.state = CloudState::soft_deleted;
            page.groups.push_back(shown);
            for (int j = 0; j < 1 + roll(12); ++j) {
                const int one = 1 + roll(users);
                page.members.push_back(roll(3) == 0 ? leaves(number, user(one))
                                                    : joins(number, user(one)));
            }
            page.marks.push_back(mark_of_group(number, Cause::hint, roll(3) == 0));
        }
        const Instant now = at(time_);
        return {"a groups page", [page, position = position(), now](SqliteStore& store) {
                    return store.commit_groups(page, position, now);
                }};
    }

    StoreCall users_page() {
        std::vector<UserItem> items;
        for (int i = 0; i <= roll(4); ++i) {
            const int one = 1 + roll(users);
            UserItem item;
            item.id = user(one);
            if (roll(3) == 0) {
                item.removal = Removal::changed;
            } else {
                item.on_premises_sync_enabled = {true, true};
                item.on_premises_security_identifier = {true, sid(one).text()};
            }
            items.push_back(item);
        }
        const Instant now = at(time_);
        return {"a users page", [items, position = position(), now](SqliteStore& store) {
                    return store.commit_users(items, position, now);
                }};
    }

    StoreCall answers() {
        std::vector<MemberIdentity> told;
        for (int i = 0; i <= roll(users); ++i) {
            const int one = 1 + roll(users);
            told.push_back(roll(5) == 0 ? none(one) : known(one));
        }
        const Instant now = at(time_);
        return {"answers about identities", [told, now](SqliteStore& store) -> Result<Done> {
                    const Result<std::int64_t> number = store.change_number();
                    if (!number) return number.error();
                    return store.store_identities(told, *number, now);
                }};
    }

    StoreCall begin() {
        const std::vector<GroupId> chosen{group(1 + roll(groups)), group(1 + roll(groups))};
        const Instant now = at(time_);
        return {"a run begins",
                [chosen, now](SqliteStore& store) { return store.begin_work(chosen, now); }};
    }

    StoreCall finish() {
        const bool holds = roll(3) == 0;
        const Instant now = at(time_);
        return {"outcomes", [holds, now](SqliteStore& store) -> Result<Done> {
                    const Result<std::vector<DueGroup>> due = store.due(now, 3);
                    if (!due) return due.error();
                    std::vector<Outcome> outcomes;
                    for (const DueGroup& one : *due) {
                        const int number = std::stoi(one.group.text().substr(24));
                        const Result<GroupWork> work = store.work(one.group);
                        if (!work) return work.error();
                        Outcome outcome = StoreFixture::outcome_of(*work, number);
                        outcome.inferred_removals = holds ? 1 : 0;
                        if (holds) {
                            Hold hold;
                            hold.group = one.group;
                            hold.reason = HoldReason::refused;
                            hold.detail = "AD refused this member";
                            outcome.holds.push_back(hold);
                            outcome.last_error = hold.detail;
                        }
                        outcomes.push_back(outcome);
                    }
                    return store.finish(outcomes, now);
                }};
    }

    StoreCall read_back() {
        DirectoryReadback read;
        const int number = 1 + roll(groups);
        read.written = ad_group(number);
        read.evidence = Evidence::drift_undone;
        for (int one = 1; one <= users; ++one) {
            if (roll(3) == 0) read.members.push_back(person(one));
        }
        const Instant now = at(time_);
        if (roll(4) == 0) {
            return {"a group that AD lost", [number, now](SqliteStore& store) {
                        return store.forget_written(group(number), now);
                    }};
        }
        return {"a read of AD",
                [read, now](SqliteStore& store) { return store.replace_written(read, now); }};
    }

    StoreCall deletion() {
        const int number = 1 + roll(groups);
        const Instant now = at(time_);
        if (roll(3) == 0) {
            return {"a decision", [now](SqliteStore& store) -> Result<Done> {
                        const auto decided = store.decide("", Decision::approved, now);
                        if (!decided) return decided.error();
                        return Done{};
                    }};
        }
        if (roll(2) == 0) {
            Hold hold;
            hold.group = group(number);
            hold.reason = HoldReason::guard;
            hold.detail = "too many deletions";
            return {"a held deletion", [hold, now](SqliteStore& store) {
                        return store.judge_deletions({}, {hold}, now);
                    }};
        }
        return {"an allowed deletion", [number, now](SqliteStore& store) {
                    return store.judge_deletions({group(number)}, {}, now);
                }};
    }

    StoreCall subscription() {
        StoredSubscription stored;
        stored.subscription.id = SubscriptionId("subscription-" + std::to_string(roll(2)));
        stored.subscription.expires = at(time_ + 1000);
        if (roll(4) == 0) {
            return {"a subscription that is gone", [stored](SqliteStore& store) {
                        return store.remove_subscription(stored.subscription.id);
                    }};
        }
        return {"a subscription",
                [stored](SqliteStore& store) { return store.save_subscription(stored); }};
    }

    StoreCall standing() {
        const std::string text = std::to_string(time_);
        const Instant now = at(time_);
        switch (roll(5)) {
            case 0:
                return {"a fact",
                        [text](SqliteStore& store) { return store.set_fact("watermark", text); }};
            case 1:
                return {"a request",
                        [text](SqliteStore& store) { return store.add_request("resync", text); }};
            case 2:
                return {"a full audit", [now](SqliteStore& store) -> Result<Done> {
                            const auto marked = store.mark_all_written(Cause::drift, now);
                            if (!marked) return marked.error();
                            return Done{};
                        }};
            case 3:
                return {"a forgotten link",
                        [](SqliteStore& store) { return store.forget_position(Stream::groups); }};
            default:
                return {"everyone asked again",
                        [](SqliteStore& store) { return store.ask_everyone_again(); }};
        }
    }

    std::mt19937_64 chance_;
    int time_ = 0;
};

}  // namespace

std::vector<StoreCall> store_story(std::uint64_t seed, std::size_t calls) {
    Author author(seed);
    std::vector<StoreCall> story{
        {"the domain", [](SqliteStore& store) { return store.bind("domain_sid", domain); }}};
    while (story.size() < calls)
        story.push_back(author.next());
    return story;
}

}  // namespace writeback::test
