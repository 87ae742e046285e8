// Every request that the daemon sends to the directory fails once, in each way that it can: nothing
// is lost, no SID changes, no group is made twice.
#include "fakes/directory_tree_lab.hpp"
#include "simulation/directory_world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using namespace writeback;
using namespace writeback::simulation;
using namespace std::chrono_literals;

namespace {

const std::vector<DirectoryFault> all_faults = {
    DirectoryFault::busy,        DirectoryFault::unavailable, DirectoryFault::refused,
    DirectoryFault::lost_before, DirectoryFault::lost_after,  DirectoryFault::silent,
    DirectoryFault::silent_after};

// Changes of every kind at once; `round` makes each different from the one before.
class Tenant {
 public:
    explicit Tenant(DirectoryWorld& world) : world_(world) {
        for (int i = 1; i <= 12; ++i)
            people_.push_back(world.person(i));
        parent_ = world.cloud.add_group("Parent");
        lasting_ = world.cloud.add_group("Lasting");
        for (int i = 0; i < 8; ++i)
            world.cloud.add_member(lasting_, people_[static_cast<std::size_t>(i)]);
        world.cloud.add_member(parent_, as_member(lasting_));
        leaving_ = world.cloud.add_group("Leaving");
        world.cloud.add_member(leaving_, people_[0]);
    }

    void change(int round) {
        auto& cloud = world_.cloud;
        const auto one = people_[static_cast<std::size_t>(round) % people_.size()];
        if (cloud.group(lasting_).members.contains(one)) {
            cloud.remove_member(lasting_, one);
        } else {
            cloud.add_member(lasting_, one);
        }
        const auto title = "Lasting " + std::to_string(round);
        cloud.change_group(lasting_, [&](CloudGroup& group) {
            group.display_name = title;
            group.description = "round " + std::to_string(round);
        });
        // One group goes for good, one is emptied, one is new and nested.
        if (!emptied_.empty()) cloud.hard_delete(emptied_);
        cloud.soft_delete(leaving_);
        emptied_ = leaving_;
        leaving_ = cloud.add_group("Leaving " + std::to_string(round), round % 2 == 0);
        cloud.add_member(leaving_, people_[1]);
        cloud.add_member(leaving_, people_[2]);
        cloud.add_member(parent_, as_member(leaving_));
    }

 private:
    DirectoryWorld& world_;
    std::vector<MemberId> people_;
    GroupId parent_;
    GroupId lasting_;
    GroupId leaving_;
    GroupId emptied_;
};

// How often each group was made in the directory.
std::map<std::string, int> creations(const DirectoryWorld& world) {
    std::map<std::string, int> made;
    for (const auto& write : world.writes) {
        if (write.request.kind != DirectoryRequest::Kind::add || !write.obeyed()) continue;
        for (const auto& attribute : write.request.attributes) {
            if (attribute.name == "adminDescription") ++made[attribute.values.at(0)];
        }
    }
    return made;
}

void check_writes(const DirectoryWorld& world) {
    for (const auto& [mark, times] : creations(world))
        CHECK_MESSAGE(times == 1, (mark + " was made again"));
    for (const auto& write : world.writes) {
        if (!write.before || !write.obeyed() || write.by != WrittenBy::daemon) continue;
        CHECK_MESSAGE(write.before->mark.starts_with("Group_"), write.before->dn.text());
        CHECK(write.before->dn.text().ends_with(fakes::lab_container));
    }
}

// For N = 1, 2, … the Nth request fails, until a run needs fewer.
int fail_each_request(DirectoryWorld& world, DirectoryFault fault) {
    Tenant tenant(world);
    REQUIRE(world.once().has_value());
    CHECK(world.difference() == "");
    for (int n = 1;; ++n) {
        REQUIRE(n < 1000);
        CAPTURE(n);
        CAPTURE(std::string(name_of(fault)));
        tenant.change(n);
        world.controllers.fail_nth(static_cast<std::uint64_t>(n), fault);
        static_cast<void>(world.once());
        const bool untouched = !world.controllers.failed_nth();
        world.controllers.fail_nth(0, DirectoryFault::none);
        CHECK(world.come_to_rest() == "");
        CHECK(world.difference() == "");
        if (untouched) return n;
    }
}

}  // namespace

TEST_CASE("Whichever request to the directory fails, and however, the next runs make it good") {
    for (std::size_t i = 0; i < all_faults.size(); ++i) {
        DomainControllerOptions options;
        options.servers = 1;
        options.tree.dialect = i % 2 == 0 ? DirectoryDialect::samba : DirectoryDialect::windows;
        DirectoryWorld world(options);
        const int requests = fail_each_request(world, all_faults[i]);
        CHECK(requests > 30);
        check_writes(world);
    }
}

TEST_CASE("Whenever the domain controller dies, the daemon goes on at one that is behind") {
    for (const auto dialect : {DirectoryDialect::samba, DirectoryDialect::windows}) {
        DomainControllerOptions options;
        options.tree.dialect = dialect;
        options.least_lag = 20s;
        options.most_lag = 50s;
        DirectoryWorld world(options);
        Tenant tenant(world);
        REQUIRE(world.once().has_value());
        CHECK(world.difference() == "");
        bool untouched = false;
        for (int n = 1; !untouched; ++n) {
            REQUIRE(n < 1000);
            CAPTURE(n);
            tenant.change(n);
            int left = n;
            world.controllers.faults = [&](std::size_t server, const DirectoryRequest&) {
                if (left == 0 || --left != 0) return DirectoryFault::none;
                world.controllers.set_up(server, false);
                return n % 2 == 0 ? DirectoryFault::lost_after : DirectoryFault::lost_before;
            };
            static_cast<void>(world.once());
            untouched = left != 0;
            world.wait(1s);
            static_cast<void>(world.once());
            world.controllers.heal();
            world.wait(2min);
            CHECK(world.come_to_rest() == "");
            CHECK(world.difference() == "");
        }
        check_writes(world);
    }
}
