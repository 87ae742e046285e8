// Named places, before and after each durable step, at which a test has the process die: by
// SIGKILL, as power or an administrator would end it.
//
// Purpose: laws 2, 3 and 12 are shown on the real program. GROUP_WRITEBACK_CRASH_AT=before-page
// makes the first passing of that place the last thing the process does; before-page:3 the third.
// Without the variable a place costs one comparison. Before a step everything is prepared and
// nothing of it durable; after it the step is done and nobody has been told. A new durable step
// takes a name here and a driver in tests/end_to_end/crash_points_test.py, which refuses a place
// that is never passed. Failures: an unknown name is told before anything begins. Threads: any.
#pragma once

#include <writeback/result.hpp>

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>
#include <unistd.h>

namespace writeback {

enum class DurableStep {
    none,  // has no place: passing it never ends the process
    // transactions of the store and the inbox
    store_schema,
    inbox_schema,
    fact_bound,
    fact,
    crawl_page,
    page,
    sweep_batch,  // the last page of a resync, and what it did not show
    sweep_end,
    users_begun,
    users_page,
    position_forgotten,
    direct_read,
    owners_read,
    identities,
    everyone_asked_again,
    marks,
    work_begun,
    outcomes,
    read_back,
    group_forgotten,
    group_released,
    deletions_judged,
    decision,
    all_marked,
    request,
    request_done,
    subscription_stored,
    subscription_forgotten,
    hints_appended,
    hints_forgotten,
    watermark,
    // operations of the directory: before it is sent, and after its yes
    create_group,
    modify_group,
    rename_group,
    move_group,
    convert_group,
    add_members,
    remove_members,
    delete_group,
    restore_group,
    mark_replaced,
    // calls of Graph that leave something there
    subscription_created,
    subscription_renewed,
    subscription_removed,
    // the life of the daemon
    start,
    stop,
};

inline constexpr std::array<std::string_view, 47> durable_steps = {
    "none",
    "store-schema",
    "inbox-schema",
    "fact-bound",
    "fact",
    "crawl-page",
    "page",
    "sweep-batch",
    "sweep-end",
    "users-begun",
    "users-page",
    "position-forgotten",
    "direct-read",
    "owners-read",
    "identities",
    "everyone-asked-again",
    "marks",
    "work-begun",
    "outcomes",
    "read-back",
    "group-forgotten",
    "group-released",
    "deletions-judged",
    "decision",
    "all-marked",
    "request",
    "request-done",
    "subscription-stored",
    "subscription-forgotten",
    "hints-appended",
    "hints-forgotten",
    "watermark",
    "create-group",
    "modify-group",
    "rename-group",
    "move-group",
    "convert-group",
    "add-members",
    "remove-members",
    "delete-group",
    "restore-group",
    "mark-replaced",
    "subscription-created",
    "subscription-renewed",
    "subscription-removed",
    "start",
    "stop",
};

static_assert(durable_steps.size() == static_cast<std::size_t>(DurableStep::stop) + 1);

// The one place at which this process is to die, and how many passings are left.
struct ArmedCrashPoint {
    std::atomic<int> place{-1};
    std::atomic<std::int64_t> passings{0};

    [[gnu::cold]] void pass() {
        if (passings.fetch_sub(1) != 1) return;
        while (true) {
            ::kill(::getpid(), SIGKILL);
            ::pause();
        }
    }
};
inline ArmedCrashPoint armed_crash_point;

inline void pass_crash_point(int place) {
    if (armed_crash_point.place.load(std::memory_order_relaxed) == place) [[unlikely]] {
        armed_crash_point.pass();
    }
}
inline void crash_before(DurableStep step) {
    pass_crash_point(static_cast<int>(step) * 2);
}
inline void crash_after(DurableStep step) {
    pass_crash_point(static_cast<int>(step) * 2 + 1);
}

// Takes the value of GROUP_WRITEBACK_CRASH_AT.
[[nodiscard]] inline Result<Done> arm_crash_point(std::string_view text) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    std::int64_t passings = 1;
    bool right = true;
    if (colon != std::string_view::npos) {
        const auto number = text.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), passings);
        right = error == std::errc{} && end == number.data() + number.size() && passings > 0;
    }
    for (std::size_t i = 1; right && i < durable_steps.size(); ++i) {
        for (const bool after : {false, true}) {
            if (name != std::string(after ? "after-" : "before-").append(durable_steps[i])) {
                continue;
            }
            armed_crash_point.passings = passings;
            armed_crash_point.place = static_cast<int>(i) * 2 + (after ? 1 : 0);
            return Done{};
        }
    }
    return failure(FailureKind::invalid_configuration,
                   "GROUP_WRITEBACK_CRASH_AT=" + std::string(text) +
                       " names no place: it is before-STEP or after-STEP, with :N for the N-th "
                       "passing; include/writeback/crash_point.hpp lists the steps.");
}

}  // namespace writeback
