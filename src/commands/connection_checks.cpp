#include "commands/connection_checks.hpp"

#include "core/projection.hpp"
#include "graph/http_client.hpp"
#include "intake/webhook_server.hpp"
#include "platform/setting_text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace writeback {
namespace {

Async<void> check_permission(Findings& findings, const std::string& permission,
                             const std::string& purpose, Async<Result<Done>> attempt) {
    const auto done = co_await std::move(attempt);
    if (done) {
        findings.good("Graph lets us " + purpose);
    } else if (done.error().kind == FailureKind::forbidden) {
        findings.problem("Graph does not let us " + purpose +
                         "; grant the application permission " + permission +
                         " with admin consent (" + done.error().detail + ")");
    } else {
        findings.problem("to " + purpose + " failed: " + done.error().detail);
    }
}

template <class T>
Async<Result<Done>> only_outcome(Async<Result<T>> call) {
    auto result = co_await std::move(call);
    if (!result) co_return result.error();
    co_return Done{};
}

// While the webhook is checked and no daemon listens: answers the handshake, and asks Graph to send
// again whatever it may post meanwhile.
class NothingIsKept final : public NotificationSink {
 public:
    Async<Result<BatchOutcome>> receive(std::vector<Notification>) override {
        co_return failure(FailureKind::store, "The daemon does not run yet.");
    }
};

// Does what Graph does before it accepts a subscription: posts a validation token and wants it
// back.
Async<void> try_handshake(const Config& config, bool ours, Findings& findings) {
    GraphConfig outside = config.graph;
    outside.ca_file.clear();
    outside.proxy.clear();
    HttpClient client(outside);
    for (const std::string path : {"/notifications", "/lifecycle"}) {
        const std::string url = config.webhook->public_url + path;
        const auto address = parse_address(url + "?validationToken=check%20config");
        if (!address) {
            findings.problem(url + " is no address");
            continue;
        }
        ClientRequest request;
        request.method = "POST";
        request.address = *address;
        const auto answer = co_await client.send(request);
        if (!answer) {
            findings.note(url +
                          " was not reached from here; where only the outside reaches it, try it "
                          "there: " +
                          answer.error().detail);
        } else if (answer->status != 200 || answer->body != "check config") {
            findings.problem(url + " answered " + std::to_string(answer->status) +
                             " to a validation token instead of 200 and the token; check the "
                             "reverse proxy's path");
        } else {
            findings.good(url + " answers the validation handshake" +
                          (ours ? ", with this command listening" : ""));
        }
    }
    client.stop();
}

// What the mapping, or the default, would write if the schema had it: "a, b and c".
std::string left_out(const ProjectionRules& rules) {
    auto names = rules.mapping.left_out;
    if (!rules.external_directory_object_id) names.emplace_back("msDS-ExternalDirectoryObjectId");
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 < names.size() ? ", " : " and ";
        text += names[i];
    }
    return text;
}

}  // namespace

Async<void> check_graph(const Config& config, Graph& graph, Findings& findings) {
    const auto token = co_await graph.check_token();
    if (!token) {
        findings.problem("no access token: " + token.error().detail);
        co_return;
    }
    findings.good("Entra ID gives an access token for client " + config.graph.client_id);
    co_await check_permission(findings, "Group.Read.All", "read groups and their changes",
                              only_outcome(graph.changes().groups_page("")));
    co_await check_permission(findings, "User.Read.All", "read users and their changes",
                              only_outcome(graph.changes().users_page("")));
    const std::vector<MemberId> nobody{MemberId("00000000-0000-0000-0000-000000000001")};
    co_await check_permission(findings, "User.Read.All and Device.Read.All",
                              "look up members by id",
                              only_outcome(graph.identities().identities(nobody)));
    if (config.groups.select == Select::assigned) {
        co_await check_permission(findings, "Application.Read.All",
                                  "read which groups are assigned to our application",
                                  only_outcome(graph.changes().assigned_groups()));
    }
    if (!config.webhook) co_return;
    co_await check_permission(findings, "Group.Read.All", "list our subscriptions",
                              only_outcome(graph.subscriptions().list()));
}

Async<void> check_webhook(const Config& config, Peers& peers, Findings& findings) {
    if (!config.webhook) {
        findings.note("no [webhook]: changes are found by polling each " +
                      duration_text(config.graph.poll_interval));
        co_return;
    }
    NothingIsKept sink;
    const auto executor = co_await boost::asio::this_coro::executor;
    auto opened = WebhookServer::open(executor, *config.webhook, sink, peers.log(), peers.metrics(),
                                      peers.clock());
    // Where the address is taken, the daemon itself answers.
    if (!opened && opened.error().kind != FailureKind::unavailable)
        findings.problem(opened.error().detail);
    const auto ended = peers.clock().alarm();
    if (opened) {
        auto* const server = opened->get();
        boost::asio::co_spawn(executor, server->run(),
                              [&ended](std::exception_ptr) { ended->ring(); });
    }
    co_await try_handshake(config, opened.has_value(), findings);
    if (!opened) co_return;
    (*opened)->stop(Duration::zero());
    co_await ended->wait_for(10s);
}

Async<void> check_directory(const Config& config, ActiveDirectory& directory, Findings& findings) {
    const auto facts = co_await directory.reader().facts();
    if (!facts) {
        findings.problem("the directory: " + facts.error().detail);
        co_return;
    }
    findings.good("bound to " + facts->server + " (" + facts->dns_host_name + "), domain " +
                  facts->domain_sid.text());
    const auto rules =
        projection_rules(config.groups, config.directory, config.mapping, facts->group_attributes);
    if (!rules) {
        findings.problem(rules.error().detail);
        co_return;
    }
    std::set<std::string> written;
    for (const auto& name : written_attributes(*rules))
        written.insert(name);
    if (const auto missing = left_out(*rules); !missing.empty())
        findings.note("the schema has no " + missing + ": not written");
    const auto rights = co_await directory.check_rights(written);
    if (!rights) {
        findings.problem("the rights in " + config.directory.container + ": " +
                         rights.error().detail);
        co_return;
    }
    for (const auto& finding : *rights) {
        finding.problem ? findings.missing_right(finding.sentence)
                        : findings.good(finding.sentence);
    }
}

}  // namespace writeback
