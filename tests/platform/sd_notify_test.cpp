#include "platform/sd_notify.hpp"

#include "platform/loopback.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace writeback;

namespace {

// The service manager's end. An address beginning with "@" is abstract.
class Receiver {
 public:
    explicit Receiver(const std::string& address) {
        descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        REQUIRE(descriptor_ >= 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::memcpy(name.sun_path, address.data(), address.size());
        if (address.front() == '@') name.sun_path[0] = '\0';
        const auto length =
            static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
        REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&name), length) == 0);
    }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    ~Receiver() { ::close(descriptor_); }

    std::string next() const {
        char text[512];
        const auto got = ::recv(descriptor_, text, sizeof text, 0);
        return got < 0 ? std::string() : std::string(text, static_cast<std::size_t>(got));
    }

 private:
    int descriptor_ = -1;
};

}  // namespace

TEST_CASE("the service manager is told of start, state, life and end") {
    const loopback::Directory folder;
    const Receiver receiver(folder.file("notify"));
    const ServiceManager manager(folder.file("notify"), Duration(15'000));
    manager.ready();
    manager.status("2 groups\nheld");
    manager.alive();
    manager.stopping();
    CHECK(receiver.next() == "READY=1");
    CHECK(receiver.next() == "STATUS=2 groups held");
    CHECK(receiver.next() == "WATCHDOG=1");
    CHECK(receiver.next() == "STOPPING=1");
    CHECK(manager.watchdog_interval() == Duration(15'000));
}

TEST_CASE("an abstract address is understood") {
    const std::string address = "@group-writeback-test-" + std::to_string(::getpid());
    const Receiver receiver(address);
    const ServiceManager manager(address, std::nullopt);
    manager.ready();
    manager.alive();
    CHECK(receiver.next() == "READY=1");
    CHECK(receiver.next().empty());
}

TEST_CASE("without a service manager nothing happens") {
    const ServiceManager nobody("", Duration(1000));
    nobody.ready();
    CHECK_FALSE(nobody.watchdog_interval());
    const ServiceManager gone("/nowhere/notify", std::nullopt);
    gone.ready();
}

TEST_CASE("the environment names the socket and half the watchdog's time is the interval") {
    ::setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    CHECK(ServiceManager::from_environment().watchdog_interval() == Duration(15'000));
    ::setenv("WATCHDOG_PID", "1", 1);
    CHECK_FALSE(ServiceManager::from_environment().watchdog_interval());
    ::setenv("WATCHDOG_USEC", "soon", 1);
    ::unsetenv("WATCHDOG_PID");
    CHECK_FALSE(ServiceManager::from_environment().watchdog_interval());
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("NOTIFY_SOCKET");
}
