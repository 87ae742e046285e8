#include "fakes/ldap_server_session.hpp"

#include "fakes/ber.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t largest_request = 64 << 20;
constexpr std::size_t most_notifications = 5;
constexpr const char* start_tls_oid = "1.3.6.1.4.1.1466.20037";
constexpr const char* who_am_i_oid = "1.3.6.1.4.1.4203.1.11.3";

}  // namespace

LdapSession::LdapSession(asio::any_io_executor executor, std::unique_ptr<ByteStream> stream,
                         Shared& shared, Listener& listener, bool catalog)
    : executor_(std::move(executor)),
      stream_(std::move(stream)),
      shared_(shared),
      listener_(listener),
      catalog_(catalog),
      written_(executor_, asio::steady_timer::time_point::max()),
      tick_(executor_) {}

Async<void> LdapSession::serve(bool tls) {
    const auto self = shared_from_this();
    if (tls) {
        const auto shaken = co_await listener_.handshake(*stream_);
        if (!shaken) ended_ = true;
    }
    if (!ended_) asio::co_spawn(executor_, write_queued(), asio::detached);
    while (!ended_) {
        const auto length = ber_message_length(received_);
        if (length == 0) {
            const bool more = co_await read_more();
            if (!more) break;
            continue;
        }
        const auto message = received_.substr(0, length);
        received_.erase(0, length);
        std::optional<LdapRequest> request;
        try {
            request = read_ldap_request(message);
        } catch (const std::logic_error& unknown) {
            shared_.surprises.emplace_back(unknown.what());
            std::cerr << "model directory: " << unknown.what() << "\n";
        }
        if (!request || request->kind == LdapRequest::Kind::unbind) break;
        if (request->kind == LdapRequest::Kind::extended && request->extension == start_tls_oid) {
            const bool secured = co_await start_tls(std::move(*request));
            if (!secured) break;
            continue;
        }
        answer(*request);
    }
    end();
}

void LdapSession::end() {
    ended_ = true;
    stream_->close();
    written_.cancel();
    tick_.cancel();
}

Async<bool> LdapSession::read_more() {
    std::string piece(65536, '\0');
    const auto got = co_await stream_->read_some(asio::buffer(piece));
    if (got.error || received_.size() + got.bytes > largest_request) co_return false;
    received_.append(piece, 0, got.bytes);
    co_return true;
}

Async<bool> LdapSession::start_tls(LdapRequest request) {
    const bool offered = !shared_.options.certificate_file.empty();
    const auto bytes = ldap_extended_message(
        request, offered ? TreeAnswer{} : TreeAnswer{52, "no certificate is configured"},
        start_tls_oid, "");
    const auto sent = co_await stream_->write(asio::buffer(bytes));
    if (sent.error || !offered) co_return !sent.error;
    const auto shaken = co_await listener_.handshake(*stream_);
    co_return shaken.has_value();
}

Async<void> LdapSession::write_queued() {
    const auto self = shared_from_this();
    while (!ended_) {
        if (queue_.empty()) {
            error_code ignored;
            co_await written_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            continue;
        }
        std::string bytes;
        for (auto& one : std::exchange(queue_, {}))
            bytes += one;
        const auto sent = co_await stream_->write(asio::buffer(bytes));
        if (sent.error) end();
    }
}

void LdapSession::send(std::string bytes) {
    queue_.push_back(std::move(bytes));
    written_.cancel();
}

void LdapSession::answer(const LdapRequest& request) {
    try {
        answer_known(request);
    } catch (const std::logic_error& unknown) {
        // Never silence: a gap of the model must fail the test that meets it.
        shared_.surprises.emplace_back(unknown.what());
        std::cerr << "model directory: " << unknown.what() << "\n";
        send(ldap_result_message(request, {80, std::string("The model: ") + unknown.what()}));
    }
}

void LdapSession::answer_known(const LdapRequest& request) {
    using Kind = LdapRequest::Kind;
    auto& tree = shared_.tree;
    if (!request.unknown_control.empty()) {
        return send(
            ldap_result_message(request, {12, "Attempt to use critical non-registered control '" +
                                                  request.unknown_control + "'"}));
    }
    switch (request.kind) {
        case Kind::bind:
            return answer_bind(request);
        case Kind::search:
            return answer_search(request);
        case Kind::extended:
            return answer_extended(request);
        case Kind::abandon:
            notifications_.erase(request.abandoned);
            return;
        case Kind::unbind:
            return;
        case Kind::other:
            throw std::logic_error("a request that the model does not know");
        default:
            break;
    }
    if (catalog_) {
        return send(
            ldap_result_message(request, {53, "00002035: the global catalog is only read"}));
    }
    TreeAnswer outcome;
    if (request.kind == Kind::add) {
        outcome = tree.add(caller_, request.name, request.attributes);
    } else if (request.kind == Kind::modify) {
        outcome = tree.modify(caller_, request.name, request.changes, request.controls);
    } else if (request.kind == Kind::rename) {
        outcome = tree.rename(caller_, request.name, request.new_name, request.delete_old,
                              request.new_parent);
    } else {
        outcome = tree.remove(caller_, request.name, request.controls);
    }
    send(ldap_result_message(request, outcome));
}

void LdapSession::answer_bind(const LdapRequest& request) {
    if (!request.simple) {
        return send(ldap_result_message(
            request, {7, "00002027: LdapErr: the model has no mechanism of SASL"}));
    }
    caller_ = nullptr;
    if (request.name.empty() && request.password.empty()) {
        return send(ldap_result_message(request, {}));
    }
    caller_ = shared_.tree.bind(request.name, request.password);
    const TreeAnswers answers(shared_.tree.options().dialect);
    send(ldap_result_message(request,
                             caller_ != nullptr ? TreeAnswer{} : answers.bad_credentials()));
}

void LdapSession::answer_extended(const LdapRequest& request) {
    const auto& options = shared_.tree.options();
    if (request.extension == who_am_i_oid && options.dialect == DirectoryDialect::windows) {
        std::string who;
        if (caller_ != nullptr) {
            const auto* entry = shared_.tree.find(caller_->dn);
            who = "u:" + options.net_bios_name + "\\" +
                  shared_.tree.values(*entry, "samaccountname").at(0);
        }
        return send(ldap_extended_message(request, {}, "", who));
    }
    send(ldap_extended_message(
        request, {2, "Extended Operation(" + request.extension + ") not supported"}, "", ""));
}

void LdapSession::answer_search(const LdapRequest& request) {
    if (request.notifies) {
        // It stays open; only a refusal is an answer.
        const auto refusal = register_notification(request);
        if (!refusal.done()) send(ldap_result_message(request, refusal));
        return;
    }
    auto search = request.search;
    search.in_catalog = catalog_;
    const auto found = shared_.tree.search(caller_, search);
    std::string bytes;
    for (const auto& entry : found.entries)
        bytes += ldap_entry_message(request.id, entry);
    bytes += ldap_search_result_message(request, found);
    send(std::move(bytes));
}

TreeAnswer LdapSession::register_notification(const LdapRequest& request) {
    if (!request.search.filter.is_anything()) {
        return {53, "000020B9: Search filter too complex"};
    }
    if (notifications_.size() >= most_notifications &&
        shared_.tree.options().dialect == DirectoryDialect::windows) {
        return {11, "00002024: SvcErr: DSID-02082F7B, problem 5008 (ADMIN_LIMIT_EXCEEDED), data 0"};
    }
    auto probe = request.search;
    probe.scope = TreeScope::base;
    probe.attributes = {"1.1"};
    auto found = shared_.tree.search(caller_, probe);
    if (!found.answer.done()) return found.answer;
    notifications_[request.id] = request.search;
    return {};
}

void LdapSession::notice(const std::vector<ObjectGuid>& changed) {
    if (notifications_.empty() || ended_) return;
    for (const auto& guid : changed) {
        if (std::find(noticed_.begin(), noticed_.end(), guid) == noticed_.end()) {
            noticed_.push_back(guid);
        }
    }
    if (tick_waits_) return;
    tick_waits_ = true;
    tick_.expires_after(shared_.options.notification_tick);
    tick_.async_wait([self = shared_from_this()](const error_code& error) {
        self->tick_waits_ = false;
        if (!error && !self->ended_) self->push_noticed();
    });
}

void LdapSession::push_noticed() {
    for (const auto& guid : std::exchange(noticed_, {})) {
        const auto* entry = shared_.tree.find(guid);
        if (entry == nullptr) continue;
        for (const auto& [id, registered] : notifications_) {
            if (!shared_.tree.in_scope(*entry, registered)) continue;
            auto search = registered;
            search.base = "<GUID=" + guid.text() + ">";
            search.scope = TreeScope::base;
            const auto found = shared_.tree.search(caller_, search);
            for (const auto& one : found.entries)
                send(ldap_entry_message(id, one));
        }
    }
}

}  // namespace writeback::fakes
