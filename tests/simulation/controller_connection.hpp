// The daemon's end of a connection to a model domain controller, and how it comes by one.
//
// Failures: those of LdapOperations and LdapConnector. Ownership: the DomainControllers outlive it.
// Threads: one.
#pragma once

#include "directory/ldap_operations.hpp"
#include "simulation/domain_controllers.hpp"

#include <writeback/clock.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace writeback::simulation {

// One request under way.
struct ControllerCall {
    std::unique_ptr<Alarm> alarm;  // of the process that waits
    Duration sent{};
    std::uint64_t heard_before = 0;
    std::optional<Result<LdapReply>> outcome;
};

class ControllerConnection final : public LdapOperations,
                                   public std::enable_shared_from_this<ControllerConnection> {
 public:
    ControllerConnection(DomainControllers& world, std::size_t server, bool catalog, Clock& clock);

    Async<Result<LdapReply>> search(LdapSearch search) override;
    Async<Result<LdapReply>> add(std::string dn, std::vector<LdapAttribute> attributes) override;
    Async<Result<LdapReply>> modify(std::string dn, std::vector<LdapChange> changes,
                                    bool show_deleted = false) override;
    Async<Result<LdapReply>> rename(std::string dn, std::string new_name,
                                    std::string new_parent) override;
    Async<Result<LdapReply>> remove(std::string dn) override;
    void watch(std::string base, std::function<void(const std::string& dn)> changed,
               std::function<void(Result<LdapReply>)> ended) override;
    [[nodiscard]] bool open() const override { return open_; }
    void on_loss(std::function<void(const Failure&)> callback) override {
        on_loss_ = std::move(callback);
    }
    void close() override;

    // --- for the domain controllers ---
    [[nodiscard]] std::size_t server() const { return server_; }
    [[nodiscard]] bool catalog() const { return catalog_; }
    // When the next request may arrive: not before the one that was sent before it.
    Duration arrival(Duration soonest);
    void answered(const std::shared_ptr<ControllerCall>& call, LdapReply reply);
    void lose(const Failure& why);
    void sever();
    [[nodiscard]] bool watches() const;
    void register_watch(std::size_t number);
    // These objects have changed; what a watch covers is told to it at the next tick.
    void note_changes(const std::vector<ObjectGuid>& objects, Duration tick);

 private:
    struct Watch {
        std::string base;
        std::function<void(const std::string&)> changed;
        std::function<void(Result<LdapReply>)> ended;
        bool registered = false;
    };
    Async<Result<LdapReply>> perform(DirectoryRequest request);
    void give_up(const std::shared_ptr<ControllerCall>& call);
    void tell_changes();
    void end(const Failure& why);
    void refuse_watch(std::size_t number, Result<LdapReply> outcome);

    DomainControllers& world_;
    std::size_t server_;
    bool catalog_;
    Clock& clock_;
    bool open_ = true;
    Duration last_arrival_{};
    std::uint64_t heard_ = 0;  // messages from the server
    std::vector<std::shared_ptr<ControllerCall>> calls_;
    std::map<std::size_t, Watch> watches_;
    std::size_t watches_made_ = 0;
    std::vector<ObjectGuid> noted_;
    std::function<void(const Failure&)> on_loss_;
};

class ControllerConnector final : public LdapConnector {
 public:
    ControllerConnector(DomainControllers& world, LdapServerKind kind, Clock& clock)
        : world_(world), kind_(kind), clock_(clock) {}

    Async<Result<std::shared_ptr<LdapOperations>>> connect(std::string url) override;
    void cancel() override;

 private:
    struct Attempt {
        std::unique_ptr<Alarm> alarm;
        bool cancelled = false;
    };
    DomainControllers& world_;
    LdapServerKind kind_;
    Clock& clock_;
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace writeback::simulation
