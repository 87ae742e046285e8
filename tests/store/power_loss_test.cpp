// Power is cut at every sync and between them. Whatever the disk kept of the unsynced writes, the
// production code opens what is left, and finds the state after the last call that had returned, or
// after the one that was under way, and nothing between (laws 2 and 3).
//
// WRITEBACK_IMAGES=100000 examines as many images instead of the usual 5,000.
#include "fakes/model_disk.hpp"
#include "inspection.hpp"
#include "power_images.hpp"
#include "store/database.hpp"
#include "store/inbox_file.hpp"
#include "store_fixture.hpp"
#include "store_story.hpp"

#include <cstdlib>
#include <functional>
#include <set>

using namespace writeback;
using namespace writeback::test;

using fakes::DiskCall;
using fakes::DiskFile;
using fakes::ModelDisk;

namespace {

const std::string store_path = "/store/state.db";
const std::string inbox_path = "/store/state.db-inbox";

std::size_t images_wanted() {
    const char* wanted = std::getenv("WRITEBACK_IMAGES");
    return wanted != nullptr ? std::stoul(wanted) : 5000;
}

// What a call does to the files, seen from the disk: the moments at which power may be cut, and the
// rows before and after it.
class PowerLoss {
 public:
    // `open` opens the file on a disk as production does, and writes a little.
    using Open = std::function<Result<Done>(const ModelDisk&)>;

    PowerLoss(std::uint64_t seed, std::string path, Open open)
        : disk(seed), path_(std::move(path)), open_(std::move(open)), chance_(seed) {
        disk.observe([this](DiskCall call, const std::string&) {
            // Before a sync is as after the write before it.
            if (call == DiskCall::sync) moments_.push_back(std::move(latest_));
            latest_ = disk.state();
            if (call != DiskCall::write) moments_.push_back(latest_);
        });
    }

    // The call returned success: all the moments in it are examined.
    void call_returned() {
        moments_.push_back(disk.state());
        const Inspection after = inspect(disk.vfs(), path_);
        CHECK(after.damage.empty());
        const std::vector<std::vector<DiskFile>> moments = std::exchange(moments_, {});
        for (std::size_t i = 0; i < moments.size(); ++i) {
            const bool returned = i + 1 == moments.size();
            each_image(moments[i], images_a_moment, chance_,
                       [&](const auto& image) { examine(image, after.rows, returned); });
        }
        before_ = after.rows;
        moments_.clear();
    }

    ModelDisk disk;
    std::size_t images = 0;
    std::set<std::string> ends;           // "before", "after", "nothing yet"
    std::vector<std::string> violations;  // of what a power cut may do

 private:
    static constexpr std::size_t images_a_moment = 10;

    void examine(const ModelDisk::Contents& image, const std::string& after, bool returned) {
        ++images;
        ModelDisk left(images, image);
        if (images % 8 == 0) {
            // Power fails once more while the first opening recovers.
            left.fail_in(static_cast<int>(images / 8 % 20) + 1, DiskCall::write, true);
            static_cast<void>(open_(left));
            left.mend();
            left.crash();
        } else {
            judge(inspect(left.vfs(), path_), after, returned);
        }
        const Result<Done> opened = open_(left);
        if (!opened) violations.push_back(opened.error().detail);
        const Inspection used = inspect(left.vfs(), path_);
        if (!used.damage.empty()) violations.push_back(used.damage);
    }

    void judge(const Inspection& found, const std::string& after, bool returned) {
        if (!found.damage.empty()) {
            violations.push_back(found.damage);
        } else if (found.rows == after) {
            ends.insert("after");
        } else if (returned) {
            violations.emplace_back("a call that had returned is gone, or not whole");
        } else if (before_.empty() && found.rows.empty()) {
            ends.insert("nothing yet");
        } else if (found.rows == before_) {
            ends.insert("before");
        } else {
            violations.emplace_back("a call that was under way is there by half");
        }
    }

    std::string path_;
    Open open_;
    std::mt19937_64 chance_;
    std::string before_;
    std::vector<DiskFile> latest_;
    std::vector<std::vector<DiskFile>> moments_;
};

// The sums over many histories.
struct Examined {
    std::size_t images = 0;
    std::set<std::string> ends;
    void add(const PowerLoss& loss) {
        images += loss.images;
        ends.insert(loss.ends.begin(), loss.ends.end());
        for (const std::string& violation : loss.violations)
            FAIL_CHECK(violation);
        REQUIRE(loss.violations.empty());
    }
};

StoreOptions store_on(const ModelDisk& disk) {
    return {store_path, StoreAccess::owner, disk.vfs(), std::chrono::seconds(1)};
}

Result<Done> use_store(const ModelDisk& disk) {
    Result<std::unique_ptr<SqliteStore>> store = SqliteStore::open(store_on(disk));
    if (!store) return store.error();
    return (*store)->set_fact("opened", "yes");
}

InboxOptions inbox_on(const ModelDisk& disk) {
    return {inbox_path, disk.vfs(), 4096, std::chrono::seconds(1)};
}

Hint hint(int number) {
    Hint hint;
    hint.received_at = at(number);
    hint.subscription = SubscriptionId("subscription");
    hint.object_id = group(number).text();
    return hint;
}

Result<Done> use_inbox(const ModelDisk& disk) {
    Result<std::unique_ptr<InboxFile>> inbox = InboxFile::open(inbox_on(disk));
    if (!inbox) return inbox.error();
    return (*inbox)->write({hint(0)});
}

// What SQLite does by itself when a log has grown: the pages go into the file, and the next write
// begins the log again.
void checkpoint(const ModelDisk& disk, const std::string& path) {
    DatabaseOptions options;
    options.path = path;
    options.vfs = disk.vfs();
    auto database = value(Database::open(options));
    database->script("PRAGMA wal_checkpoint(PASSIVE)");
    CHECK_FALSE(database->failure());
}

void store_images(std::uint64_t seed, Examined& examined) {
    PowerLoss loss(seed, store_path, use_store);
    auto store = value(SqliteStore::open(store_on(loss.disk)));
    loss.call_returned();
    std::size_t number = 0;
    for (const StoreCall& call : store_story(seed, 40)) {
        INFO("seed ", seed, ", ", call.name);
        done(call.make(*store));
        if (++number % 7 == 0) checkpoint(loss.disk, store_path);
        if (number % 16 == 0) {
            store.reset();
            store = value(SqliteStore::open(store_on(loss.disk)));
        }
        loss.call_returned();
    }
    examined.add(loss);
}

void inbox_images(std::uint64_t seed, Examined& examined) {
    PowerLoss loss(seed, inbox_path, use_inbox);
    auto inbox = value(InboxFile::open(inbox_on(loss.disk)));
    loss.call_returned();
    std::mt19937_64 chance(seed);
    for (int number = 1; number <= 30; ++number) {
        INFO("seed ", seed, ", call ", number);
        if (chance() % 4 == 0) {
            std::vector<std::int64_t> ids;
            for (const Hint& one : value(inbox->read(0, 3)))
                ids.push_back(one.id);
            done(inbox->forget(ids));
        } else {
            done(inbox->write(std::vector<Hint>(1 + chance() % 30, hint(number))));
        }
        if (number % 6 == 0) checkpoint(loss.disk, inbox_path);
        loss.call_returned();
    }
    examined.add(loss);
}

const std::set<std::string> every_end{"after", "before", "nothing yet"};

}  // namespace

TEST_CASE("whatever a power cut leaves of the store, it holds each call whole or not at all") {
    Examined examined;
    for (std::uint64_t seed = 1; examined.images < images_wanted() * 3 / 4; ++seed)
        store_images(seed, examined);
    MESSAGE(examined.images << " images of the store");
    CHECK(examined.ends == every_end);
}

TEST_CASE("whatever a power cut leaves of the inbox, what was answered is there") {
    Examined examined;
    for (std::uint64_t seed = 1; examined.images < images_wanted() / 3; ++seed)
        inbox_images(seed, examined);
    MESSAGE(examined.images << " images of the inbox");
    CHECK(examined.ends == every_end);
}

// The process that ended on a failed sync leaves in memory what the disk never got.
TEST_CASE("what follows a sync that failed is there after a power cut") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        INFO("seed ", seed);
        ModelDisk disk(seed);
        {
            auto inbox = value(InboxFile::open(inbox_on(disk)));
            done(inbox->write({hint(1)}));
            disk.fail_in(1, DiskCall::sync, true);
            CHECK_FALSE(inbox->write({hint(2)}).has_value());
            disk.kill();
        }
        disk.mend();
        auto inbox = value(InboxFile::open(inbox_on(disk)));
        done(inbox->write({hint(3)}));
        disk.crash();
        const auto left = value(value(InboxFile::open(inbox_on(disk)))->read(0, 10));
        REQUIRE_FALSE(left.empty());
        CHECK(left.front().object_id == hint(1).object_id);
        CHECK(left.back().object_id == hint(3).object_id);
    }
}

TEST_CASE("a store that does not sync is seen to lose what it had answered") {
    PowerLoss loss(1, "/store/copy.db", [](const ModelDisk&) -> Result<Done> { return Done{}; });
    auto origin = value(SqliteStore::open(store_on(loss.disk)));
    auto store = value(origin->copy_to("/store/copy.db"));
    loss.call_returned();
    for (const StoreCall& call : store_story(1, 5)) {
        done(call.make(*store));
        loss.call_returned();
    }
    CHECK_FALSE(loss.violations.empty());
}
