// The client against the emulator, which speaks Graph's dialect as a whole.
#include "emulator_process.hpp"
#include "fakes.hpp"
#include "graph/access_token.hpp"
#include "graph/delta_reader.hpp"
#include "graph/directory_objects.hpp"
#include "graph/graph_caller.hpp"
#include "graph/http_client.hpp"
#include "graph/subscriptions.hpp"
#include "platform/loopback.hpp"
#include "scripted_peer.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;

namespace {

// A user's view of the stream: groups and their members, folded in the simplest way.
struct View {
    std::map<GroupId, std::set<MemberId>> members;
    std::set<GroupId> removed;
    int pages = 0;
    int empty_pages = 0;
    bool split = false;  // a group came on more than one page
};

struct Emulated {
    explicit Emulated(
        std::vector<std::string> options,
        const std::function<void(GraphConfig&)>& configure = [](auto&) {})
        : process(std::move(options)),
          config(configured(configure)),
          http(config),
          token(config, http, clock, random, log, metrics),
          caller(config, http, token, clock, random, log, metrics),
          changes(caller, config.endpoint),
          objects(caller),
          service(caller) {}

    GraphConfig configured(const std::function<void(GraphConfig&)>& configure) const {
        GraphConfig made;
        made.tenant_id = "11111111-2222-3333-4444-555555555555";
        made.client_id = "66666666-7777-8888-9999-000000000000";
        made.client_secret_file = directory.write("secret", "emulator-secret\n");
        made.authority = process.url();
        made.endpoint = process.url();
        configure(made);
        return made;
    }

    void run(Async<void> story) { loopback::run(context, std::move(story)); }

    // A control of the emulator, or one of Graph's own verbs.
    Async<std::string> send(std::string method, std::string path, std::string body = {}) {
        if (path.starts_with("/emulator/")) {
            ClientRequest request;
            request.method = method;
            request.address = *parse_address(process.url() + path);
            request.body = body;
            const auto answer = co_await http.send(std::move(request));
            REQUIRE_MESSAGE(answer.has_value(), (answer.has_error() ? answer.error().detail : ""));
            REQUIRE_MESSAGE(answer->status < 300, answer->body);
            co_return answer->body;
        }
        Call call;
        call.what = "change the tenant";
        call.method = method;
        call.link = path;
        call.body = body;
        const auto answer = co_await caller.call(std::move(call));
        REQUIRE_MESSAGE(answer.has_value(), (answer.has_error() ? answer.error().detail : ""));
        co_return answer->body;
    }
    Async<void> fault(std::string description) {
        const std::string path = "/emulator/faults";
        const std::string method = "POST";
        co_await send(method, path, description);
    }

    // Follows a round to its deltaLink, which it gives.
    Async<std::string> round(std::string link, View& view) {
        std::set<GroupId> shown_before;
        for (;;) {
            const auto page = co_await changes.groups_page(link);
            REQUIRE_MESSAGE(page.has_value(), (page.has_error() ? page.error().detail : ""));
            ++view.pages;
            if (page->items.empty()) ++view.empty_pages;
            std::set<GroupId> shown;
            for (const auto& item : page->items) {
                REQUIRE(item.unreadable.empty());
                fold(item, view);
                view.split = view.split || shown_before.contains(item.id);
                shown.insert(item.id);
            }
            shown_before.merge(shown);
            if (page->link.kind == LinkKind::delta) co_return page->link.url;
            link = page->link.url;
        }
    }
    static void fold(const GroupItem& item, View& view) {
        if (item.removal != Removal::no) {
            view.members.erase(item.id);
            view.removed.insert(item.id);
            return;
        }
        auto& members = view.members[item.id];
        for (const auto& change : item.members) {
            if (change.removed) {
                members.erase(change.member);
            } else {
                members.insert(change.member);
            }
        }
    }
    // Every group's members as direct reads tell them.
    Async<void> compare(const View& view) {
        for (const auto& [group, members] : view.members) {
            const auto read = co_await changes.read_members(group);
            REQUIRE_MESSAGE(read.has_value(), (read.has_error() ? read.error().detail : ""));
            std::set<MemberId> direct;
            for (const auto& member : *read)
                direct.insert(member.id);
            CHECK(direct == members);
        }
    }

    loopback::Directory directory;
    boost::asio::io_context context;
    emulated::EmulatorProcess process;
    fakes::ModelClock clock;
    fakes::CountingRandom random;
    fakes::KeptLog log;
    fakes::KeptMetrics metrics;
    GraphConfig config;
    HttpClient http;
    AccessToken token;
    GraphCaller caller;
    DeltaReader changes;
    DirectoryObjects objects;
    Subscriptions service;
};

const std::vector<std::string> small_tenant = {
    "--generate", "groups=20,users=60,members=300,seed=3", "--page-size", "7"};

std::string text_in(const std::string& body, const char* name) {
    return std::string(boost::json::parse(body).at(name).as_string());
}

}  // namespace

TEST_CASE("a crawl of split groups, empty pages and replays shows what direct reads show") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        co_await graph.send("POST", "/emulator/delta",
                            R"({"page_size":3,"members_per_part":4,"empty_pages":true,)"
                            R"("replay":true,"removed_in_initial":true})");
        View view;
        const std::string link = co_await graph.round("", view);
        CHECK(view.members.size() == 20);
        CHECK(view.split);
        CHECK(view.empty_pages > 0);
        co_await graph.compare(view);
        CHECK(link.find("$deltatoken=") != std::string::npos);
    }());
}

TEST_CASE(
    "later rounds show what Graph's own verbs changed, and direct reads tell what became of a "
    "group") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        View view;
        std::string link = co_await graph.round("", view);
        const std::string made = co_await graph.send(
            "POST", "/v1.0/groups",
            R"({"displayName":"Bridge","mailNickname":"bridge","mailEnabled":false,"securityEnabled":true})");
        const GroupId bridge(text_in(made, "id"));
        const MemberId someone = *view.members.begin()->second.begin();
        const std::string reference =
            "{\"@odata.id\":\"https://graph.microsoft.com/v1.0/directoryObjects/" + someone.text() +
            "\"}";
        const std::string path = "/v1.0/groups/" + bridge.text();
        co_await graph.send("POST", path + "/members/$ref", reference);
        link = co_await graph.round(link, view);
        CHECK(view.members[bridge] == std::set<MemberId>{someone});
        const auto living = co_await graph.changes.read_group(bridge);
        REQUIRE(living.has_value());
        CHECK(living->state == CloudState::active);
        CHECK(living->item.display_name.value == "Bridge");

        co_await graph.send("DELETE", path + "/members/" + someone.text() + "/$ref");
        link = co_await graph.round(link, view);
        CHECK(view.members[bridge].empty());

        co_await graph.send("DELETE", path);
        link = co_await graph.round(link, view);
        CHECK(view.removed.contains(bridge));
        const auto deleted = co_await graph.changes.read_group(bridge);
        REQUIRE(deleted.has_value());
        CHECK(deleted->state == CloudState::soft_deleted);

        co_await graph.send("DELETE", "/v1.0/directory/deletedItems/" + bridge.text());
        const auto gone = co_await graph.changes.read_group(bridge);
        REQUIRE(gone.has_value());
        CHECK(gone->state == CloudState::deleted);
        co_await graph.compare(view);
    }());
}

TEST_CASE("the users stream begins empty and shows a user that was deleted") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        const auto latest = co_await graph.changes.users_page("");
        REQUIRE_MESSAGE(latest.has_value(), (latest.has_error() ? latest.error().detail : ""));
        CHECK(latest->items.empty());
        REQUIRE(latest->link.kind == LinkKind::delta);
        View view;
        co_await graph.round("", view);
        std::string user;
        for (const auto& [group, members] : view.members) {
            const auto read = co_await graph.changes.read_members(group);
            for (const auto& member : *read) {
                if (member.type == MemberType::user) user = member.id.text();
            }
        }
        REQUIRE_FALSE(user.empty());
        co_await graph.send("DELETE", "/v1.0/users/" + user);
        const auto told = co_await graph.changes.users_page(latest->link.url);
        REQUIRE(told.has_value());
        REQUIRE(told->items.size() == 1);
        CHECK(told->items[0].id == MemberId(user));
        CHECK(told->items[0].removal == Removal::changed);
    }());
}

TEST_CASE("members' identities come from getByIds; who is absent has no answer") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        View view;
        co_await graph.round("", view);
        std::set<MemberId> all;
        for (const auto& [group, members] : view.members)
            all.insert(members.begin(), members.end());
        std::vector<MemberId> ids(all.begin(), all.end());
        ids.emplace_back("ffffffff-ffff-ffff-ffff-ffffffffffff");
        const auto answers = co_await graph.objects.identities(ids);
        REQUIRE_MESSAGE(answers.has_value(), (answers.has_error() ? answers.error().detail : ""));
        CHECK(answers->size() == all.size());
        bool synced = false;
        for (const auto& answer : *answers) {
            CHECK(answer.readable);
            if (answer.type != MemberType::user || !answer.on_premises_sync_enabled) continue;
            synced = true;
            CHECK(answer.on_premises_security_identifier.text().starts_with("S-1-5-21-"));
            CHECK(answer.name.find('@') != std::string::npos);
        }
        CHECK(synced);
    }());
}

TEST_CASE("a dead token asks for a resync, and 410's Location begins it") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        View view;
        const std::string link = co_await graph.round("", view);
        co_await graph.fault(R"({"operation":"groups-delta","kind":"410"})");
        const auto moved = co_await graph.changes.groups_page(link);
        REQUIRE(moved.has_error());
        CHECK(moved.error().kind == FailureKind::resync_required);
        REQUIRE_FALSE(moved.error().location.empty());
        View again;
        co_await graph.round(moved.error().location, again);
        CHECK(again.members == view.members);

        co_await graph.send("POST", "/emulator/tokens/expire", R"({"delta":true})");
        const auto dead = co_await graph.changes.groups_page(link);
        REQUIRE(dead.has_error());
        CHECK(dead.error().kind == FailureKind::resync_required);
    }());
}

TEST_CASE("faults on the way are waited out, renewed or told, and no page is lost") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        co_await graph.fault(R"({"operation":"groups-delta","kind":"429","retry_after":2.128})");
        co_await graph.fault(R"({"operation":"groups-delta","kind":"503","after":1})");
        co_await graph.fault(R"({"operation":"groups-delta","kind":"cut","after":1})");
        co_await graph.fault(R"({"operation":"groups-delta","kind":"expired-token","after":2})");
        co_await graph.fault(R"({"operation":"groups-delta","kind":"empty-page","after":2})");
        co_await graph.fault(R"({"operation":"token","kind":"500"})");
        View view;
        co_await graph.round("", view);
        CHECK(view.members.size() == 20);
        CHECK(graph.metrics.counters["graph_requests_total operation=groups-delta code=429"] == 1);
        CHECK(graph.metrics.counters["graph_requests_total operation=groups-delta code=503"] == 1);
        CHECK(graph.metrics.counters["graph_requests_total operation=groups-delta code=401"] == 1);
        CHECK(graph.metrics
                  .counters["graph_requests_total operation=groups-delta code=disconnected"] == 1);
        CHECK(graph.metrics.counters["graph_requests_total operation=token code=500"] == 1);
        co_await graph.compare(view);
    }());
}

TEST_CASE("garbage, circles and refusals stop the stream with their own kind") {
    Emulated graph(small_tenant);
    graph.run([&]() -> Async<void> {
        const std::pair<const char*, FailureKind> cases[] = {
            {R"({"operation":"groups-delta","kind":"garbage"})", FailureKind::unreadable},
            {R"({"operation":"groups-delta","kind":"403"})", FailureKind::forbidden},
            {R"({"operation":"groups-delta","kind":"loop"})", FailureKind::link_refused}};
        const auto first = co_await graph.changes.groups_page("");
        REQUIRE(first.has_value());
        REQUIRE(first->link.kind == LinkKind::next);
        for (const auto& [description, kind] : cases) {
            const std::string told = description;
            co_await graph.fault(told);
            const auto failed = co_await graph.changes.groups_page(first->link.url);
            REQUIRE(failed.has_error());
            CHECK(failed.error().kind == kind);
        }
        CHECK((co_await graph.changes.groups_page(first->link.url)).has_value());
    }());
}

TEST_CASE("subscriptions live in the emulator as they would in Graph") {
    Emulated graph(small_tenant);
    scripted::Peer webhook(graph.context, [](const scripted::Question& question) {
        const std::string target = question.target();
        const auto begin = target.find("validationToken=");
        if (begin == std::string::npos) return scripted::answer(202, "");
        std::string token;
        for (std::size_t i = begin + 16; i < target.size() && target[i] != '&'; ++i) {
            if (target[i] == '%') {
                token.push_back(static_cast<char>(std::stoi(target.substr(i + 1, 2), nullptr, 16)));
                i += 2;
            } else {
                token.push_back(target[i] == '+' ? ' ' : target[i]);
            }
        }
        return scripted::Reply{"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                               std::to_string(token.size()) + "\r\n\r\n" + token};
    });
    graph.run([&]() -> Async<void> {
        const Instant now =
            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const NewSubscription wanted{Stream::groups, webhook.url() + "/notifications",
                                     webhook.url() + "/lifecycle", "state", now + 24h};
        const auto made = co_await graph.service.create(wanted);
        REQUIRE_MESSAGE(made.has_value(), (made.has_error() ? made.error().detail : ""));
        CHECK(made->resource == "groups");
        CHECK(made->expires == now + 24h);
        CHECK(made->notification_url == wanted.notification_url);

        const auto twice = co_await graph.service.create(wanted);
        REQUIRE(twice.has_error());
        CHECK(twice.error().kind == FailureKind::already_exists);

        const auto renewed = co_await graph.service.renew(made->id, now + 48h);
        REQUIRE(renewed.has_value());
        CHECK(renewed->expires == now + 48h);
        const auto listed = co_await graph.service.list();
        REQUIRE(listed.has_value());
        REQUIRE(listed->size() == 1);
        CHECK(listed->front().id == made->id);

        co_await graph.send("POST", "/emulator/subscriptions/" + made->id.text() + "/vanish");
        const auto gone = co_await graph.service.renew(made->id, now + 48h);
        REQUIRE(gone.has_error());
        CHECK(gone.error().kind == FailureKind::not_found);
        CHECK((co_await graph.service.remove(made->id)).has_value());

        const NewSubscription unheard{Stream::users, "http://127.0.0.1:9/n", "", "state",
                                      now + 24h};
        const auto refused = co_await graph.service.create(unheard);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::refused);
        CHECK(refused.error().detail.find("public_url") != std::string::npos);
    }());
}

TEST_CASE("a wrong secret is refused with its code; a certificate is accepted") {
    SUBCASE("a wrong secret") {
        Emulated graph(small_tenant, [](GraphConfig& config) {
            std::ofstream(config.client_secret_file) << "wrong";
        });
        graph.run([&]() -> Async<void> {
            const auto refused = co_await graph.changes.groups_page("");
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind == FailureKind::credentials);
            CHECK(refused.error().code == "AADSTS7000215");
        }());
    }
    SUBCASE("a certificate") {
        const loopback::Directory certificates;
        loopback::make_certificate(certificates, "app", "DNS:app");
        auto options = small_tenant;
        options.insert(options.end(), {"--client-certificate", certificates.file("app.pem")});
        Emulated graph(options, [&](GraphConfig& config) {
            config.client_secret_file.clear();
            config.certificate_file = certificates.file("app.pem");
            config.private_key_file = certificates.file("app.key");
        });
        graph.clock.wall = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
        graph.run([&]() -> Async<void> {
            const auto page = co_await graph.changes.groups_page("");
            CHECK_MESSAGE(page.has_value(), (page.has_error() ? page.error().detail : ""));
        }());
    }
}
