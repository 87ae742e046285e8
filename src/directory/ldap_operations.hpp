// What can be asked of a directory over one bound connection, and how such a connection is come by.
//
// Purpose: the session and all above it know these two interfaces only, so that a simulation puts a
// model network and model directories in the place of libldap's connection. Failures: a Result
// fails only for the connection's sake: `timed_out` (sent, no answer in time), `disconnected`
// (sent, the connection ended first), `unreachable` (not sent), `unavailable` (too much waits
// already), `too_large`, `unreadable`, `cancelled` (close() was called), `internal` (arguments that
// cannot be sent). The directory's own "no" is a reply with its code. Limits: LdapLimits; a watch
// waits for its turn like an operation, and from then on has no deadline. Ownership: connections
// are shared; an operation under way keeps what it needs. Threads: one, that on which all calls are
// made. Cancellation: close() of a connection, cancel() of an attempt.
#pragma once

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

struct LdapLimits {
    Duration connect_timeout{};    // for name, route, TLS and bind together
    Duration operation_timeout{};  // of one operation, from the moment it is sent
    int window = 32;               // operations outstanding at once
    std::size_t queue = 10'000;    // operations that may wait for the window
    std::size_t reply = 64 << 20;  // bytes of one reply
};

struct LdapAttribute {
    std::string name;
    std::vector<std::string> values;
};

struct LdapEntry {
    std::string dn;
    std::vector<LdapAttribute> attributes;

    // The values of an attribute (names compare without case), or nothing.
    [[nodiscard]] const std::vector<std::string>* find(std::string_view name) const;
    // Its first value, or nothing.
    [[nodiscard]] std::optional<std::string> first(std::string_view name) const;
};

enum class LdapChangeKind { add, remove, replace };
struct LdapChange {
    LdapChangeKind kind = LdapChangeKind::replace;
    std::string name;
    std::vector<std::string> values;  // none: remove or replace the whole attribute
};

enum class LdapScope { base, subtree };
struct LdapSearch {
    std::string base;
    LdapScope scope = LdapScope::base;
    std::string filter = "(objectClass=*)";
    std::vector<std::string> attributes;
    bool extended_names = false;  // names as <GUID=…>;<SID=…>;CN=…
    bool show_deleted = false;    // deleted objects as well
    bool domain_scope = false;    // no references to other parts of the tree, where it is known
    int page_size = 0;            // 0: not paged
    std::string page_cookie;      // of the page before
};

struct LdapReply {
    int code = 0;
    std::string diagnostic;
    std::vector<LdapEntry> entries;
    std::size_t references = 0;  // parts of the tree that this server does not hold
    std::string page_cookie;     // empty: the last page
};

class LdapOperations {
 public:
    LdapOperations() = default;
    virtual ~LdapOperations() = default;
    LdapOperations(const LdapOperations&) = delete;
    LdapOperations& operator=(const LdapOperations&) = delete;

    virtual Async<Result<LdapReply>> search(LdapSearch search) = 0;
    virtual Async<Result<LdapReply>> add(std::string dn, std::vector<LdapAttribute> attributes) = 0;
    virtual Async<Result<LdapReply>> modify(std::string dn, std::vector<LdapChange> changes,
                                            bool show_deleted = false) = 0;
    // new_parent empty: the entry stays where it is. The old name's value goes.
    virtual Async<Result<LdapReply>> rename(std::string dn, std::string new_name,
                                            std::string new_parent) = 0;
    virtual Async<Result<LdapReply>> remove(std::string dn) = 0;

    // Asks to be told of every change below a name (change notification, 1.2.840.113556.1.4.528).
    // `changed` is called with the name of each object that changed, `ended` once: with the
    // server's answer when it refuses or ends the watch, or with why the connection ended. Both on
    // the connection's thread, `ended` possibly before this returns; neither may destroy the
    // connection.
    virtual void watch(std::string base, std::function<void(const std::string& dn)> changed,
                       std::function<void(Result<LdapReply>)> ended) = 0;

    [[nodiscard]] virtual bool open() const = 0;
    // Called once, on the connection's thread, when it is lost other than by close().
    virtual void on_loss(std::function<void(const Failure&)> callback) = 0;
    // Ends everything that waits with `cancelled` and unbinds.
    virtual void close() = 0;
};

// Connects and binds, one attempt at a time. Failures: unreachable, timed_out, tls, credentials (a
// refused bind), those of ldap_errors for what else a server says to a bind, invalid_configuration,
// cancelled.
class LdapConnector {
 public:
    LdapConnector() = default;
    virtual ~LdapConnector() = default;
    LdapConnector(const LdapConnector&) = delete;
    LdapConnector& operator=(const LdapConnector&) = delete;

    virtual Async<Result<std::shared_ptr<LdapOperations>>> connect(std::string url) = 0;
    // Ends the attempt under way, if there is one.
    virtual void cancel() = 0;
};

// A domain controller introduces itself; of a global catalog nothing needs to be known.
enum class LdapServerKind { domain_controller, global_catalog };
using LdapConnectors = std::function<std::unique_ptr<LdapConnector>(LdapServerKind)>;

}  // namespace writeback
