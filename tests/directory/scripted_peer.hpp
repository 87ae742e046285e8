// A small LDAP server for tests, on 127.0.0.1, that says what its script tells it to: also what no
// real server would. It speaks BER by liblber, on a thread of its own.
//
// Binds and the three searches by which a domain controller introduces itself are answered unless
// the script does; everything else is the script's. It ends with its object.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace writeback::testing {

struct PeerRequest {
    int id = 0;
    enum class Kind { bind, unbind, search, modify, add, remove, rename, abandon, other } kind{};
    std::string name;                     // the entry, or the base of the search
    std::vector<std::string> attributes;  // asked for, of a search
    std::string cookie;                   // of the paging control
    bool paged = false;
    int abandoned = 0;  // the id that an abandon names
    std::string bytes;  // the whole message, to look for a value or a control in it
};

// What the peer does about a request, in this order.
struct PeerReaction {
    std::vector<std::string> messages;  // sent together
    bool byte_by_byte = false;
    bool hang_up = false;
    bool handled = true;  // false: the peer's own answer
};

class ScriptedPeer {
 public:
    using Script = std::function<PeerReaction(const PeerRequest&)>;

    explicit ScriptedPeer(Script script);
    ~ScriptedPeer();
    ScriptedPeer(const ScriptedPeer&) = delete;
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<PeerRequest> requests() const;
    [[nodiscard]] int count(PeerRequest::Kind kind) const;
    // While it is deaf it reads nothing more.
    void be_deaf(bool deaf) { deaf_ = deaf; }

 private:
    void serve();
    void serve_connection(int socket);
    [[nodiscard]] bool react(int socket, const std::string& message);

    Script script_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> ended_ = false;
    std::atomic<bool> deaf_ = false;
    mutable std::mutex mutex_;
    std::vector<PeerRequest> requests_;  // guarded
    std::thread thread_;
};

using PeerAttributes = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Messages. The result's tag follows from the request's kind.
std::string peer_entry(int id, const std::string& dn, const PeerAttributes& attributes);
std::string peer_reference(int id);
std::string peer_result(const PeerRequest& request, int code, const std::string& diagnostic = "");
std::string peer_page(const PeerRequest& request, const std::string& cookie);
std::string peer_notice_of_disconnection(int code, const std::string& diagnostic);

inline constexpr const char* peer_domain_sid = "S-1-5-21-1-2-3";
inline constexpr const char* peer_base = "DC=lab,DC=test";

}  // namespace writeback::testing
