// What the store's main path costs on this machine, in figures for people; nothing here passes or
// fails. Usage: store-benchmark [members of the large group]
#include "store/sqlite_inbox.hpp"
#include "store/sqlite_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

using namespace writeback;

namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

[[noreturn]] void give_up(const Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.detail.c_str());
    std::exit(1);
}

template <class T>
T value(Result<T> result) {
    if (!result) give_up(result.error());
    return *std::move(result);
}

// Processor time of the whole process so far: what is left of a figure on a busy machine.
double processor_seconds() {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

double milliseconds(const std::function<void()>& work) {
    const auto begin = Steady::now();
    work();
    return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

void tell(const char* what, std::vector<double> times) {
    static double before = 0;
    const double now = processor_seconds();
    std::sort(times.begin(), times.end());
    double sum = 0;
    for (const double time : times)
        sum += time;
    std::printf("%-58s n %5zu  mean %8.2f  p50 %8.2f  p99 %8.2f ms  (%.2f s of processor)\n", what,
                times.size(), sum / static_cast<double>(times.size()), times[times.size() / 2],
                times[times.size() * 99 / 100], now - before);
    before = now;
    std::fflush(stdout);
}

std::string id(const char* kind, int number) {
    char text[64];
    std::snprintf(text, sizeof text, "%s-0000-4000-8000-%012d", kind, number);
    return text;
}
GroupId group(int number) {
    return GroupId(id("aaaaaaaa", number));
}
MemberId user(int number) {
    return MemberId(id("bbbbbbbb", number));
}
AdIdentity identity(int number) {
    return {Sid("S-1-5-21-1-2-3-" + std::to_string(number + 1000)), {}};
}
Instant at(int number) {
    return Instant(Duration(1'700'000'000'000 + number));
}

MirrorGroup cloud_group(int number) {
    MirrorGroup shown;
    shown.group.id = group(number);
    shown.group.display_name = "Group " + std::to_string(number);
    shown.group.description = "A group that the benchmark made";
    shown.in_scope = true;
    shown.generation = 1;
    return shown;
}

WrittenGroup ad_group(int number) {
    WrittenGroup written;
    written.group = group(number);
    written.guid = ObjectGuid(id("cccccccc", number));
    written.sid = Sid("S-1-5-21-1-2-3-9" + std::to_string(number));
    written.dn = Dn("CN=Group " + std::to_string(number) + ",OU=Groups,DC=example,DC=com");
    return written;
}

StreamPosition position() {
    StreamPosition position;
    position.phase = StreamPhase::crawling;
    position.link = "https://graph.example/next";
    position.generation = 1;
    return position;
}

void finish(SqliteStore& store, const GroupWork& work, int now) {
    Outcome outcome;
    outcome.group = work.group;
    outcome.number = work.number;
    outcome.settled = true;
    if (!work.written) {
        WrittenGroup written = ad_group(0);
        written.group = work.group;
        written.guid = ObjectGuid("c" + work.group.text().substr(1));
        written.sid = Sid("S-1-5-21-1-2-3-9" + work.group.text().substr(24));
        outcome.written = written;
    }
    for (const auto& member : work.wanted) {
        outcome.added.push_back({member.identity, member.cloud_ids, Evidence::none});
    }
    for (const auto& member : work.present) {
        if (member.evidence != Evidence::none) outcome.removed.push_back(member.identity);
    }
    value(store.finish({outcome}, at(now)));
}

void crawl(SqliteStore& store, int pages, int users) {
    std::vector<double> commits;
    int next = 0;
    for (int page = 0; page < pages; ++page) {
        MirrorChanges changes;
        for (int i = 0; i < 100; ++i) {
            const int number = page * 100 + i + 1;
            changes.groups.push_back(cloud_group(number));
            for (int m = 0; m < 50; ++m) {
                next = (next + 7919) % users;
                changes.members.push_back(
                    {group(number), user(next), MemberType::user, true, Evidence::none});
            }
            changes.marks.push_back({group(number), Cause::resync, true, false, {}});
        }
        commits.push_back(
            milliseconds([&] { value(store.commit_groups(changes, position(), at(page))); }));
    }
    tell("commit of a page, 100 groups x 50 members", commits);
    std::vector<double> asks;
    std::vector<double> answers;
    for (int first = 0; first < users; first += 1000) {
        asks.push_back(milliseconds([&] { value(store.to_identify(at(0), at(0), {}, 1000)); }));
        std::vector<MemberIdentity> known;
        for (int i = first; i < std::min(first + 1000, users); ++i) {
            known.push_back(
                {user(i), MemberType::user, IdentityState::known, identity(i), "", "somebody"});
        }
        const auto number = value(store.change_number());
        answers.push_back(
            milliseconds([&] { value(store.store_identities(known, number, at(1))); }));
    }
    tell("to_identify, 1000 members", asks);
    tell("store_identities, 1000 members", answers);
    std::vector<double> dues;
    std::vector<double> facts;
    std::vector<double> writes;
    while (true) {
        std::vector<DueGroup> due;
        dues.push_back(milliseconds([&] { due = value(store.due(at(1'000'000), 16)); }));
        if (due.empty()) break;
        facts.push_back(milliseconds([&] { value(store.guard_facts(at(0))); }));
        writes.push_back(milliseconds([&] {
            for (const auto& one : due)
                finish(store, value(store.work(one.group)), 2);
        }));
    }
    tell("due, of all groups", dues);
    tell("guard_facts", facts);
    tell("work and finish of 16 new groups, one by one", writes);
    tell("counts", {milliseconds([&] { value(store.counts()); })});
}

void large_group(SqliteStore& store, int members) {
    const int number = 999'999;
    for (int first = 0; first < members; first += 20'000) {
        MirrorChanges changes;
        changes.groups = {cloud_group(number)};
        std::vector<MemberIdentity> known;
        for (int i = first; i < std::min(first + 20'000, members); ++i) {
            changes.members.push_back(
                {group(number), user(i), MemberType::user, true, Evidence::none});
            known.push_back({user(i), MemberType::user, IdentityState::known, identity(i), "", ""});
        }
        changes.marks.push_back({group(number), Cause::resync, true, false, {}});
        value(store.commit_groups(changes, position(), at(3)));
        value(store.store_identities(known, value(store.change_number()), at(3)));
    }
    GroupWork work;
    tell("work, whole large group",
         {milliseconds([&] { work = value(store.work(group(number))); })});
    tell("finish, whole large group", {milliseconds([&] { finish(store, work, 4); })});
    std::vector<double> cycles;
    std::vector<double> works;
    for (int i = 0; i < 500; ++i) {
        MirrorChanges changes;
        changes.groups = {cloud_group(number)};
        changes.members = {{group(number), user(i), MemberType::user, i % 2 == 1,
                            i % 2 == 1 ? Evidence::none : Evidence::removed}};
        changes.marks.push_back({group(number), Cause::hint, false, false, at(5)});
        cycles.push_back(milliseconds([&] {
            value(store.commit_groups(changes, position(), at(5)));
            works.push_back(milliseconds([&] { work = value(store.work(group(number))); }));
            value(store.begin_work({group(number)}, at(1)));
            finish(store, work, 6);
        }));
    }
    tell("one member of the large group: page, work, begin, finish", cycles);
    tell("  of which work", works);
}

Async<void> append_some(InboxWriter& inbox, int times, std::vector<double>& waits) {
    for (int i = 0; i < times; ++i) {
        std::vector<Hint> hints(1);
        hints[0].object_id = group(i).text();
        hints[0].subscription = SubscriptionId(id("dddddddd", 1));
        const auto begin = Steady::now();
        value(co_await inbox.append(std::move(hints)));
        waits.push_back(std::chrono::duration<double, std::milli>(Steady::now() - begin).count());
    }
}

void inbox(const std::string& path) {
    auto writer = value(SqliteInbox::open({path, "", 4096, std::chrono::seconds(10)}));
    for (const int concurrent : {1, 8, 64}) {
        asio::io_context context;
        std::vector<double> waits;
        const int each = 4000 / concurrent;
        for (int i = 0; i < concurrent; ++i) {
            asio::co_spawn(context, append_some(*writer, each, waits), asio::detached);
        }
        const double time = milliseconds([&] { context.run(); });
        std::printf("inbox, %2d at once: %8.0f appends/s\n", concurrent,
                    static_cast<double>(waits.size()) / time * 1000);
        tell("  wait of one append", waits);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const int members = argc > 1 ? std::atoi(argv[1]) : 250'000;
    std::string directory =
        (std::filesystem::temp_directory_path() / "store-benchmark-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) return 1;
    {
        auto store = value(SqliteStore::open(
            {directory + "/state.db", StoreAccess::owner, "", std::chrono::seconds(30)}));
        crawl(*store, 100, 100'000);
        large_group(*store, members);
        std::printf("size of the store: %.1f MB\n",
                    static_cast<double>(std::filesystem::file_size(directory + "/state.db")) / 1e6);
        inbox(directory + "/state.db-inbox");
    }
    std::filesystem::remove_all(directory);
    return 0;
}
