// One bound LDAP connection that carries many operations at once on the Asio loop.
//
// Purpose: libldap's asynchronous calls behind coroutines; no other room or file knows libldap
// (its three source files, ldap_connection*.cpp, do). Failures: those of LdapOperations. A peer
// from which nothing at all came while an operation waited its whole timeout is given up: the
// connection is lost. Limits: LdapLimits; a watch does not count against the window. Ownership: a
// shared_ptr; the connection keeps itself alive until it is lost or closed. Threads: that of its
// executor, a single one. Cancellation: close().
#pragma once

#include "directory/ldap_operations.hpp"

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

class LdapConnection final : public LdapOperations,
                             public std::enable_shared_from_this<LdapConnection> {
 public:
    // Takes a bound handle. listen() follows once it is held by a shared_ptr.
    LdapConnection(boost::asio::any_io_executor executor, ldap* handle, int descriptor,
                   LdapLimits limits);
    ~LdapConnection() override;
    void listen();

    Async<Result<LdapReply>> search(LdapSearch search) override;
    Async<Result<LdapReply>> add(std::string dn, std::vector<LdapAttribute> attributes) override;
    Async<Result<LdapReply>> modify(std::string dn, std::vector<LdapChange> changes,
                                    bool show_deleted = false) override;
    Async<Result<LdapReply>> rename(std::string dn, std::string new_name,
                                    std::string new_parent) override;
    Async<Result<LdapReply>> remove(std::string dn) override;
    void watch(std::string base, std::function<void(const std::string& dn)> changed,
               std::function<void(Result<LdapReply>)> ended) override;
    [[nodiscard]] bool open() const override { return handle_ != nullptr; }
    void on_loss(std::function<void(const Failure&)> callback) override {
        on_loss_ = std::move(callback);
    }
    void close() override;

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
