// A client that sends exactly the bytes it is told to, from a thread of its own, so that servers
// can be tested against everything that a well-behaved client would not do.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace loopback {

class RawClient {
 public:
    // "127.0.0.1:port" or "unix:/path".
    explicit RawClient(const std::string& address) {
        if (address.starts_with("unix:")) {
            sockaddr_un name{};
            name.sun_family = AF_UNIX;
            address.copy(name.sun_path, sizeof name.sun_path - 1, 5);
            open(AF_UNIX, reinterpret_cast<const sockaddr*>(&name), sizeof name);
        } else {
            sockaddr_in name{};
            name.sin_family = AF_INET;
            const auto colon = address.rfind(':');
            name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
            ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr);
            open(AF_INET, reinterpret_cast<const sockaddr*>(&name), sizeof name);
        }
    }
    RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() {
        if (socket_ >= 0) ::close(socket_);
    }

    // False when the peer has ended the connection.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void end_sending() { ::shutdown(socket_, SHUT_WR); }

    // One answer, head and body by its Content-Length; what there is when the peer ends before.
    std::string answer(bool without_body = false) {
        while (true) {
            const auto end = received_.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto length = without_body ? 0 : body_length(received_.substr(0, end));
                if (received_.size() >= end + 4 + length) return take(end + 4 + length);
            }
            if (!receive()) return take(received_.size());
        }
    }
    // True when nothing but the end of the connection comes.
    bool ended() {
        while (receive()) {
        }
        return received_.empty() && ended_;
    }
    // Whether anything, an end included, comes within the time.
    bool silent_for(std::chrono::milliseconds time) const {
        pollfd descriptor{socket_, POLLIN, 0};
        return ::poll(&descriptor, 1, static_cast<int>(time.count())) == 0;
    }

 private:
    void open(int family, const sockaddr* name, socklen_t length) {
        socket_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(socket_, name, length) != 0) throw std::runtime_error("no connection");
    }
    bool receive() {
        pollfd descriptor{socket_, POLLIN, 0};
        if (::poll(&descriptor, 1, 20'000) <= 0) throw std::runtime_error("the server is silent");
        char bytes[16384];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        ended_ = got <= 0;
        if (!ended_) received_.append(bytes, static_cast<std::size_t>(got));
        return !ended_;
    }
    static std::size_t body_length(const std::string& head) {
        const auto at = head.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    }
    std::string take(std::size_t length) {
        auto taken = received_.substr(0, length);
        received_.erase(0, length);
        return taken;
    }

    int socket_ = -1;
    std::string received_;
    bool ended_ = false;
};

// The body of a whole answer.
inline std::string body_of(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

}  // namespace loopback
