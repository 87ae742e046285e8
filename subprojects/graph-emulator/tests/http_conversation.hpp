// A blocking HTTP/1.1 client for tests: one keep-alive connection to a loopback port.
//
// Failures: connection problems throw std::runtime_error, which fails the test that made them.
// Every wait ends after 20 seconds. Threads: each conversation belongs to one.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    bool complete = true;  ///< false where the connection ended before the promised length

    boost::json::object json() const { return boost::json::parse(body).as_object(); }
    /// "code" of Graph's error envelope.
    std::string error_code() const;
    std::string error_message() const;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

class Conversation {
 public:
    explicit Conversation(std::uint16_t port) : port_(port) {}
    ~Conversation();
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    Answer ask(const std::string& method, const std::string& target, const std::string& body = {},
               const HeaderList& headers = {});
    /// Sends bytes as they are and returns everything until the peer closes or falls silent.
    std::string send_raw(const std::string& bytes);

 private:
    void connect();
    void close();
    void send_all(const std::string& bytes);
    bool receive_more();
    Answer read_answer(bool has_body);

    std::uint16_t port_;
    int socket_ = -1;
    std::string received_;
};
