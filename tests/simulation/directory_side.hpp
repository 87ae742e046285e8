// The directory's side of a history: domain controllers, the accounts that the cloud knows people
// by, the administrators who edit AD by hand, and what goes wrong there.
//
// What administrators did is remembered, so that a hold can be judged: whether it has a cause.
// Failures: a model that refuses what it should take throws. Ownership: loop, trace and scenario
// outlive it. Threads: the loop's.
#pragma once

#include "simulation/chance.hpp"
#include "simulation/cloud_side.hpp"
#include "simulation/domain_controllers.hpp"
#include "simulation/event_loop.hpp"
#include "simulation/scenario.hpp"
#include "simulation/trace.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace writeback::simulation {

inline constexpr const char* directory_password = "simulated-directory-password";

// A group that bears a mark, as the newest state of all domain controllers has it.
struct MarkedGroup {
    ObjectGuid guid;
    Sid sid;
    Dn dn;
    std::string cn;
    std::string display_name;
    std::optional<std::string> description;
    std::int32_t group_type = 0;
    std::set<std::string> members;  // keys, as the oracle's
};

// What administrators may do by hand to a group of ours.
enum class Hand { edited, mark_removed, mark_copied, renamed, moved, deleted, name_taken };

class DirectorySide {
 public:
    DirectorySide(EventLoop& loop, Trace& trace, const Scenario& scenario);

    [[nodiscard]] std::vector<std::string> servers() const { return controllers_.urls(); }
    [[nodiscard]] LdapConnectors connectors();
    void process_ended() { controllers_.forget_clients(); }
    std::function<void(const TreeWrite&)> on_write;

    // --- accounts ---
    [[nodiscard]] Account make_person(const std::string& name);
    [[nodiscard]] Account make_synced_group(const std::string& name);
    void replicate() { controllers_.replicate_all(); }

    // --- people ---
    void drift(Chance& chance);
    void strange_object(Chance& chance, const std::function<std::string()>& wanted_cn);
    void move_object(Chance& chance);
    [[nodiscard]] bool did(Hand hand, const std::string& mark) const;
    [[nodiscard]] bool did(Hand hand) const;
    // Within the last seconds, so that a write that was under way could not know it.
    [[nodiscard]] bool edited_lately(const ObjectGuid& object) const;

    // --- trouble ---
    void refuse(Chance& chance);
    void lose(Chance& chance);
    void fail_over(Chance& chance);
    void refuse_binds(Chance& chance);
    // Everything works again, and every domain controller has every write.
    void heal();

    // --- looking ---
    [[nodiscard]] std::multimap<std::string, MarkedGroup> marked();
    // Objects with this mark on one domain controller.
    [[nodiscard]] int marked_count(const std::string& mark, std::size_t server);
    [[nodiscard]] std::string key_of(const AdIdentity& identity);
    // Of a key: the SID itself, or that of the group which stands for it.
    [[nodiscard]] std::string sid_of(const std::string& key) const;
    [[nodiscard]] bool in_container(const Dn& name) const;

 private:
    struct Weather {
        DirectoryFault fault = DirectoryFault::none;
        std::uint64_t percent = 0;
        bool writes_only = false;
        Duration until{};
    };

    void told(const TreeWrite& write);
    [[nodiscard]] Account account_of(const ObjectGuid& guid);
    [[nodiscard]] std::optional<MarkedGroup> any_marked(Chance& chance);
    [[nodiscard]] Dn any_person(Chance& chance);
    void edit(Hand hand, const std::string& mark, const ObjectGuid& object,
              DirectoryRequest request);
    [[nodiscard]] MarkedGroup as_marked(fakes::DirectoryTree& tree, const fakes::TreeEntry& entry);
    [[nodiscard]] DirectoryFault fault_for(const DirectoryRequest& request);
    void later(Duration pause, std::function<void()> what);

    EventLoop& loop_;
    Trace& trace_;
    const Scenario& scenario_;
    Chance chance_;
    DomainControllers controllers_;
    Weather weather_;
    std::vector<std::string> people_;           // distinguished names
    std::map<std::string, std::string> marks_;  // of groups of ours, by SID
    std::map<ObjectGuid, Duration> edited_;
    std::set<std::pair<Hand, std::string>> hands_;
    int names_ = 0;
};

}  // namespace writeback::simulation
