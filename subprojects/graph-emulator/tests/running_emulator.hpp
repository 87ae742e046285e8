// An emulator on a free loopback port, in a thread of the test, and a Graph client that speaks to
// it over HTTP.
//
// Failures: std::runtime_error where it can't start. Ownership: the emulator ends with the object.
// Threads: the emulator has one of its own; the client's calls block the test's.
#pragma once

#include "../src/emulator.hpp"
#include "http_conversation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace json = boost::json;

/// What a client has gathered by following a delta round to its deltaLink.
struct DeltaRound {
    std::vector<json::array> pages;
    std::vector<json::object> entries;  ///< of all pages, in order
    std::string delta_link;

    /// The entries about one object.
    std::vector<json::object> about(const std::string& id) const;
    /// Members after merging all entries, last wins.
    std::set<std::string> members_of(const std::string& id) const;
};

class RunningEmulator {
 public:
    explicit RunningEmulator(emulator::Settings settings = {});
    ~RunningEmulator();
    RunningEmulator(const RunningEmulator&) = delete;
    RunningEmulator& operator=(const RunningEmulator&) = delete;

    std::uint16_t port() const { return port_; }
    std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// Without a token.
    Answer plain(const std::string& method, const std::string& target, const std::string& body = {},
                 const HeaderList& headers = {});
    /// A call of the Graph API; the target may be a path below /v1.0, one with a version, or a
    /// whole link.
    Answer call(const std::string& method, const std::string& target, const json::value& body = {},
                HeaderList headers = {});
    json::object get(const std::string& target, const HeaderList& headers = {});
    /// A control under /emulator/ that must succeed.
    json::object control(const std::string& method, const std::string& name,
                         const json::object& body = {});
    std::string access_token();
    /// A new access token for the calls that follow.
    void sign_in() { token_ = access_token(); }

    std::string create_group(const std::string& name, bool unified = false);
    std::string create_user(const std::string& name);
    void add_member(const std::string& group, const std::string& member);
    void remove_member(const std::string& group, const std::string& member);
    std::string subscribe(const std::string& url, const std::string& resource = "groups",
                          const std::string& lifecycle_url = {});

    DeltaRound follow(std::string link, const HeaderList& headers = {});

 private:
    boost::asio::io_context context_{1};
    std::unique_ptr<emulator::Emulator> emulator_;
    std::uint16_t port_;
    std::thread thread_;
    std::unique_ptr<Conversation> conversation_;
    std::string token_;
};

/// A time so many minutes from now, as clients write it.
std::string minutes_from_now(int minutes);
