// Active Directory as the rest of the daemon meets it: one bound connection to one of the
// configured domain controllers, and the two ports on top of it.
//
// Purpose: the reader always exists; the writer is constructed by the first call of writer(), so a
// process that never asks for it (policy report-only, `plan`, `verify`) holds no object that could
// write. Failures: those of the ports. Without a connection a call connects; while a fresh attempt
// is not due yet it fails at once with the last attempt's failure and the time of the next one.
// After a refused bind (result 49) no server is asked again before credentials_pause has passed or
// the password file (keytab) has changed, since each attempt counts towards the account's lock-out.
// Limits: those of DirectoryConfig. Ownership: clock, log and metrics must outlive this object,
// which is to be destroyed after stop() has returned and no call of a port is under way. Threads:
// that of the executor, which must be a single thread; bound(), server() and problem() may be
// called from any thread. Cancellation: stop().
#pragma once

#include "directory/administration.hpp"
#include "directory/ldap_operations.hpp"
#include "directory/preflight.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/directory.hpp>
#include <writeback/log.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace writeback {

class DirectorySession;
class ForestPrincipals;

class ActiveDirectory {
 public:
    // `connectors`: how servers are connected to; without it by LDAP, as the configuration says.
    ActiveDirectory(boost::asio::any_io_executor executor, DirectoryConfig config, Clock& clock,
                    Log& log, Metrics& metrics, LdapConnectors connectors = nullptr);
    ~ActiveDirectory();
    ActiveDirectory(const ActiveDirectory&) = delete;
    ActiveDirectory& operator=(const ActiveDirectory&) = delete;

    [[nodiscard]] DirectoryReader& reader();
    [[nodiscard]] DirectoryWriter& writer();

    // Whether a connection is bound, to which server ("ldaps://dc1…", the last one when none is),
    // and in a sentence why none is (empty when bound).
    [[nodiscard]] bool bound() const;
    [[nodiscard]] std::string server() const;
    [[nodiscard]] std::string problem() const;

    // Called on the executor's thread each time bound() has changed. To be set before the first
    // call of a port.
    void on_change(std::function<void(bool bound)> callback);

    // Connects now and again after each loss, with the configured backoff, until stop(): spawned by
    // `serve`, so that an idle daemon is bound as well. Commands don't need it; their calls
    // connect.
    Async<void> keep_connected();

    // True when the bind was refused and the password file (keytab) is another one now.
    [[nodiscard]] bool credentials_changed() const;

    // Checks for `check-config --online`: see preflight.hpp.
    Async<Result<std::vector<RightsFinding>>> check_rights(std::set<std::string> attributes);

    // For `enable`: see administration.hpp.
    Async<Result<std::vector<Dn>>> missing_containers();
    Async<Result<Done>> create_container(Dn container);
    Async<Result<DelegationCommands>> delegation_commands(std::set<std::string> attributes);

    // Ends every call that waits with `cancelled`, unbinds, and returns when nothing runs any more.
    Async<void> stop();

 private:
    std::shared_ptr<DirectorySession> session_;
    std::shared_ptr<ForestPrincipals> principals_;
    std::unique_ptr<DirectoryReader> reader_;
    std::unique_ptr<DirectoryWriter> writer_;
};

}  // namespace writeback
