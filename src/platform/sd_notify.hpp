// Tells the service manager how we are, by its datagram protocol ($NOTIFY_SOCKET), without a
// library. Does nothing where there is no service manager.
//
// Failures: none shown, since a daemon that cannot be watched should still work. Threads: any.
#pragma once

#include <writeback/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace writeback {

class ServiceManager {
 public:
    // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    [[nodiscard]] static ServiceManager from_environment();
    // `socket`: a path, or "@name" for an abstract address; empty: no service manager.
    ServiceManager(std::string socket, std::optional<Duration> watchdog_interval);

    void ready() const;
    void stopping() const;
    // A short sentence for `systemctl status`.
    void status(std::string_view sentence) const;
    // To be sent at least once in each watchdog_interval().
    void alive() const;
    // Half the time after which the service manager would end us; empty when it does not watch.
    [[nodiscard]] std::optional<Duration> watchdog_interval() const;

 private:
    void send(std::string_view message) const;

    std::string socket_;
    std::optional<Duration> watchdog_interval_;
};

}  // namespace writeback
