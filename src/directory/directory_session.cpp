#include "directory/directory_session.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace writeback {

namespace {

// A connection that lived shorter than this does not count as a recovery.
constexpr auto lasting = std::chrono::seconds(10);
// How often a changed password file is looked for while the bind is refused.
constexpr auto look_for_credentials = std::chrono::seconds(2);
// While nothing is due. The loss of the connection ends the wait.
constexpr auto nothing_due = std::chrono::hours(24);

Failure stopping() {
    return failure(FailureKind::cancelled, "The directory connection is closed.");
}

// The failure of an attempt on all servers: the first one's kind, and each one's sentence.
Failure all_failed(const std::vector<Failure>& failures) {
    if (failures.empty()) {
        return failure(FailureKind::invalid_configuration, "directory.servers names no server.");
    }
    Failure all = failures.front();
    for (std::size_t i = 1; i < failures.size(); ++i)
        all.detail += " " + failures[i].detail;
    return all;
}

}  // namespace

bool DirectorySession::Stamp::same_as(const Stamp& other) const {
    return modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec &&
           inode == other.inode && size == other.size;
}

DirectorySession::DirectorySession(DirectoryConfig config, Clock& clock, Log& log, Metrics& metrics,
                                   LdapConnectors connectors, Kind kind)
    : config_(std::move(config)),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      connectors_(std::move(connectors)),
      kind_(kind),
      connector_(connectors_(kind)),
      delay_(config_.reconnect_least),
      next_attempt_(clock_.monotonic()),
      changed_(clock_),
      retry_(clock_.alarm()) {
    state_.problem = "No connection was needed yet.";
    if (!config_.servers.empty()) state_.server = config_.servers.front();
}

Async<Result<LdapReply>> DirectorySession::search(DirectoryAction action, LdapSearch search) {
    std::string subject = search.base;
    return perform("search", action, std::move(subject),
                   [search = std::move(search)](LdapOperations& connection) {
                       return connection.search(search);
                   });
}

Async<Result<std::vector<LdapEntry>>> DirectorySession::search_all(DirectoryAction action,
                                                                   LdapSearch search) {
    std::vector<LdapEntry> entries;
    search.page_size = config_.page_size;
    std::uint64_t began_on = 0;
    do {
        auto page = co_await this->search(action, search);
        if (!page) co_return page.error();
        if (page->references != 0 && !search.domain_scope) {
            co_return failure(FailureKind::refused,
                              "The server holds only a part of " + search.base +
                                  "; name a domain controller of that domain.");
        }
        // A paging cookie is worth nothing on another connection.
        if (search.page_cookie.empty()) {
            began_on = connection_number_;
        } else if (connection_number_ != began_on) {
            co_return failure(FailureKind::disconnected, "The connection changed while " +
                                                             search.base + " was being searched.");
        }
        std::move(page->entries.begin(), page->entries.end(), std::back_inserter(entries));
        search.page_cookie = std::move(page->page_cookie);
    } while (!search.page_cookie.empty());
    co_return entries;
}

Async<Result<LdapReply>> DirectorySession::add(DirectoryAction action, std::string dn,
                                               std::vector<LdapAttribute> attributes) {
    return perform("add", action, dn,
                   [dn, attributes = std::move(attributes)](LdapOperations& connection) {
                       return connection.add(dn, attributes);
                   });
}

Async<Result<LdapReply>> DirectorySession::modify(DirectoryAction action, std::string dn,
                                                  std::vector<LdapChange> changes,
                                                  bool show_deleted) {
    return perform("modify", action, dn,
                   [dn, changes = std::move(changes), show_deleted](LdapOperations& connection) {
                       return connection.modify(dn, changes, show_deleted);
                   });
}

Async<Result<LdapReply>> DirectorySession::rename(DirectoryAction action, std::string dn,
                                                  std::string new_name, std::string new_parent) {
    return perform(
        "rename", action, dn,
        [dn, new_name = std::move(new_name), new_parent = std::move(new_parent)](
            LdapOperations& connection) { return connection.rename(dn, new_name, new_parent); });
}

Async<Result<LdapReply>> DirectorySession::remove(DirectoryAction action, std::string dn) {
    return perform("delete", action, dn,
                   [dn](LdapOperations& connection) { return connection.remove(dn); });
}

Async<Result<LdapReply>> DirectorySession::perform(std::string_view operation,
                                                   DirectoryAction action, std::string subject,
                                                   Work work) {
    const Activity activity(shared_from_this());
    const auto began = clock_.monotonic();
    auto connection = co_await this->connection();
    Result<LdapReply> reply = failure(FailureKind::internal, "");
    if (connection) {
        reply = co_await work(**connection);
    } else {
        reply = connection.error();
    }
    if (reply && reply->code != 0) {
        reply = directory_failure(action, subject, {reply->code, reply->diagnostic});
    }
    count(operation, reply ? "success" : name_of(reply.error().kind), began);
    co_return reply;
}

DirectorySession::Activity::Activity(std::shared_ptr<DirectorySession> session)
    : session_(std::move(session)) {
    ++session_->active_;
}

DirectorySession::Activity::~Activity() {
    if (--session_->active_ == 0) session_->changed_.raise();
}

Async<Result<std::shared_ptr<const ServerFacts>>> DirectorySession::facts() {
    const auto self = shared_from_this();
    auto connection = co_await this->connection();
    if (!connection) co_return connection.error();
    co_return facts_;
}

void DirectorySession::count(std::string_view operation, std::string_view result, Duration began) {
    const std::chrono::duration<double> took = clock_.monotonic() - began;
    metrics_.add("ldap_operations_total", {{"operation", operation}, {"result", result}});
    metrics_.observe("ldap_operation_seconds", {}, took.count());
}

Async<Result<std::shared_ptr<LdapOperations>>> DirectorySession::connection() {
    while (connecting_ && !stopped_)
        co_await changed_.wait();
    if (stopped_) co_return stopping();
    if (connection_) co_return connection_;
    if (clock_.monotonic() < next_attempt_ && !credentials_changed()) co_return not_due();
    connecting_ = true;
    co_await connect();
    connecting_ = false;
    changed_.raise();
    if (stopped_) co_return stopping();
    if (!connection_) co_return last_failure_;
    co_return connection_;
}

// Tries the servers in order. A refused bind ends it: the account is the same everywhere, and each
// further attempt would bring it nearer to being locked out.
Async<void> DirectorySession::connect() {
    std::vector<Failure> failures;
    const Stamp before = stamp();
    credentials_refused_ = false;
    for (const auto& url : config_.servers) {
        if (stopped_) co_return;
        auto done = co_await connect_to(url);
        if (done || stopped_) co_return;
        if (done.error().kind == FailureKind::credentials) {
            credentials_refused_ = true;
            refused_stamp_ = before;
            co_return not_connected(done.error(), config_.credentials_pause);
        }
        failures.push_back(done.error());
    }
    not_connected(all_failed(failures), delay_);
    delay_ = std::min(delay_ * 2, config_.reconnect_most);
}

Async<Result<Done>> DirectorySession::connect_to(std::string url) {
    auto opened = co_await connector_->connect(url);
    if (!opened) co_return opened.error();
    const auto connection = *opened;
    if (stopped_) {
        connection->close();
        co_return stopping();
    }
    connection_ = connection;  // so that stop() closes it
    auto introduced = co_await introduce(*connection, url);
    connection_ = nullptr;
    if (!introduced || !connection->open()) {
        connection->close();
        co_return introduced ? stopping() : introduced.error();
    }
    connected(url, connection);
    co_return Done{};
}

Async<Result<Done>> DirectorySession::introduce(LdapOperations& connection, std::string url) {
    if (kind_ == Kind::global_catalog) co_return Done{};
    auto facts = co_await read_server_facts(connection, url, config_.page_size, facts_);
    if (!facts) co_return facts.error();
    facts_ = std::move(*facts);
    co_return Done{};
}

void DirectorySession::connected(const std::string& url,
                                 std::shared_ptr<LdapOperations> connection) {
    connection_ = std::move(connection);
    connection_->on_loss([weak = weak_from_this()](const Failure& why) {
        if (const auto self = weak.lock()) self->lost(why);
    });
    connected_at_ = clock_.monotonic();
    ++connection_number_;
    logged_problem_.clear();
    const std::string host = facts_ ? facts_->dns_host_name : "";
    write_log(LogLevel::info, "connected",
              {{"server", std::string_view(url)}, {"host", std::string_view(host)}});
    set_state(true, url, "");
}

void DirectorySession::lost(const Failure& why) {
    connection_ = nullptr;
    if (clock_.monotonic() - connected_at_ >= lasting) {
        delay_ = config_.reconnect_least;
        next_attempt_ = clock_.monotonic();
    } else {
        next_attempt_ = clock_.monotonic() + delay_;
        delay_ = std::min(delay_ * 2, config_.reconnect_most);
    }
    last_failure_ = failure(FailureKind::unreachable, why.detail, why.code);
    const auto server = state().server;
    write_log(LogLevel::warning, "lost",
              {{"server", std::string_view(server)}, {"reason", std::string_view(why.detail)}});
    set_state(false, server, why.detail);
    retry_->ring();
}

void DirectorySession::not_connected(Failure why, Duration pause) {
    // These two say of a write that its outcome is unknown; without a connection nothing was sent.
    if (why.kind == FailureKind::timed_out || why.kind == FailureKind::disconnected) {
        why.kind = FailureKind::unreachable;
    }
    next_attempt_ = clock_.monotonic() + pause;
    // The same trouble is told once, not with each attempt.
    if (logged_problem_ != why.detail) {
        logged_problem_ = why.detail;
        write_log(LogLevel::error, "not-connected",
                  {{"kind", name_of(why.kind)}, {"reason", std::string_view(why.detail)}});
    }
    set_state(false, state().server, why.detail);
    last_failure_ = std::move(why);
}

Failure DirectorySession::not_due() const {
    Failure why = last_failure_;
    why.retry_after = std::max(next_attempt_ - clock_.monotonic(), Duration(0));
    why.detail +=
        " The next attempt is due in " + std::to_string(why.retry_after->count()) + " ms.";
    return why;
}

void DirectorySession::write_log(LogLevel level, std::string_view event,
                                 std::initializer_list<LogField> fields) {
    const char* of = kind_ == Kind::global_catalog ? "global-catalog-" : "directory-";
    log_.write(level, of + std::string(event), fields);
}

void DirectorySession::set_state(bool bound, const std::string& server,
                                 const std::string& problem) {
    bool flipped = false;
    {
        const std::lock_guard lock(mutex_);
        flipped = state_.bound != bound;
        state_ = {bound, server, problem};
    }
    if (flipped && on_change_) on_change_(bound);
}

DirectorySession::State DirectorySession::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

const std::string& DirectorySession::secret_file() const {
    return config_.bind == Bind::simple ? config_.password_file : config_.keytab_file;
}

DirectorySession::Stamp DirectorySession::stamp() const {
    struct stat status {};
    if (::stat(secret_file().c_str(), &status) != 0) return {};
    return {status.st_mtim, status.st_ino, status.st_size};
}

bool DirectorySession::credentials_changed() const {
    return credentials_refused_ && !stamp().same_as(refused_stamp_);
}

Async<void> DirectorySession::keep_connected() {
    const Activity activity(shared_from_this());
    while (!stopped_) {
        if (!connection_) static_cast<void>(co_await connection());
        if (stopped_) break;
        Duration pause = nothing_due;
        if (!connection_) pause = next_attempt_ - clock_.monotonic();
        if (credentials_refused_) pause = std::min<Duration>(pause, look_for_credentials);
        co_await retry_->wait_for(pause);
    }
}

void DirectorySession::close() {
    if (stopped_) return;
    stopped_ = true;
    connector_->cancel();
    if (connection_) connection_->close();
    connection_ = nullptr;
    retry_->ring();
    changed_.raise();
    set_state(false, state().server, "The directory connection is closed.");
}

Async<void> DirectorySession::stop() {
    const auto self = shared_from_this();
    close();
    while (active_ != 0 || connecting_)
        co_await changed_.wait();
}

}  // namespace writeback
