// The daemon's one connection to Active Directory over time: which server, when to connect again,
// what the server says of itself, and every operation counted.
//
// Purpose: readers and writers ask for an operation and get a reply or a typed failure; they know
// neither servers nor libldap. Failures: those of ldap_errors for the directory's "no", those of
// LdapOperations and LdapConnector for the connection's. While the next attempt is not due, the
// last attempt's failure at once, with `retry_after`. Limits: DirectoryConfig. Ownership: held by a
// shared_ptr; clock, log and metrics must outlive it. Threads: one; state() from any thread.
// Cancellation: stop().
#pragma once

#include "directory/ldap_errors.hpp"
#include "directory/ldap_operations.hpp"
#include "directory/server_facts.hpp"
#include "directory/signal.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/directory.hpp>
#include <writeback/log.hpp>
#include <writeback/result.hpp>

#include <cstdint>
#include <ctime>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

class DirectorySession : public std::enable_shared_from_this<DirectorySession> {
 public:
    using Kind = LdapServerKind;

    DirectorySession(DirectoryConfig config, Clock& clock, Log& log, Metrics& metrics,
                     LdapConnectors connectors, Kind kind = Kind::domain_controller);

    // Each is one LDAP operation; `action` says what it is for, so that a refusal is understood.
    Async<Result<LdapReply>> search(DirectoryAction action, LdapSearch search);
    // All pages; complete, or a failure. References to other parts of the tree are passed over in a
    // search with domain_scope, and make it incomplete otherwise.
    Async<Result<std::vector<LdapEntry>>> search_all(DirectoryAction action, LdapSearch search);
    Async<Result<LdapReply>> add(DirectoryAction action, std::string dn,
                                 std::vector<LdapAttribute> attributes);
    Async<Result<LdapReply>> modify(DirectoryAction action, std::string dn,
                                    std::vector<LdapChange> changes, bool show_deleted = false);
    Async<Result<LdapReply>> rename(DirectoryAction action, std::string dn, std::string new_name,
                                    std::string new_parent);
    Async<Result<LdapReply>> remove(DirectoryAction action, std::string dn);

    // What the connected server said when we bound; connects if need be.
    Async<Result<std::shared_ptr<const ServerFacts>>> facts();

    // The bound connection, for what is more than one operation; connects if need be.
    Async<Result<std::shared_ptr<LdapOperations>>> connection();
    // Another number after each connect: answers with the same number came over one connection.
    [[nodiscard]] std::uint64_t connection_number() const { return connection_number_; }
    // Work under way, for which stop() waits.
    class Activity {
     public:
        explicit Activity(std::shared_ptr<DirectorySession> session);
        ~Activity();
        Activity(const Activity&) = delete;
        Activity& operator=(const Activity&) = delete;

     private:
        std::shared_ptr<DirectorySession> session_;
    };

    struct State {
        bool bound = false;
        std::string server;
        std::string problem;
    };
    [[nodiscard]] State state() const;
    void on_change(std::function<void(bool bound)> callback) { on_change_ = std::move(callback); }
    [[nodiscard]] bool credentials_changed() const;
    Async<void> keep_connected();
    // Ends everything with `cancelled`; stop() also waits until it has ended.
    void close();
    Async<void> stop();

    [[nodiscard]] const DirectoryConfig& config() const { return config_; }
    [[nodiscard]] Clock& clock() const { return clock_; }
    [[nodiscard]] const LdapConnectors& connectors() const { return connectors_; }
    [[nodiscard]] Log& log() const { return log_; }
    [[nodiscard]] Metrics& metrics() const { return metrics_; }

 private:
    using Work = std::function<Async<Result<LdapReply>>(LdapOperations&)>;
    // Tells one state of the password file (keytab) from another.
    struct Stamp {
        std::timespec modified{};
        unsigned long long inode = 0;
        long long size = -1;
        [[nodiscard]] bool same_as(const Stamp& other) const;
    };

    Async<Result<LdapReply>> perform(std::string_view operation, DirectoryAction action,
                                     std::string subject, Work work);
    Async<void> connect();
    Async<Result<Done>> connect_to(std::string url);
    Async<Result<Done>> introduce(LdapOperations& connection, std::string url);
    void connected(const std::string& url, std::shared_ptr<LdapOperations> connection);
    void lost(const Failure& why);
    void not_connected(Failure why, Duration pause);
    void write_log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
    void set_state(bool bound, const std::string& server, const std::string& problem);
    [[nodiscard]] Failure not_due() const;
    [[nodiscard]] const std::string& secret_file() const;
    [[nodiscard]] Stamp stamp() const;
    void count(std::string_view operation, std::string_view result, Duration began);

    DirectoryConfig config_;
    Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    LdapConnectors connectors_;
    Kind kind_;
    std::function<void(bool)> on_change_;

    std::unique_ptr<LdapConnector> connector_;
    std::shared_ptr<LdapOperations> connection_;
    std::shared_ptr<const ServerFacts> facts_;
    std::uint64_t connection_number_ = 0;
    bool connecting_ = false;
    bool stopped_ = false;
    bool credentials_refused_ = false;
    Stamp refused_stamp_;
    Failure last_failure_;
    Duration delay_;
    Duration next_attempt_{};  // by the monotonic clock, as is connected_at_
    Duration connected_at_{};
    std::string logged_problem_;
    int active_ = 0;                // operations under way
    Signal changed_;                // raised when connecting_ or active_ has changed
    std::unique_ptr<Alarm> retry_;  // keep_connected sleeps on it

    mutable std::mutex mutex_;
    State state_;  // guarded
};

}  // namespace writeback
