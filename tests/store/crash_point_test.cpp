#include "store_fixture.hpp"

#include <writeback/crash_point.hpp>

#include <signal.h>
#include <sys/wait.h>

using namespace writeback;
using namespace writeback::test;

namespace {

// How a process ends in which this place is armed and three facts are noted.
int end_of_a_process_armed_at(const char* point, const std::string& path) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (!arm_crash_point(point)) ::_exit(2);
        auto store = SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)});
        for (const char* value : {"1", "2", "3"}) {
            if (!store || !(*store)->set_fact("last", value)) ::_exit(1);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

std::string last_fact(const std::string& path) {
    auto store = value(SqliteStore::open({path, StoreAccess::owner, "", std::chrono::seconds(10)}));
    return value(store->fact("last")).value_or("none");
}

}  // namespace

TEST_CASE("a process dies at the place that is armed, at the passing that was asked for") {
    const TemporaryDirectory directory;
    const auto file = [&](const char* name) { return directory.file(name); };
    const auto killed = [&](const char* point, const std::string& path) {
        const int status = end_of_a_process_armed_at(point, path);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    };
    CHECK(killed("before-fact", file("a")));
    CHECK(last_fact(file("a")) == "none");
    CHECK(killed("after-fact", file("b")));
    CHECK(last_fact(file("b")) == "1");
    CHECK(killed("before-fact:3", file("c")));
    CHECK(last_fact(file("c")) == "2");
    CHECK_FALSE(killed("after-fact:4", file("d")));
    CHECK(last_fact(file("d")) == "3");
    CHECK(killed("before-store-schema", file("e")));
    CHECK(last_fact(file("e")) == "none");
}

TEST_CASE("a place that does not exist is refused in a sentence that tells where the names are") {
    for (const char* wrong : {"", "fact", "before-", "before-none", "before-fact:", "before-fact:0",
                              "before-fact:x", "after-fact:1x", "before-fact:-1"}) {
        const auto armed = arm_crash_point(wrong);
        REQUIRE(armed.has_error());
        CHECK(armed.error().detail.find("crash_point.hpp") != std::string::npos);
        CHECK(armed_crash_point.place == -1);
    }
}
