#include "emulator.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace emulator {

namespace asio = boost::asio;

namespace {

/// Differs between processes, so that a token of an earlier emulator is recognised.
std::uint64_t tenant_life() {
    std::uint64_t life = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&life), sizeof life) != 1) {
        throw std::runtime_error("the machine has no entropy");
    }
    return life;
}

asio::ip::tcp::endpoint endpoint_of(const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error)
        throw std::runtime_error("'" + host + "' is no IP address; give one such as 127.0.0.1");
    return {address, port};
}

ClientSettings client_settings(const Settings& settings) {
    ClientSettings client{settings.delivery_authorities_file, std::nullopt};
    if (const auto address = parse_host_and_port(settings.delivery_connect)) {
        client.connect_to = endpoint_of(address->first, address->second);
    }
    return client;
}

}  // namespace

Emulator::Emulator(asio::io_context& context, const Settings& settings)
    : time_(context.get_executor()),
      client_(context, client_settings(settings)),
      service_(context.get_executor(), settings, time_, client_, tenant_life()),
      server_(context, endpoint_of(settings.listen_host, settings.listen_port), ServerLimits{},
              [this](Request request) { return service_.answer(std::move(request)); }) {
    service_.settings().listen_port = server_.port();
}

std::string Emulator::base_url() const {
    const auto& host = service_.settings().listen_host;
    const bool six = host.find(':') != std::string::npos;
    return "http://" + (six ? '[' + host + ']' : host) + ':' + std::to_string(port());
}

void Emulator::stop() {
    service_.stop();
    server_.stop();
}

}  // namespace emulator
