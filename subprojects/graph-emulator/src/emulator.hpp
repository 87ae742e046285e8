// The emulator as a program has it: the service on the machine's time, posting and listening by
// sockets.
//
// Failures: construction throws std::runtime_error with a sentence for people (address, tenant,
// certificate). Ownership: owns all parts; the io_context must outlive it. Threads: the
// io_context's one thread. Cancellation: stop() ends listening and deliveries at once.
#pragma once

#include "base/machine_time.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "service.hpp"

#include <boost/asio/io_context.hpp>

namespace emulator {

class Emulator {
 public:
    Emulator(boost::asio::io_context& context, const Settings& settings);

    std::uint16_t port() const { return server_.port(); }
    std::string base_url() const;
    void start() { server_.start(); }
    void stop();

 private:
    MachineTime time_;
    HttpClient client_;
    Service service_;
    HttpServer server_;
};

}  // namespace emulator
