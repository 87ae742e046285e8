// What one seed decides before its history begins: the tenant's size, the sizes and limits of
// everything that comes in pieces, the configuration, and which kinds of trouble there are.
//
// Each history has some kinds of trouble and not others, so that no one kind hides what another
// would show. Pure: a seed in, a value out. Threads: any.
#pragma once

#include "fakes/directory_tree.hpp"
#include "simulation/chance.hpp"

#include <writeback/config.hpp>

#include <cstdint>
#include <string>

namespace writeback::simulation {

// How often something happens: once in so many of the script's steps; 0 is never.
using Rate = std::uint64_t;

// What people and machines do to a history. Rates are of the script's steps.
struct Troubles {
    // Between Graph and the webhook.
    bool notifications_lost = false;
    bool notifications_late = false;
    bool notifications_doubled = false;
    bool notifications_reordered = false;
    bool notifications_forged = false;
    bool other_tenants = false;
    // Of Graph.
    Rate graph_refuses = 0;      // throttling, 5xx, cut answers, rubbish, delays
    Rate graph_unreachable = 0;  // no route for a while
    Rate tokens_expire = 0;      // access tokens, delta tokens, 410
    Rate subscriptions_vanish = 0;
    Rate slow_delivery = 0;  // the slow and the drop state
    Rate lag_changes = 0;    // delta shows changes later
    // Of the directory.
    Rate directory_refuses = 0;  // busy, unavailable
    Rate directory_lost = 0;     // unreachable, cut connections, unknown outcomes, no answers
    Rate fail_over = 0;          // to a domain controller that is behind
    Rate credentials_refused = 0;
    // Of the daemon's machine.
    Rate crashes = 0;
    Rate clock_jumps = 0;
    Rate disk_trouble = 0;  // full, short writes, failing syncs
    // People at the directory's side.
    Rate drift = 0;            // member and attribute edits of our groups
    Rate strange_objects = 0;  // foreign objects with our names, copied and removed marks
    Rate moved_objects = 0;    // renamed, moved, deleted groups of ours
    // People at the daemon's console.
    Rate decisions = 0;
    Rate requests = 0;  // resync of all or of a group
};

// What is staged on purpose in some histories (see staged_events).
enum class Staged { nothing, people_leave, restored_in_bad_weather };

struct Scenario {
    std::uint64_t seed = 0;
    Staged staged = Staged::nothing;
    fakes::DirectoryDialect dialect = fakes::DirectoryDialect::samba;
    // The tenant.
    int groups = 5;
    int people = 10;
    int largest_group = 0;      // members of one group at the beginning; 0: like the others
    bool exotic_kinds = false;  // devices, contacts, service principals, distribution lists
    // How Graph cuts its answers.
    std::size_t delta_page = 100;
    std::size_t members_per_part = 500;
    std::size_t list_page = 100;
    bool empty_pages = false;
    bool replay = false;
    bool removed_in_initial = false;
    bool members_on_restore = true;
    bool interleave_parts = true;
    Duration lag{};
    // How the directory cuts its.
    std::size_t values_a_read = 1500;
    int domain_controllers = 2;
    Duration replication_lag{};
    // Time.
    Duration hop{};            // between two machines, one way, at most
    int steps = 40;            // of the script
    Duration longest_pause{};  // between two of them
    bool long_pauses = false;  // hours now and then
    // The daemon.
    Config config;
    Troubles troubles;
};

[[nodiscard]] Scenario draw_scenario(std::uint64_t seed);

}  // namespace writeback::simulation
