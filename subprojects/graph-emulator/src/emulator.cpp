#include "emulator.hpp"

#include "tenant/admission.hpp"
#include "tenant/generator.hpp"
#include "tenant/tenant_file.hpp"

#include <cstdio>
#include <stdexcept>
#include <unistd.h>

namespace emulator {

namespace asio = boost::asio;

namespace {

/// Differs between processes, so that a token of an earlier emulator is recognised.
std::uint64_t tenant_life() {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return static_cast<std::uint64_t>(now) ^ static_cast<std::uint64_t>(getpid()) << 48;
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
    : settings_(settings),
      random_(settings.seed),
      tenant_(clock_, random_),
      delta_(tenant_, clock_, tenant_life()),
      subscriptions_(clock_, random_),
      client_(context, client_settings(settings)),
      delivery_(context, client_, random_),
      faults_(random_),
      access_tokens_(clock_),
      graph_(Services{settings_, clock_, random_, tenant_, delta_, subscriptions_, delivery_,
                      faults_, requests_, access_tokens_, budget_, permissions_,
                      settings.page_size}),
      control_(graph_.services()),
      server_(context, endpoint_of(settings.listen_host, settings.listen_port), ServerLimits{},
              [this](Request request) { return answer(std::move(request)); }) {
    settings_.listen_port = server_.port();
    delta_.settings.page_size = settings.page_size;
    delivery_.faults.as_other_tenant = [this](json::object item) {
        return notification_of_another_tenant(std::move(item), random_);
    };
    load();
    tenant_.observe([this](const Change& change) { notify(change); });
}

std::string Emulator::base_url() const {
    const bool six = settings_.listen_host.find(':') != std::string::npos;
    return "http://" + (six ? '[' + settings_.listen_host + ']' : settings_.listen_host) + ':' +
           std::to_string(port());
}

void Emulator::stop() {
    delivery_.shut_down();
    server_.stop();
}

void Emulator::load() {
    if (!settings_.tenant_file.empty()) {
        if (auto problem = load_tenant_file(settings_.tenant_file, tenant_, random_, clock_.now(),
                                            settings_.client_id)) {
            throw std::runtime_error(*problem);
        }
    }
    if (!settings_.generate.empty()) {
        std::string problem;
        const auto description = parse_generator(settings_.generate, problem);
        if (!description) throw std::runtime_error("--generate: " + problem);
        generate(*description, tenant_, clock_.now());
    }
    enter_application(tenant_, random_, clock_.now(), settings_.client_id);
}

void Emulator::notify(const Change& change) {
    for (auto* subscription : subscriptions_.matching(change)) {
        if (subscription->paused) continue;
        delivery_.enqueue(subscription->notification_url,
                          change_notification(change, *subscription, tenant_, settings_.tenant_id,
                                              control_.notification_style(), random_));
    }
}

asio::awaitable<Response> Emulator::answer(Request request) {
    Response response;
    try {
        if (ControlApi::is_for(request)) {
            response = control_.handle(request);
        } else {
            response = co_await graph_.handle(request);
        }
    } catch (const std::exception& error) {
        // A bug; one bad request must not end the emulator for all others.
        std::fprintf(stderr, "graph-emulator: %s %s failed: %s\n", request.method.c_str(),
                     std::string(request.path()).c_str(), error.what());
        response = Response{500, {{"Content-Type", "text/plain"}}, "internal error\n"};
    }
    if (settings_.verbose) log(request, response);
    co_return response;
}

void Emulator::log(const Request& request, const Response& response) const {
    const json::object line{{"event", "request"},
                            {"method", request.method},
                            {"target", request.target},
                            {"status", response.status},
                            {"bytes", response.body.size()}};
    std::fprintf(stderr, "%s\n", json::serialize(line).c_str());
}

}  // namespace emulator
