#include "service.hpp"

#include "tenant/admission.hpp"
#include "tenant/generator.hpp"
#include "tenant/tenant_file.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <variant>

namespace emulator {

namespace asio = boost::asio;

namespace {

Scenario read_scenario(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error(path + " can't be read");
    auto parsed = parse_scenario(text.str());
    if (const auto* problem = std::get_if<std::string>(&parsed))
        throw std::runtime_error(path + ": " + *problem);
    return std::get<Scenario>(std::move(parsed));
}

}  // namespace

Service::Service(asio::any_io_executor executor, const Settings& settings, Time& time,
                 Poster& poster, std::uint64_t tenant_life)
    : settings_(settings),
      clock_(time),
      random_(settings.seed),
      tenant_(clock_, random_),
      delta_(tenant_, clock_, tenant_life),
      subscriptions_(clock_, random_),
      delivery_(executor, time, poster, random_),
      faults_(random_),
      access_tokens_(clock_, tenant_life),
      graph_(Services{settings_, time, clock_, random_, tenant_, delta_, subscriptions_, delivery_,
                      faults_, requests_, access_tokens_, budget_, write_budget_, permissions_,
                      settings.page_size}),
      scenario_(executor, time, [this](Request request) { return answer(std::move(request)); }),
      control_(graph_.services(), scenario_) {
    graph_.before = [this](std::string operation) {
        return scenario_.before(std::move(operation));
    };
    delta_.settings.page_size = settings.page_size;
    delivery_.faults.as_other_tenant = [this](json::object item) {
        return notification_of_another_tenant(std::move(item), random_);
    };
    load();
    tenant_.observe([this](const Change& change) { notify(change); });
    if (!settings_.scenario_file.empty()) scenario_.start(read_scenario(settings_.scenario_file));
}

void Service::stop() {
    scenario_.stop();
    delivery_.shut_down();
}

void Service::load() {
    if (!settings_.tenant_file.empty()) {
        if (auto problem = load_tenant_file(settings_.tenant_file, tenant_, clock_.now(),
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
    enter_application(tenant_, clock_.now(), settings_.client_id);
}

void Service::notify(const Change& change) {
    for (auto* subscription : subscriptions_.matching(change)) {
        if (subscription->paused && !subscription->keeps) continue;
        auto item = change_notification(change, *subscription, tenant_, settings_.tenant_id,
                                        control_.notification_style(), random_);
        if (subscription->paused) {
            subscription->kept.emplace_back(clock_.now(), std::move(item));
        } else {
            delivery_.enqueue(subscription->notification_url, std::move(item));
        }
    }
}

asio::awaitable<Response> Service::answer(Request request) {
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

void Service::log(const Request& request, const Response& response) const {
    const json::object line{{"event", "request"},
                            {"method", request.method},
                            {"target", request.target},
                            {"status", response.status},
                            {"bytes", response.body.size()}};
    std::fprintf(stderr, "%s\n", json::serialize(line).c_str());
}

}  // namespace emulator
