#include "admin/admin_client.hpp"

#include "platform/setting_text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace writeback {

namespace {

using Time = std::chrono::steady_clock::time_point;
constexpr std::size_t largest_answer = 64 << 20;

class Socket {
 public:
    explicit Socket(int family) : descriptor_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
    int descriptor_;
};

Failure unreachable(const std::string& listen) {
    return failure(FailureKind::unreachable, "No daemon answers on " + listen + ": " +
                                                 std::strerror(errno) +
                                                 ". Is `serve` running with this configuration?");
}

// Waits until the socket is ready for `events`; false when the time has passed.
bool wait_for(const Socket& socket, short events, Time deadline) {
    while (true) {
        const auto left = std::chrono::ceil<Duration>(deadline - std::chrono::steady_clock::now());
        if (left <= Duration::zero()) return false;
        pollfd descriptor{socket.descriptor(), events, 0};
        const int ready = ::poll(&descriptor, 1, static_cast<int>(left.count()));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

// A daemon that listens on all addresses is asked on loopback.
std::string asked_host(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

std::unique_ptr<Socket> connect_to(const ListenAddress& address, Time deadline) {
    sockaddr_storage name{};
    socklen_t length = 0;
    if (address.host.empty()) {
        auto* local = reinterpret_cast<sockaddr_un*>(&name);
        local->sun_family = AF_UNIX;
        address.path.copy(local->sun_path, sizeof local->sun_path - 1);
        length = sizeof(sockaddr_un);
    } else {
        addrinfo hints{};
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        const auto port = std::to_string(address.port);
        if (::getaddrinfo(asked_host(address.host).c_str(), port.c_str(), &hints, &found) != 0) {
            errno = EADDRNOTAVAIL;
            return nullptr;
        }
        std::memcpy(&name, found->ai_addr, found->ai_addrlen);
        length = found->ai_addrlen;
        ::freeaddrinfo(found);
    }
    auto socket = std::make_unique<Socket>(name.ss_family);
    ::fcntl(socket->descriptor(), F_SETFL, O_NONBLOCK);
    if (::connect(socket->descriptor(), reinterpret_cast<sockaddr*>(&name), length) == 0) {
        return socket;
    }
    if (errno != EINPROGRESS) return nullptr;
    if (!wait_for(*socket, POLLOUT, deadline)) {
        errno = ETIMEDOUT;
        return nullptr;
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket->descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    return error == 0 ? std::move(socket) : nullptr;
}

// Everything until the daemon ends the connection, which the request asks for.
Result<std::string> exchange(const Socket& socket, std::string_view request,
                             const std::string& listen, Time deadline) {
    const auto late =
        failure(FailureKind::timed_out, "The daemon on " + listen + " did not answer in time.");
    while (!request.empty()) {
        if (!wait_for(socket, POLLOUT, deadline)) return late;
        const auto sent = ::send(socket.descriptor(), request.data(), request.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return unreachable(listen);
        if (sent > 0) request.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    std::string buffer(64 << 10, '\0');
    while (true) {
        if (!wait_for(socket, POLLIN, deadline)) return late;
        const auto got = ::recv(socket.descriptor(), buffer.data(), buffer.size(), 0);
        if (got == 0) return answer;
        if (got < 0 && errno != EAGAIN && errno != EINTR) return unreachable(listen);
        if (got > 0) answer.append(buffer, 0, static_cast<std::size_t>(got));
        if (answer.size() > largest_answer) {
            return failure(FailureKind::too_large,
                           "The daemon on " + listen + " answers with more than 64 MiB.");
        }
    }
}

}  // namespace

Result<AdminAnswer> ask_admin(const std::string& listen, const std::string& path,
                              Duration timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto address = read_listen_address(listen);
    if (address.has_error()) {
        return failure(FailureKind::invalid_configuration,
                       "admin.listen " + in_quotes(listen) + " " + address.error().detail);
    }
    const auto socket = connect_to(*address, deadline);
    if (!socket) return unreachable(listen);
    const auto request =
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const auto answer = exchange(*socket, request, listen, deadline);
    if (answer.has_error()) return answer.error();
    const auto head_end = answer->find("\r\n\r\n");
    int status = 0;
    if (answer->starts_with("HTTP/1.1 ") && answer->size() > 12) {
        std::from_chars(answer->data() + 9, answer->data() + 12, status);
    }
    if (head_end == std::string::npos || status < 100) {
        return failure(
            FailureKind::unreadable,
            "What listens on " + listen + " is no daemon of ours: its answer is no HTTP.");
    }
    return AdminAnswer{status, answer->substr(head_end + 4)};
}

}  // namespace writeback
