// Graph's side of a history: the emulator's service in model time, the tenant it holds, and the
// administrators who change it.
//
// Administrators do what Graph would let them do, and nothing else; each change is told to
// `on_change` when it has been made. Failures: a model that refuses what it should take throws.
// Ownership: loop, network and trace outlive it. Threads: the loop's.
#pragma once

#include "simulation/chance.hpp"
#include "simulation/event_loop.hpp"
#include "simulation/network.hpp"
#include "simulation/scenario.hpp"
#include "simulation/trace.hpp"

#include <writeback/ids.hpp>

#include <functional>
#include <graph_emulator/service.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace writeback::simulation {

using emulator::DirectoryObject;
using emulator::Kind;
using emulator::Life;
using emulator::ObjectIndex;

// Who somebody is in Active Directory.
struct Account {
    Sid sid;
    ObjectGuid guid;
};

class CloudSide {
 public:
    CloudSide(EventLoop& loop, Network& network, Trace& trace, const Scenario& scenario);
    ~CloudSide();

    // Makes an account at the directory's side, for who is synchronised from there.
    std::function<Account(const std::string& name)> make_account;
    std::function<Account(const std::string& name)> make_synced_group;
    // Called after each change with the object that changed.
    std::function<void(ObjectIndex)> on_change;

    // The tenant as the history finds it.
    void furnish();
    // One thing that an administrator does.
    void act(Chance& chance);
    // One thing after which much is to be removed.
    void have_accident(Chance& chance);
    // Most of the people are no longer synchronised.
    void let_people_leave(Chance& chance);
    // Soft-deletes a living group that has members and fits; nothing when there is none.
    [[nodiscard]] std::optional<ObjectIndex> delete_a_group(
        Chance& chance, const std::function<bool(ObjectIndex)>& fits);
    // Of what was soft-deleted; anything else is left alone.
    void restore(ObjectIndex object);
    // Adds or removes one member of a living group, for who looks how long it takes.
    struct Probe {
        ObjectIndex group = 0;
        ObjectIndex member = 0;
        bool added = false;
    };
    // `fits` chooses among the groups.
    [[nodiscard]] std::optional<Probe> change_one_member(
        Chance& chance, bool removes, const std::function<bool(ObjectIndex)>& fits);

    [[nodiscard]] emulator::Service& service() { return *service_; }
    [[nodiscard]] emulator::Tenant& tenant() { return service_->tenant(); }
    [[nodiscard]] const DirectoryObject& at(ObjectIndex index) { return tenant().at(index); }
    [[nodiscard]] const std::vector<ObjectIndex>& groups() const { return groups_; }
    [[nodiscard]] const std::vector<ObjectIndex>& people() const { return people_; }
    [[nodiscard]] const std::string& client_secret() const { return client_secret_; }

 private:
    class WorldTime;

    ObjectIndex add_person(Chance& chance);
    ObjectIndex add_group(Chance& chance);
    ObjectIndex add_synced_group(Chance& chance);
    void add_exotic(Chance& chance);
    ObjectIndex create(Kind kind, emulator::json::object properties);
    void update(ObjectIndex object, emulator::json::object properties);
    void change_members(ObjectIndex group, const std::vector<ObjectIndex>& added,
                        const std::vector<ObjectIndex>& removed);

    void change_membership(Chance& chance);
    void change_properties(Chance& chance);
    void change_life_of_group(Chance& chance);
    void change_person(Chance& chance);
    void change_nesting(Chance& chance);
    void change_source_of_authority(Chance& chance);
    void tell(std::string_view what, ObjectIndex object);

    [[nodiscard]] std::vector<ObjectIndex> living(const std::vector<ObjectIndex>& of);
    [[nodiscard]] std::string group_name(Chance& chance);

    EventLoop& loop_;
    Trace& trace_;
    const Scenario& scenario_;
    Chance chance_;
    std::string client_secret_ = "simulated-client-secret";
    std::unique_ptr<WorldTime> time_;
    std::unique_ptr<emulator::Service> service_;
    std::vector<ObjectIndex> groups_;  // that may be written back, deleted ones too
    std::vector<ObjectIndex> people_;  // users and devices
    std::vector<ObjectIndex> others_;  // synced groups, contacts, service principals
    int names_ = 0;
};

}  // namespace writeback::simulation
