#include "commands/online_check.hpp"

#include "admin/metrics.hpp"
#include "commands/commands.hpp"
#include "core/projection.hpp"
#include "directory/active_directory.hpp"
#include "graph/graph.hpp"
#include "graph/http_client.hpp"
#include "platform/json_log.hpp"
#include "platform/system_clock.hpp"
#include "platform/system_random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <iostream>
#include <unistd.h>

namespace writeback {
namespace {

// One line for each thing that was tried.
class Findings {
 public:
    void good(const std::string& sentence) { std::cout << "ok: " << sentence << std::endl; }
    void note(const std::string& sentence) { std::cout << "note: " << sentence << std::endl; }
    void problem(const std::string& sentence) {
        std::cout << "problem: " << sentence << std::endl;
        ++problems_;
    }
    [[nodiscard]] int problems() const { return problems_; }

 private:
    int problems_ = 0;
};

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
    if (!config.webhook) co_return;
    co_await check_permission(findings, "Group.Read.All", "list our subscriptions",
                              only_outcome(graph.subscriptions().list()));
}

// Does what Graph does before it accepts a subscription: posts a validation token and wants it
// back.
Async<void> check_webhook(const Config& config, Findings& findings) {
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
            findings.note(
                url + " was not reached from here, which is right while `serve` is not running: " +
                answer.error().detail);
        } else if (answer->status != 200 || answer->body != "check config") {
            findings.problem(url + " answered " + std::to_string(answer->status) +
                             " to a validation token instead of 200 and the token; check the "
                             "reverse proxy's path");
        } else {
            findings.good(url + " answers the validation handshake");
        }
    }
    client.stop();
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
    for (const auto& name : optional_attributes()) {
        if (!written.contains(name))
            findings.note("the schema has no " + name + "; it is left out");
    }
    const auto rights = co_await directory.check_rights(written);
    if (!rights) {
        findings.problem("the rights in " + config.directory.container + ": " +
                         rights.error().detail);
        co_return;
    }
    for (const auto& finding : *rights) {
        finding.problem ? findings.problem(finding.sentence) : findings.good(finding.sentence);
    }
}

Async<void> check_all(const Config& config, Graph& graph, ActiveDirectory& directory,
                      Findings& findings) {
    co_await check_graph(config, graph, findings);
    if (config.webhook) {
        co_await check_webhook(config, findings);
    } else {
        findings.note("no [webhook]: changes are found by polling each " +
                      std::to_string(config.graph.poll_interval.count() / 1000) + " s");
    }
    co_await check_directory(config, directory, findings);
    graph.stop();
    co_await directory.stop();
}

}  // namespace

int run_online_check(const Config& config) {
    boost::asio::io_context context(1);
    SystemClock clock(context.get_executor());
    SystemRandom random;
    JsonLog log(STDERR_FILENO, LogLevel::error, clock);
    MetricsRegistry metrics(WRITEBACK_VERSION);
    GraphConfig patient = config.graph;
    patient.max_attempts = 2;
    patient.throttle_limit = 10s;
    Graph graph(patient, clock, random, log, metrics);
    ActiveDirectory directory(context.get_executor(), config.directory, log, metrics);
    Findings findings;
    boost::asio::co_spawn(context, check_all(config, graph, directory, findings),
                          [&](std::exception_ptr error) {
                              context.stop();
                              if (error) std::rethrow_exception(error);
                          });
    context.run();
    if (findings.problems() == 0) {
        std::cout << "everything that was tried is ok" << std::endl;
        return exit_done;
    }
    std::cout << findings.problems() << " problems" << std::endl;
    return exit_failed;
}

}  // namespace writeback
