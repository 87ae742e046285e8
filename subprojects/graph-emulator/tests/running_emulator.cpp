#include "running_emulator.hpp"

#include "../src/base/text.hpp"

#include <boost/asio/post.hpp>

#include <stdexcept>

namespace {

emulator::Settings on_free_port(emulator::Settings settings) {
    settings.listen_port = 0;
    return settings;
}

std::string text(const json::value& value) {
    return std::string(value.as_string());
}

}  // namespace

std::vector<json::object> DeltaRound::about(const std::string& id) const {
    std::vector<json::object> found;
    for (const auto& entry : entries) {
        if (entry.at("id").as_string() == id) found.push_back(entry);
    }
    return found;
}

std::set<std::string> DeltaRound::members_of(const std::string& id) const {
    std::set<std::string> members;
    for (const auto& entry : about(id)) {
        const auto* changes = entry.if_contains("members@delta");
        if (changes == nullptr) continue;
        for (const auto& change : changes->as_array()) {
            const std::string member = text(change.at("id"));
            if (change.as_object().contains("@removed")) {
                members.erase(member);
            } else {
                members.insert(member);
            }
        }
    }
    return members;
}

RunningEmulator::RunningEmulator(emulator::Settings settings)
    : emulator_(std::make_unique<emulator::Emulator>(context_, on_free_port(std::move(settings)))),
      port_(emulator_->port()) {
    emulator_->start();
    thread_ = std::thread([this] { context_.run(); });
    conversation_ = std::make_unique<Conversation>(port_);
}

RunningEmulator::~RunningEmulator() {
    boost::asio::post(context_, [this] {
        emulator_->stop();
        context_.stop();
    });
    thread_.join();
}

Answer RunningEmulator::plain(const std::string& method, const std::string& target,
                              const std::string& body, const HeaderList& headers) {
    return conversation_->ask(method, target, body, headers);
}

std::string RunningEmulator::access_token() {
    const auto answer =
        plain("POST", "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token",
              "grant_type=client_credentials&client_id=66666666-7777-8888-9999-000000000000"
              "&client_secret=emulator-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default");
    if (answer.status != 200) throw std::runtime_error("no token: " + answer.body);
    return text(answer.json().at("access_token"));
}

Answer RunningEmulator::call(const std::string& method, const std::string& target,
                             const json::value& body, HeaderList headers) {
    if (token_.empty()) token_ = access_token();
    headers.emplace_back("Authorization", "Bearer " + token_);
    if (!body.is_null()) headers.emplace_back("Content-Type", "application/json");
    std::string path = target;
    if (path.starts_with(base_url())) path.erase(0, base_url().size());
    if (!path.starts_with("/v1.0") && !path.starts_with("/beta")) path.insert(0, "/v1.0");
    return plain(method, path, body.is_null() ? std::string() : json::serialize(body), headers);
}

json::object RunningEmulator::get(const std::string& target, const HeaderList& headers) {
    const auto answer = call("GET", target, {}, headers);
    if (answer.status != 200) {
        throw std::runtime_error("GET " + target + ": " + std::to_string(answer.status) + ' ' +
                                 answer.body);
    }
    return answer.json();
}

json::object RunningEmulator::control(const std::string& method, const std::string& name,
                                      const json::object& body) {
    const auto answer = plain(method, "/emulator/" + name,
                              method == "POST" ? json::serialize(body) : std::string());
    if (answer.status >= 300) throw std::runtime_error(name + ": " + answer.body);
    return answer.json();
}

std::string RunningEmulator::create_group(const std::string& name, bool unified) {
    json::object body{{"displayName", name},
                      {"mailNickname", "nick"},
                      {"mailEnabled", unified},
                      {"securityEnabled", !unified}};
    if (unified) body["groupTypes"] = json::array{"Unified"};
    const auto answer = call("POST", "/groups", body);
    if (answer.status != 201) throw std::runtime_error("no group: " + answer.body);
    return text(answer.json().at("id"));
}

std::string RunningEmulator::create_user(const std::string& name) {
    const auto answer =
        call("POST", "/users",
             json::object{{"displayName", name}, {"userPrincipalName", name + "@contoso.com"}});
    if (answer.status != 201) throw std::runtime_error("no user: " + answer.body);
    return text(answer.json().at("id"));
}

void RunningEmulator::add_member(const std::string& group, const std::string& member) {
    const auto answer =
        call("POST", "/groups/" + group + "/members/$ref",
             json::object{{"@odata.id", base_url() + "/v1.0/directoryObjects/" + member}});
    if (answer.status != 204) throw std::runtime_error("not added: " + answer.body);
}

void RunningEmulator::remove_member(const std::string& group, const std::string& member) {
    const auto answer = call("DELETE", "/groups/" + group + "/members/" + member + "/$ref");
    if (answer.status != 204) throw std::runtime_error("not removed: " + answer.body);
}

std::string RunningEmulator::subscribe(const std::string& url, const std::string& resource,
                                       const std::string& lifecycle_url) {
    json::object body{{"changeType", "updated,deleted"},
                      {"notificationUrl", url},
                      {"resource", resource},
                      {"expirationDateTime", minutes_from_now(600)},
                      {"clientState", "s3cret"}};
    if (!lifecycle_url.empty()) body["lifecycleNotificationUrl"] = lifecycle_url;
    const auto answer = call("POST", "/subscriptions", body);
    if (answer.status != 201) throw std::runtime_error("no subscription: " + answer.body);
    return text(answer.json().at("id"));
}

DeltaRound RunningEmulator::follow(std::string link, const HeaderList& headers) {
    DeltaRound round;
    while (round.delta_link.empty()) {
        if (round.pages.size() > 5000) throw std::runtime_error("the round has no end");
        const auto page = get(link, headers);
        const bool has_next = page.contains("@odata.nextLink");
        if (has_next == page.contains("@odata.deltaLink")) {
            throw std::runtime_error("a page must have exactly one link");
        }
        round.pages.push_back(page.at("value").as_array());
        for (const auto& entry : page.at("value").as_array()) {
            round.entries.push_back(entry.as_object());
        }
        if (has_next) {
            link = text(page.at("@odata.nextLink"));
        } else {
            round.delta_link = text(page.at("@odata.deltaLink"));
        }
    }
    return round;
}

std::string minutes_from_now(int minutes) {
    const auto now = std::chrono::floor<emulator::Duration>(std::chrono::system_clock::now());
    return emulator::utc_text(now + std::chrono::minutes(minutes));
}
