#include "platform/sd_notify.hpp"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace writeback {

namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
    const auto period = number(variable("WATCHDOG_USEC"));
    const auto process = number(variable("WATCHDOG_PID"));
    std::optional<Duration> interval;
    if (period && *period >= 2000 && (!process || *process == ::getpid())) {
        interval = Duration(*period / 2000);
    }
    return {std::string(variable("NOTIFY_SOCKET")), interval};
}

ServiceManager::ServiceManager(std::string socket, std::optional<Duration> watchdog_interval)
    : socket_(std::move(socket)), watchdog_interval_(watchdog_interval) {}

void ServiceManager::ready() const {
    send("READY=1");
}

void ServiceManager::stopping() const {
    send("STOPPING=1");
}

void ServiceManager::status(std::string_view sentence) const {
    std::string message = "STATUS=";
    for (const char c : sentence)
        message += c == '\n' ? ' ' : c;
    send(message);
}

void ServiceManager::alive() const {
    if (watchdog_interval_) send("WATCHDOG=1");
}

std::optional<Duration> ServiceManager::watchdog_interval() const {
    return socket_.empty() ? std::nullopt : watchdog_interval_;
}

void ServiceManager::send(std::string_view message) const {
    sockaddr_un address{};
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    // "@name" is an address of the abstract kind, which begins with a zero byte and has no end.
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), length);
    ::close(descriptor);
}

}  // namespace writeback
