// Makes a bound LdapConnection: name, route, TLS, bind.
//
// Purpose: the parts of libldap and Kerberos that block (TLS handshake, bind, tickets) run on a
// thread of their own; name and route are Asio's. The certificate is always verified, against
// ca_file or the system's certificates, for the host that the URL names. Failures: unreachable,
// timed_out, tls, credentials (LDAP 49, a refused ticket), those of ldap_errors for a refused bind,
// invalid_configuration for a URL or secret file that cannot be used, cancelled. Limits:
// connect_timeout for all of it (a name server may add its own). Ownership: held by a shared_ptr;
// the secret is wiped after use. Threads: the executor's; the blocking thread ends with the
// attempt, or as soon as its last call returns. Cancellation: cancel().
//
// SIGPIPE is ignored in the whole process from the first attempt on, since libldap writes to
// sockets that the peer may have closed.
#pragma once

#include "directory/ldap_connection.hpp"

#include <writeback/async.hpp>
#include <writeback/config.hpp>
#include <writeback/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace writeback {

struct LdapEndpoint {
    std::string url;         // "ldaps://host[:port]" or "ldap://host[:port]"
    bool start_tls = false;  // for ldap://
    std::string ca_file;     // empty: the system's
};

struct LdapCredentials {
    Bind bind = Bind::simple;
    std::string name;         // distinguished name, or Kerberos principal
    std::string secret_file;  // password, or keytab
};

class LdapOpening : public std::enable_shared_from_this<LdapOpening> {
 public:
    LdapOpening(boost::asio::any_io_executor executor, LdapEndpoint endpoint,
                LdapCredentials credentials, LdapLimits limits);
    ~LdapOpening();
    LdapOpening(const LdapOpening&) = delete;
    LdapOpening& operator=(const LdapOpening&) = delete;

    // Once.
    Async<Result<std::shared_ptr<LdapConnection>>> run();
    void cancel();

 private:
    struct Waiting;
    struct Errand;
    Async<Result<int>> connect_socket(std::string host, std::string port);
    Async<boost::system::error_code> connect_one(boost::asio::ip::tcp::socket& socket,
                                                 boost::asio::ip::tcp::endpoint address,
                                                 std::chrono::steady_clock::time_point until);
    Async<Result<std::shared_ptr<LdapConnection>>> secure_and_bind(int descriptor,
                                                                   std::string plain_url,
                                                                   bool ldaps);
    void interrupt_at(boost::asio::steady_timer& deadline);
    [[nodiscard]] Failure ended() const;

    boost::asio::any_io_executor executor_;
    LdapEndpoint endpoint_;
    LdapCredentials credentials_;
    LdapLimits limits_;
    std::chrono::steady_clock::time_point deadline_;
    bool cancelled_ = false;
    int step_ = 0;
    std::function<void()> interrupt_;  // ends what is being waited for
};

}  // namespace writeback
