// One client's connection: requests are answered in their order, entries of open notification
// searches are pushed between them.
#pragma once

#include "fakes/ldap_server.hpp"
#include "fakes/ldap_server_messages.hpp"
#include "platform/byte_stream.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace writeback::fakes {

class LdapSession : public std::enable_shared_from_this<LdapSession> {
 public:
    // What all sessions share.
    struct Shared {
        DirectoryTree& tree;
        LdapServerOptions options;
        std::vector<std::string> surprises;
    };

    LdapSession(boost::asio::any_io_executor executor, std::unique_ptr<ByteStream> stream,
                Shared& shared, Listener& listener, bool catalog);

    // Until the client goes or end() is called. With TLS from the start, the handshake comes first.
    Async<void> serve(bool tls);
    void end();
    // Objects that were written: told to the searches that wait for them.
    void notice(const std::vector<ObjectGuid>& changed);

 private:
    Async<void> write_queued();
    Async<bool> read_more();
    Async<bool> start_tls(LdapRequest request);
    void answer(const LdapRequest& request);
    void answer_known(const LdapRequest& request);
    void answer_search(const LdapRequest& request);
    void answer_bind(const LdapRequest& request);
    void answer_extended(const LdapRequest& request);
    [[nodiscard]] TreeAnswer register_notification(const LdapRequest& request);
    void push_noticed();
    void send(std::string bytes);

    boost::asio::any_io_executor executor_;
    std::unique_ptr<ByteStream> stream_;
    Shared& shared_;
    Listener& listener_;
    bool catalog_;
    TreeCaller caller_ = nullptr;
    std::string received_;
    std::deque<std::string> queue_;
    boost::asio::steady_timer written_;  // woken when something is to be written
    boost::asio::steady_timer tick_;
    bool tick_waits_ = false;
    bool ended_ = false;
    bool idle_ = true;                         // the writer has nothing to do
    std::map<int, TreeSearch> notifications_;  // by message id
    std::vector<ObjectGuid> noticed_;
};

}  // namespace writeback::fakes
