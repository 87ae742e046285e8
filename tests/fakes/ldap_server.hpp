// A real LDAP server on loopback in front of a DirectoryTree: plain, StartTLS and ldaps, beside
// them the same two for the global catalog, for any number of connections.
//
// Purpose: the LDAP adapter, and any other client, meets the model's dialect on the wire. Failures:
// the constructor throws where it cannot listen; what the tree does not know is answered with
// result 80 and kept in surprises(). Limits: a request of 64 MiB; notifications a connection 5, as
// Windows has it. Ownership: the tree is the caller's and must outlive the server. Threads: the
// server has one of its own, and the tree is touched on it alone: others use with_tree().
// Cancellation: the destructor ends everything.
#pragma once

#include "fakes/directory_tree.hpp"

#include <writeback/result.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace writeback::fakes {

struct LdapServerOptions {
    std::string address = "127.0.0.1";  // ports are free ones
    // Without them there is no TLS.
    std::string certificate_file;
    std::string private_key_file;
    // How long a change waits before it is told (Samba: 5 s).
    Duration notification_tick{};
};

class LdapServer {
 public:
    LdapServer(DirectoryTree& tree, LdapServerOptions options);
    ~LdapServer();
    LdapServer(const LdapServer&) = delete;
    LdapServer& operator=(const LdapServer&) = delete;

    [[nodiscard]] std::string plain_url() const;
    [[nodiscard]] std::string tls_url() const;  // empty without TLS
    [[nodiscard]] std::string catalog_plain_url() const;
    [[nodiscard]] std::string catalog_tls_url() const;

    // Runs on the server's thread, between two requests, and returns when it has.
    void with_tree(const std::function<void(DirectoryTree&)>& work);
    // Every connection ends and no new one is taken, as when the process dies; what was written
    // stays. come_back() listens at the same ports.
    void go_down();
    void come_back();
    // What requests asked that the model does not know.
    [[nodiscard]] std::vector<std::string> surprises();

 private:
    class Service;
    std::unique_ptr<Service> service_;
};

}  // namespace writeback::fakes
