// The production's directory room in front of model domain controllers, in model time.
#pragma once

#include "directory/active_directory.hpp"
#include "fakes/directory_tree_lab.hpp"
#include "fakes/model_clock.hpp"
#include "fakes/recording.hpp"
#include "simulation/domain_controllers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace writeback::simulation {

// Both dialects, so that each story is told twice.
inline const std::vector<DirectoryDialect> dialects = {DirectoryDialect::samba,
                                                       DirectoryDialect::windows};

struct DomainControllersBench {
    explicit DomainControllersBench(DirectoryDialect dialect,
                                    DomainControllerOptions options = {}) {
        options.tree.dialect = dialect;
        controllers = std::make_unique<DomainControllers>(clock, std::move(options));
        controllers->observe([this](const TreeWrite& write) { writes.push_back(write); });
        config.servers = controllers->urls();
        config.bind_dn = fakes::lab_service_account;
        config.password_file =
            "/tmp/domain-controllers-test-password." + std::to_string(::getpid());
        config.container = fakes::lab_container;
        config.reconnect_least = Duration(500);
        config.reconnect_most = std::chrono::seconds(8);
        std::ofstream(config.password_file) << "service\n";
        thread.start(controllers->run());
    }
    ~DomainControllersBench() {
        if (directory) finish(directory->stop());
        std::filesystem::remove(config.password_file);
    }

    ActiveDirectory& use() {
        if (!directory) {
            directory = std::make_unique<ActiveDirectory>(thread.context().get_executor(), config,
                                                          clock, log, metrics,
                                                          controllers->connector_factory(clock));
        }
        return *directory;
    }
    DirectoryReader& reader() { return use().reader(); }
    DirectoryWriter& writer() { return use().writer(); }
    template <class T>
    T run(Async<T> work) {
        return thread.run(std::move(work));
    }
    void finish(Async<void> work) {
        bool over = false;
        thread.start([](Async<void> inner, bool& done) -> Async<void> {
            co_await std::move(inner);
            done = true;
        }(std::move(work), over));
        thread.run_until([&] { return over; }, std::chrono::hours(1));
    }
    void wait(Duration time) { thread.run_for(time); }

    // A user of the lab, by number.
    AdIdentity user(int number) {
        char name[32];
        std::snprintf(name, sizeof name, "CN=user%04d,", number);
        const auto* entry = controllers->tree(0).find(Dn(name + std::string(fakes::lab_people)));
        return {entry->sid, entry->guid};
    }
    static DesiredGroup desired(int number) {
        DesiredGroup group;
        char text[64];
        std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012d", number);
        group.id = GroupId(text);
        group.container = Dn(fakes::lab_container);
        group.cn = "Group " + std::to_string(number);
        group.sam_account_name = "group-" + std::to_string(number);
        group.group_type = universal_security_group;
        group.attributes["adminDescription"] = {mark_of(group.id)};
        return group;
    }
    WriteTarget make_group(int number, const std::vector<AdIdentity>& members = {}) {
        const auto group = desired(number);
        auto created = run(writer().create(group, members));
        if (!created) throw std::runtime_error(created.error().detail);
        return {group.id, created->guid, created->dn};
    }
    // Members of a group as a domain controller has them.
    std::size_t members_at(std::size_t server, const ObjectGuid& group) {
        const auto* entry = controllers->tree(server).find(group);
        if (entry == nullptr) return 0;
        const auto found = entry->links.find("member");
        return found == entry->links.end() ? 0 : found->second.size();
    }
    fakes::TreeAnswer change_member(std::size_t server, const WriteTarget& group,
                                    const AdIdentity& member, LdapChangeKind kind) {
        DirectoryRequest request;
        request.kind = DirectoryRequest::Kind::modify;
        request.dn = group.dn.text();
        request.changes.push_back({kind, "member", {"<SID=" + member.sid.text() + ">"}});
        return controllers->edit(server, request);
    }

    fakes::ModelClock clock{Instant(std::chrono::hours(24 * 365 * 56))};
    fakes::ModelThread thread{clock};
    fakes::RecordingLog log;
    fakes::RecordingMetrics metrics;
    DirectoryConfig config;
    std::unique_ptr<DomainControllers> controllers;
    std::vector<TreeWrite> writes;
    std::unique_ptr<ActiveDirectory> directory;
};

}  // namespace writeback::simulation
