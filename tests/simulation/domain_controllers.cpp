#include "simulation/domain_controllers.hpp"

#include "directory/ldap_errors.hpp"
#include "fakes/directory_tree_lab.hpp"
#include "simulation/controller_connection.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace writeback::simulation {

namespace {

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// "dc2" of "dc2.lab.test".
std::string host_of(const fakes::TreeOptions& options, std::size_t number) {
    const auto dot = options.host.find('.');
    return "dc" + std::to_string(number) + options.host.substr(dot);
}

}  // namespace

std::string_view name_of(DirectoryRequest::Kind kind) {
    constexpr std::string_view names[] = {"connect", "search", "add", "modify", "rename", "delete"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(DirectoryFault fault) {
    constexpr std::string_view names[] = {"none",    "busy",        "unavailable",
                                          "refused", "lost before", "lost after",
                                          "silent",  "silent after"};
    return names[static_cast<std::size_t>(fault)];
}

LdapReply reply_of(int code, std::string diagnostic) {
    LdapReply reply;
    reply.code = code;
    reply.diagnostic = std::move(diagnostic);
    return reply;
}

DomainControllers::DomainControllers(Clock& clock, DomainControllerOptions options)
    : clock_(clock), options_(std::move(options)), random_(options_.seed), due_(clock.alarm()) {
    if (options_.account.empty()) options_.account = fakes::lab_service_account;
    if (options_.administrator.empty()) options_.administrator = fakes::lab_administrator;
    fakes::DirectoryTree first(options_.tree);
    if (options_.furnish) {
        options_.furnish(first);
    } else {
        fakes::furnish_lab(first, {});
    }
    for (std::size_t i = 0; i < options_.servers; ++i) {
        auto& server = servers_.emplace_back(
            std::make_unique<Server>(first, "ldaps://" + host_of(options_.tree, i + 1)));
        if (i > 0) server->tree.be_another(host_of(options_.tree, i + 1), i);
        server->tree.on_write = [this, i](std::vector<fakes::TreeDelta> deltas) {
            wrote(i, std::move(deltas));
        };
        server->tree.on_change = [this, i](const std::vector<ObjectGuid>& objects) {
            changed(i, objects);
        };
    }
}

DomainControllers::~DomainControllers() {
    forget_clients();
}

std::vector<std::string> DomainControllers::urls() const {
    std::vector<std::string> urls;
    for (const auto& server : servers_)
        urls.push_back(server->url);
    return urls;
}

LdapConnectors DomainControllers::connector_factory(Clock& of_the_process) {
    return [this, &of_the_process](LdapServerKind kind) {
        return std::make_unique<ControllerConnector>(*this, kind, of_the_process);
    };
}

void DomainControllers::forget_clients() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        for (const auto& connection : connections(i))
            connection->sever();
    }
}

std::vector<std::shared_ptr<ControllerConnection>> DomainControllers::connections(
    std::size_t server) {
    std::vector<std::shared_ptr<ControllerConnection>> open;
    auto& all = servers_[server]->connections;
    for (const auto& one : all) {
        if (auto there = one.lock(); there && there->open()) open.push_back(std::move(there));
    }
    all.assign(open.begin(), open.end());
    return open;
}

// ----- time

void DomainControllers::at(Duration when, std::function<void()> event) {
    const bool soonest = events_.empty() || when < events_.begin()->first.first;
    events_.emplace(std::pair(when, ++events_made_), std::move(event));
    if (soonest) due_->ring();
}

void DomainControllers::catch_up() {
    while (!events_.empty() && events_.begin()->first.first <= now()) {
        const auto event = events_.extract(events_.begin());
        event.mapped()();
    }
}

Async<void> DomainControllers::run() {
    while (!stopped_) {
        catch_up();
        Duration pause = std::chrono::hours(24);
        if (!events_.empty()) pause = events_.begin()->first.first - now();
        co_await due_->wait_for(pause);
    }
}

void DomainControllers::stop() {
    stopped_ = true;
    due_->ring();
}

Duration DomainControllers::between(Duration least, Duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration(static_cast<std::int64_t>(random_.below(span)));
}

// ----- requests

void DomainControllers::submit(const std::shared_ptr<ControllerConnection>& connection,
                               const CallPointer& call, DirectoryRequest request) {
    Arrival arrival{connection->server(), connection->catalog(),
                    std::make_shared<const DirectoryRequest>(std::move(request)), connection, call};
    at(connection->arrival(now() + hop()),
       [this, arrival = std::move(arrival)] { arrive(arrival); });
}

Duration DomainControllers::cost_of(const DirectoryRequest& request) const {
    std::size_t values = 0;
    for (const auto& attribute : request.attributes)
        values += attribute.values.size();
    for (const auto& change : request.changes)
        values += change.values.size();
    return options_.per_request +
           options_.per_hundred_values * static_cast<std::int64_t>(values) / 100;
}

// One request after the other.
void DomainControllers::arrive(const Arrival& arrival) {
    auto& server = *servers_[arrival.server];
    if (!server.up) return;
    if (!server.answering) {
        server.kept.emplace_back([this, arrival] { arrive(arrival); });
        return;
    }
    server.free_at = std::max(server.free_at, now()) + cost_of(*arrival.request);
    at(server.free_at, [this, arrival] { obey(arrival); });
}

DirectoryFault DomainControllers::fault_of(std::size_t server, const DirectoryRequest& request) {
    ++requests_;
    if (fail_in_ > 0 && --fail_in_ == 0) return nth_fault_;
    return faults ? faults(server, request) : DirectoryFault::none;
}

void DomainControllers::obey(const Arrival& arrival) {
    auto& server = *servers_[arrival.server];
    if (!server.up) return;
    if (!server.answering) {
        server.kept.emplace_back([this, arrival] { obey(arrival); });
        return;
    }
    const auto connection = arrival.connection.lock();
    const auto fault = fault_of(arrival.server, *arrival.request);
    switch (fault) {
        case DirectoryFault::none:
            return answer(arrival, perform(arrival, true));
        case DirectoryFault::busy:
            return answer(arrival, reply_of(51,
                                            "0000200E: SvcErr: DSID-02050BA1, problem 5001 "
                                            "(BUSY), data 0"));
        case DirectoryFault::unavailable:
            return answer(arrival, reply_of(52,
                                            "00002015: SvcErr: DSID-0203153A, problem 5002 "
                                            "(UNAVAILABLE), data 0"));
        case DirectoryFault::refused:
            return answer(arrival, reply_of(53, "00002035: Unwilling to perform"));
        case DirectoryFault::lost_after:
            static_cast<void>(perform(arrival, false));
            [[fallthrough]];
        case DirectoryFault::lost_before:
            if (connection)
                connection->lose(
                    failure(FailureKind::disconnected, "The connection to the directory ended."));
            return;
        case DirectoryFault::silent_after:
            static_cast<void>(perform(arrival, false));
            return;
        case DirectoryFault::silent:
            return;
    }
}

void DomainControllers::answer(const Arrival& arrival, LdapReply reply) {
    at(now() + hop(), [arrival, reply = std::move(reply)]() mutable {
        const auto connection = arrival.connection.lock();
        if (connection) connection->answered(arrival.call, std::move(reply));
    });
}

LdapReply DomainControllers::perform(const Arrival& arrival, bool answered) {
    if (arrival.request->kind == DirectoryRequest::Kind::search) return search(arrival);
    if (arrival.catalog) return reply_of(53, "00002035: the global catalog is only read");
    auto done = write(arrival.server, WrittenBy::daemon, *arrival.request, answered);
    return reply_of(done.code, std::move(done.diagnostic));
}

LdapReply DomainControllers::search(const Arrival& arrival) {
    const auto& asked = arrival.request->search;
    fakes::TreeSearch search;
    search.base = asked.base;
    search.scope =
        asked.scope == LdapScope::base ? fakes::TreeScope::base : fakes::TreeScope::subtree;
    search.filter = fakes::parse_tree_filter(asked.filter);
    search.attributes = asked.attributes;
    search.in_catalog = arrival.catalog;
    search.controls.show_deleted = asked.show_deleted;
    if (asked.extended_names) search.controls.names = fakes::TreeControls::Names::text;
    if (asked.page_size > 0) search.page = fakes::TreePage{asked.page_size, asked.page_cookie};
    auto found = servers_[arrival.server]->tree.search(daemon_on(arrival.server), search);
    auto reply = reply_of(found.answer.code, std::move(found.answer.diagnostic));
    reply.entries = std::move(found.entries);
    reply.page_cookie = std::move(found.page_cookie);
    return reply;
}

fakes::TreeCaller DomainControllers::daemon_on(std::size_t server) const {
    const auto caller = servers_[server]->tree.bind(options_.account, options_.password);
    if (caller == nullptr) throw std::logic_error("the domain has no account of the daemon");
    return caller;
}

// ----- connecting

std::size_t DomainControllers::server_at(const std::string& url) const {
    const auto colon = url.rfind(':');
    const bool has_port = colon != std::string::npos && colon > url.find("//");
    const auto plain = has_port ? url.substr(0, colon) : url;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (servers_[i]->url == plain) return i;
    }
    return nowhere;
}

std::optional<Result<Done>> DomainControllers::let_in(const std::string& url) {
    const auto number = server_at(url);
    const Result<Done> unreachable =
        failure(FailureKind::unreachable, url + ": it cannot be reached.");
    if (number == nowhere || !servers_[number]->up) return unreachable;
    if (!servers_[number]->answering) return std::nullopt;
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::connect;
    request.dn = url;
    auto fault = fault_of(number, request);
    if (!accepts_binds_ && fault == DirectoryFault::none) fault = DirectoryFault::refused;
    switch (fault) {
        case DirectoryFault::none:
            return Result<Done>(Done{});
        case DirectoryFault::busy:
            return Result<Done>(directory_failure(DirectoryAction::bind, url, {51, ""}));
        case DirectoryFault::unavailable:
            return Result<Done>(directory_failure(DirectoryAction::bind, url, {52, ""}));
        case DirectoryFault::refused:
            return Result<Done>(directory_failure(
                DirectoryAction::bind, url,
                {49,
                 "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, "
                 "data 52e, v1db1"}));
        case DirectoryFault::lost_before:
        case DirectoryFault::lost_after:
            return unreachable;
        case DirectoryFault::silent:
        case DirectoryFault::silent_after:
            return std::nullopt;
    }
    return unreachable;
}

// ----- trouble

void DomainControllers::fail_nth(std::uint64_t nth, DirectoryFault fault) {
    fail_in_ = nth;
    nth_fault_ = fault;
}

void DomainControllers::drop_connections(std::size_t server) {
    for (const auto& connection : connections(server))
        connection->lose(
            failure(FailureKind::disconnected, "The connection to the directory ended."));
}

void DomainControllers::set_up(std::size_t server, bool up) {
    servers_[server]->up = up;
    if (up) return deliver_everywhere();
    // What had arrived dies with it.
    servers_[server]->kept.clear();
    drop_connections(server);
}

void DomainControllers::set_answering(std::size_t server, bool answering) {
    servers_[server]->answering = answering;
    if (!answering) return;
    for (const auto& request : std::exchange(servers_[server]->kept, {}))
        request();
    deliver_everywhere();
}

void DomainControllers::set_lag(Duration least, Duration most) {
    options_.least_lag = least;
    options_.most_lag = most;
}

void DomainControllers::set_replicating(bool replicating) {
    replicating_ = replicating;
    if (replicating) deliver_everywhere();
}

void DomainControllers::heal() {
    fail_in_ = 0;
    faults = nullptr;
    accepts_binds_ = true;
    replicating_ = true;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        servers_[i]->up = true;
        set_answering(i, true);
    }
}

}  // namespace writeback::simulation
