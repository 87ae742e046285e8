// One bound LDAP connection that carries many operations at once on the Asio loop.
//
// Purpose: libldap's asynchronous calls behind coroutines; no other room or file knows libldap
// (its three source files, ldap_connection*.cpp, do). Failures: a Result fails only for the
// connection's sake: `timed_out` (sent, no answer within operation_timeout), `disconnected` (sent,
// the connection ended first), `unreachable` (not sent), `too_large`, `unreadable`, `cancelled`
// (close() was called), `internal` (libldap refused the arguments). The directory's own "no" is a
// reply with its code. A peer from which nothing at all came while an operation waited its whole
// timeout is given up: the connection is lost. Limits: LdapLimits; a watch waits for its turn like
// an operation, and from then on counts neither against the window nor has a deadline. Ownership: a
// shared_ptr; the connection keeps itself alive until it is lost or closed. Threads: that of its
// executor, a single one. Cancellation: close().
#pragma once

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ldap;     // libldap's handle
struct ldapmsg;  // libldap's message

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

class LdapConnection : public std::enable_shared_from_this<LdapConnection> {
 public:
    // Takes a bound handle. listen() follows once it is held by a shared_ptr.
    LdapConnection(boost::asio::any_io_executor executor, ldap* handle, int descriptor,
                   LdapLimits limits);
    ~LdapConnection();
    LdapConnection(const LdapConnection&) = delete;
    LdapConnection& operator=(const LdapConnection&) = delete;
    void listen();

    Async<Result<LdapReply>> search(LdapSearch search);
    Async<Result<LdapReply>> add(std::string dn, std::vector<LdapAttribute> attributes);
    Async<Result<LdapReply>> modify(std::string dn, std::vector<LdapChange> changes,
                                    bool show_deleted = false);
    // new_parent empty: the entry stays where it is. The old name's value goes.
    Async<Result<LdapReply>> rename(std::string dn, std::string new_name, std::string new_parent);
    Async<Result<LdapReply>> remove(std::string dn);

    // Asks to be told of every change below a name (change notification, 1.2.840.113556.1.4.528).
    // `changed` is called with the name of each object that changed, `ended` once: with the
    // server's answer when it refuses or ends the watch, or with why the connection ended. Both on
    // the loop, `ended` possibly before this returns; neither may destroy the connection.
    void watch(std::string base, std::function<void(const std::string& dn)> changed,
               std::function<void(Result<LdapReply>)> ended);

    [[nodiscard]] bool open() const { return handle_ != nullptr; }
    // Called once, on the loop, when the connection is lost other than by close().
    void on_loss(std::function<void(const Failure&)> callback) { on_loss_ = std::move(callback); }
    // Ends everything that waits with `cancelled` and unbinds.
    void close();

 private:
    // Starts an operation in libldap: the result code, and the message id by reference.
    using Start = std::function<int(ldap*, int&)>;
    struct Operation;
    using OperationPointer = std::shared_ptr<Operation>;

    static Start watch_start(std::string base);
    Async<Result<LdapReply>> perform(Start start);
    void send_queued();
    [[nodiscard]] bool send(const OperationPointer& operation);
    void give_up(const OperationPointer& operation);
    void abandon(int id);
    void wait_readable();
    void wait_writable();
    void wrote_some();
    void receive();
    void accept(int type, ldapmsg* message);
    void accept_entry(Operation& operation, ldapmsg* message);
    void accept_change(Operation& operation, ldapmsg* message);
    void forget(int id);
    void accept_result(const OperationPointer& operation, ldapmsg* message);
    void accept_notice(ldapmsg* message);
    void finish(const OperationPointer& operation, Result<LdapReply> outcome);
    void lose(Failure why);
    void end(const Failure& sent, const Failure& queued);

    boost::asio::any_io_executor executor_;
    ldap* handle_;
    boost::asio::posix::stream_descriptor descriptor_;
    LdapLimits limits_;
    std::deque<OperationPointer> queue_;
    std::map<int, OperationPointer> sent_;
    std::size_t watches_ = 0;  // of those in sent_
    // The message id of a request that may be only half written, 0 when there is none. libldap
    // tells when that begins, not when it ends, so while it lasts the rest is pushed by time.
    int half_written_ = 0;
    bool waiting_writable_ = false;
    boost::asio::steady_timer push_timer_;
    std::chrono::steady_clock::time_point last_heard_;
    std::string notice_;  // of disconnection, as the server gave it
    std::function<void(const Failure&)> on_loss_;
};

}  // namespace writeback
