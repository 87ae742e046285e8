#include "simulation/controller_connection.hpp"

#include <algorithm>
#include <utility>

namespace writeback::simulation {

namespace {

// Windows' limit of change notifications on one connection.
constexpr std::size_t most_watches = 5;

Failure ended() {
    return failure(FailureKind::disconnected, "The connection to the directory ended.");
}

Failure closed() {
    return failure(FailureKind::cancelled, "The directory connection is closed.");
}

}  // namespace

ControllerConnection::ControllerConnection(DomainControllers& world, std::size_t server,
                                           bool catalog, Clock& clock)
    : world_(world), server_(server), catalog_(catalog), clock_(clock) {}

Async<Result<LdapReply>> ControllerConnection::search(LdapSearch search) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::search;
    request.dn = search.base;
    request.search = std::move(search);
    return perform(std::move(request));
}

Async<Result<LdapReply>> ControllerConnection::add(std::string dn,
                                                   std::vector<LdapAttribute> attributes) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::add;
    request.dn = std::move(dn);
    request.attributes = std::move(attributes);
    return perform(std::move(request));
}

Async<Result<LdapReply>> ControllerConnection::modify(std::string dn,
                                                      std::vector<LdapChange> changes,
                                                      bool show_deleted) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::modify;
    request.dn = std::move(dn);
    request.changes = std::move(changes);
    request.show_deleted = show_deleted;
    return perform(std::move(request));
}

Async<Result<LdapReply>> ControllerConnection::rename(std::string dn, std::string new_name,
                                                      std::string new_parent) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::rename;
    request.dn = std::move(dn);
    request.new_name = std::move(new_name);
    request.new_parent = std::move(new_parent);
    return perform(std::move(request));
}

Async<Result<LdapReply>> ControllerConnection::remove(std::string dn) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::remove;
    request.dn = std::move(dn);
    return perform(std::move(request));
}

Async<Result<LdapReply>> ControllerConnection::perform(DirectoryRequest request) {
    const auto self = shared_from_this();
    if (!open_) {
        co_return failure(FailureKind::unreachable, "The connection to the directory has ended.");
    }
    const auto call = std::make_shared<ControllerCall>();
    call->alarm = clock_.alarm();
    call->sent = clock_.monotonic();
    call->heard_before = heard_;
    calls_.push_back(call);
    world_.submit(self, call, std::move(request));
    const auto deadline = call->sent + world_.options_.operation_timeout;
    while (!call->outcome) {
        const auto left = deadline - clock_.monotonic();
        if (left > Duration::zero()) {
            co_await call->alarm->wait_for(left);
        } else {
            give_up(call);
        }
    }
    co_return std::move(*call->outcome);
}

// As libldap's end does: a server from which nothing came meanwhile is given up.
void ControllerConnection::give_up(const std::shared_ptr<ControllerCall>& call) {
    std::erase(calls_, call);
    call->outcome.emplace(failure(FailureKind::timed_out, "The directory did not answer in time."));
    if (heard_ != call->heard_before) return;
    lose(failure(FailureKind::disconnected,
                 "The directory has been silent; the connection is given up."));
}

Duration ControllerConnection::arrival(Duration soonest) {
    last_arrival_ = std::max(last_arrival_, soonest);
    return last_arrival_;
}

void ControllerConnection::answered(const std::shared_ptr<ControllerCall>& call, LdapReply reply) {
    if (!open_) return;
    ++heard_;
    if (std::erase(calls_, call) == 0) return;  // given up
    call->outcome.emplace(std::move(reply));
    call->alarm->ring();
}

void ControllerConnection::end(const Failure& why) {
    open_ = false;
    for (const auto& call : std::exchange(calls_, {})) {
        call->outcome.emplace(why);
        call->alarm->ring();
    }
    for (auto& [number, watch] : std::exchange(watches_, {}))
        watch.ended(why);
}

void ControllerConnection::lose(const Failure& why) {
    if (!open_) return;
    const auto self = shared_from_this();
    end(why);
    if (on_loss_) std::exchange(on_loss_, nullptr)(why);
}

void ControllerConnection::close() {
    if (!open_) return;
    on_loss_ = nullptr;
    end(closed());
}

void ControllerConnection::sever() {
    open_ = false;
    on_loss_ = nullptr;
    calls_.clear();
    watches_.clear();
}

// ----- change notification

void ControllerConnection::watch(std::string base, std::function<void(const std::string&)> changed,
                                 std::function<void(Result<LdapReply>)> ended_callback) {
    if (!open_) return ended_callback(ended());
    const auto number = ++watches_made_;
    watches_[number] = {std::move(base), std::move(changed), std::move(ended_callback), false};
    world_.at(arrival(world_.now() + world_.hop()), [weak = weak_from_this(), number] {
        if (const auto self = weak.lock()) self->register_watch(number);
    });
}

bool ControllerConnection::watches() const {
    return open_ && std::any_of(watches_.begin(), watches_.end(),
                                [](const auto& one) { return one.second.registered; });
}

void ControllerConnection::refuse_watch(std::size_t number, Result<LdapReply> outcome) {
    const auto node = watches_.extract(number);
    if (!node.empty()) node.mapped().ended(std::move(outcome));
}

void ControllerConnection::register_watch(std::size_t number) {
    const auto found = watches_.find(number);
    if (!open_ || found == watches_.end()) return;
    auto& tree = world_.tree(server_);
    const bool windows = tree.options().dialect == DirectoryDialect::windows;
    const auto registered = static_cast<std::size_t>(std::count_if(
        watches_.begin(), watches_.end(), [](const auto& one) { return one.second.registered; }));
    if (windows && registered >= most_watches) {
        return refuse_watch(number, reply_of(11,
                                             "00002024: SvcErr: DSID-02082F7B, problem 5008 "
                                             "(ADMIN_LIMIT_EXCEEDED), data 0"));
    }
    fakes::TreeSearch probe;
    probe.base = found->second.base;
    probe.attributes = {"1.1"};
    const auto seen = tree.search(world_.daemon_on(server_), probe);
    if (!seen.answer.done()) {
        return refuse_watch(number, reply_of(seen.answer.code, seen.answer.diagnostic));
    }
    found->second.registered = true;
}

void ControllerConnection::note_changes(const std::vector<ObjectGuid>& objects, Duration tick) {
    const bool waits = !noted_.empty();
    noted_.insert(noted_.end(), objects.begin(), objects.end());
    if (waits) return;
    world_.at(world_.now() + tick + world_.hop(), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tell_changes();
    });
}

void ControllerConnection::tell_changes() {
    auto noted = std::exchange(noted_, {});
    if (!open_) return;
    ++heard_;
    const auto& tree = world_.tree(server_);
    std::set<ObjectGuid> told;
    for (const auto& guid : noted) {
        const auto* entry = tree.find(guid);
        if (entry == nullptr || !told.insert(guid).second) continue;
        // A callback may end the watch, and all the others.
        std::vector<std::function<void(const std::string&)>> callbacks;
        for (const auto& [number, watch] : watches_) {
            fakes::TreeSearch scope;
            scope.base = watch.base;
            scope.scope = fakes::TreeScope::subtree;
            if (watch.registered && tree.in_scope(*entry, scope))
                callbacks.push_back(watch.changed);
        }
        for (const auto& callback : callbacks)
            callback(tree.dn_of(*entry).text());
    }
}

// ----- connecting

Async<Result<std::shared_ptr<LdapOperations>>> ControllerConnector::connect(std::string url) {
    const auto attempt = std::make_shared<Attempt>();
    attempt->alarm = clock_.alarm();
    attempt_ = attempt;
    // There and back for the connection, TLS and the bind.
    Duration pause{};
    for (int way = 0; way < 6; ++way)
        pause += world_.hop();
    const auto began = clock_.monotonic();
    co_await attempt->alarm->wait_for(pause);
    std::optional<Result<Done>> outcome;
    if (!attempt->cancelled) outcome = world_.let_in(url);
    if (!attempt->cancelled && !outcome) {
        co_await attempt->alarm->wait_for(began + world_.options_.connect_timeout -
                                          clock_.monotonic());
        outcome = failure(FailureKind::timed_out, url + " did not let us in in time.");
    }
    if (attempt->cancelled) {
        co_return failure(FailureKind::cancelled, "The connection attempt was ended.");
    }
    if (!*outcome) co_return outcome->error();
    const auto server = world_.server_at(url);
    auto connection = std::make_shared<ControllerConnection>(
        world_, server, kind_ == LdapServerKind::global_catalog, clock_);
    world_.servers_[server]->connections.push_back(connection);
    co_return std::shared_ptr<LdapOperations>(std::move(connection));
}

void ControllerConnector::cancel() {
    if (!attempt_) return;
    attempt_->cancelled = true;
    attempt_->alarm->ring();
}

}  // namespace writeback::simulation
