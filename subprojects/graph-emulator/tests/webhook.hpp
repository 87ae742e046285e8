// A webhook for tests: answers the validation handshake and records what is posted.
//
// Listens on a free loopback port, plain or with TLS, a thread for each connection. wait_for() has
// a deadline of 20 seconds. The behaviour may be changed while it runs. Threads: all members may be
// called from the test's thread.
#pragma once

#include "certificate.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct Post {
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    int answered = 0;
};

enum class Handshake { right, undecoded, extra_text, wrong_type, forbidden, silent };

class Webhook {
 public:
    /// With a certificate it speaks TLS.
    explicit Webhook(const TestCertificate* certificate = nullptr);
    ~Webhook();

    std::string url(const std::string& path = "/notifications") const;
    std::uint16_t port() const { return port_; }

    std::atomic<Handshake> handshake = Handshake::right;
    std::atomic<int> status = 202;
    std::atomic<int> failures_first = 0;  ///< so many posts are answered 503 before `status`
    std::atomic<int> silence_milliseconds = 3000;

    std::vector<Post> posts() const;
    int validations() const { return validations_; }
    /// All items of all accepted posts, in the order of arrival.
    std::vector<boost::json::object> items() const;
    /// Waits until so many items have arrived; false after 20 seconds.
    bool wait_for_items(std::size_t count) const;
    bool wait_until(const std::function<bool()>& condition) const;
    void forget();

 private:
    class Stream;
    void accept();
    void serve(int socket);
    void answer(Stream& stream, Post post);
    void answer_validation(Stream& stream, const std::string& token);

    int listener_ = -1;
    std::uint16_t port_ = 0;
    const TestCertificate* certificate_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> validations_ = 0;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<Post> posts_;
    std::vector<std::thread> connections_;
    std::thread acceptor_;
};
