#include "directory/ldap_connection.hpp"

#include "directory/ldap_errors.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ldap.h>

#include <utility>

namespace writeback {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto push_interval = std::chrono::milliseconds(5);

// The arguments, not the connection, are at fault.
bool is_argument_error(int code) {
    return code == LDAP_ENCODING_ERROR || code == LDAP_FILTER_ERROR || code == LDAP_PARAM_ERROR ||
           code == LDAP_NOT_SUPPORTED || code == LDAP_NO_MEMORY;
}

std::string text_of(const berval& value) {
    return std::string(value.bv_val, value.bv_len);
}

}  // namespace

struct LdapConnection::Operation {
    Operation(const asio::any_io_executor& executor, Start how)
        : start(std::move(how)), deadline(executor, steady_clock::time_point::max()) {}

    Start start;
    std::function<void(const std::string&)> changed;  // of a watch
    std::function<void(Result<LdapReply>)> ended;     // of a watch
    asio::steady_timer deadline;                      // its wait is ended when the outcome is there
    int id = 0;
    steady_clock::time_point sent_at{};
    std::size_t bytes = 0;
    bool damaged = false;  // an entry of the reply could not be read
    LdapReply reply;
    std::optional<Result<LdapReply>> outcome;
};

LdapConnection::LdapConnection(asio::any_io_executor executor, ldap* handle, int descriptor,
                               LdapLimits limits)
    : executor_(std::move(executor)),
      handle_(handle),
      descriptor_(executor_, descriptor),
      limits_(limits),
      push_timer_(executor_),
      last_heard_(steady_clock::now()) {
    // Otherwise half a message would block the loop in ldap_result.
    descriptor_.native_non_blocking(true);
}

LdapConnection::~LdapConnection() {
    if (handle_ == nullptr) return;
    descriptor_.release();
    ldap_unbind_ext(handle_, nullptr, nullptr);
}

void LdapConnection::listen() {
    // What the TLS layer has read already never makes the descriptor readable.
    receive();
    if (handle_ != nullptr) wait_readable();
}

Async<Result<LdapReply>> LdapConnection::perform(Start start) {
    const auto self = shared_from_this();
    if (handle_ == nullptr) {
        co_return failure(FailureKind::unreachable, "The connection to the directory has ended.");
    }
    if (queue_.size() >= limits_.queue) {
        co_return failure(FailureKind::unavailable,
                          std::to_string(queue_.size()) +
                              " operations wait for the directory already; it is too slow.");
    }
    const auto operation = std::make_shared<Operation>(executor_, std::move(start));
    queue_.push_back(operation);
    send_queued();
    while (!operation->outcome) {
        error_code ignored;
        co_await operation->deadline.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!operation->outcome && operation->deadline.expiry() <= steady_clock::now()) {
            give_up(operation);
        }
    }
    co_return std::move(*operation->outcome);
}

void LdapConnection::watch(std::string base, std::function<void(const std::string&)> changed,
                           std::function<void(Result<LdapReply>)> ended) {
    if (handle_ == nullptr || queue_.size() >= limits_.queue) {
        return ended(failure(FailureKind::unreachable,
                             "The connection to the directory has ended, or is too busy."));
    }
    const auto operation = std::make_shared<Operation>(executor_, watch_start(std::move(base)));
    operation->changed = std::move(changed);
    operation->ended = std::move(ended);
    queue_.push_back(operation);
    send_queued();
}

void LdapConnection::send_queued() {
    while (handle_ != nullptr && !queue_.empty() && !waiting_writable_ &&
           sent_.size() - watches_ < static_cast<std::size_t>(limits_.window)) {
        const auto operation = queue_.front();
        if (!send(operation)) return wait_writable();
        // A lost connection has emptied the queue.
        if (handle_ == nullptr) return;
        queue_.pop_front();
        if (half_written_ != 0) wait_writable();
    }
}

// False: the request before is not written yet, this one must wait.
bool LdapConnection::send(const OperationPointer& operation) {
    int id = 0;
    const int code = operation->start(handle_, id);
    if (code == LDAP_BUSY) return false;
    if (code != LDAP_SUCCESS) {
        const std::string reason = ldap_err2string(code);
        if (is_argument_error(code)) {
            finish(operation, failure(FailureKind::internal,
                                      "An LDAP request could not be made: " + reason + "."));
        } else {
            lose(failure(FailureKind::disconnected,
                         "The connection to the directory broke while sending: " + reason + "."));
        }
        return true;
    }
    operation->id = id;
    operation->sent_at = steady_clock::now();
    if (operation->changed) {
        ++watches_;
    } else {
        operation->deadline.expires_after(limits_.operation_timeout);
    }
    sent_.emplace(id, operation);
    int state = LDAP_SUCCESS;
    ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &state);
    half_written_ = state == LDAP_BUSY ? id : 0;
    return true;
}

void LdapConnection::give_up(const OperationPointer& operation) {
    auto late = failure(FailureKind::timed_out,
                        "The directory did not answer within " +
                            std::to_string(limits_.operation_timeout.count()) + " ms.");
    forget(operation->id);
    finish(operation, late);
    if (last_heard_ >= operation->sent_at) {
        abandon(operation->id);
        return send_queued();
    }
    lose(failure(FailureKind::disconnected, "The directory has been silent for " +
                                                std::to_string(limits_.operation_timeout.count()) +
                                                " ms; the connection is given up."));
}

void LdapConnection::abandon(int id) {
    // libldap writes the request to abandon at once, also into the middle of a half-written one.
    if (half_written_ == 0 && ldap_abandon_ext(handle_, id, nullptr, nullptr) == LDAP_SUCCESS)
        return;
    lose(failure(FailureKind::disconnected,
                 "The directory does not read its requests; the connection is given up."));
}

void LdapConnection::wait_readable() {
    descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                           [self = shared_from_this()](const error_code& error) {
                               if (error || self->handle_ == nullptr) return;
                               self->receive();
                               self->send_queued();
                               if (self->handle_ != nullptr) self->wait_readable();
                           });
}

void LdapConnection::wait_writable() {
    if (waiting_writable_ || handle_ == nullptr) return;
    waiting_writable_ = true;
    descriptor_.async_wait(asio::posix::descriptor_base::wait_write,
                           [self = shared_from_this()](const error_code& error) {
                               self->waiting_writable_ = false;
                               if (!error && self->handle_ != nullptr) self->wrote_some();
                           });
}

void LdapConnection::wrote_some() {
    // ldap_result also goes on writing.
    receive();
    send_queued();
    // A next request that was taken, or the answer, proves that all was written. Without either we
    // look again after a moment; an immediate wait for writing would spin.
    if (handle_ == nullptr || half_written_ == 0 || waiting_writable_) return;
    push_timer_.expires_after(push_interval);
    push_timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && self->half_written_ != 0) self->wait_writable();
    });
}

// Takes everything that libldap has, until it says that there is nothing: bytes that it or the TLS
// layer holds never make the descriptor readable.
void LdapConnection::receive() {
    while (handle_ != nullptr) {
        timeval at_once{0, 0};
        LDAPMessage* message = nullptr;
        const int type = ldap_result(handle_, LDAP_RES_ANY, LDAP_MSG_ONE, &at_once, &message);
        if (type == 0) return;
        if (type < 0) {
            int state = LDAP_SERVER_DOWN;
            ldap_get_option(handle_, LDAP_OPT_RESULT_CODE, &state);
            const std::string reason = notice_.empty() ? ldap_err2string(state) : notice_;
            return lose(failure(FailureKind::disconnected,
                                "The directory ended the connection: " + reason + "."));
        }
        last_heard_ = steady_clock::now();
        accept(type, message);
    }
}

void LdapConnection::accept(int type, ldapmsg* message) {
    const std::unique_ptr<LDAPMessage, int (*)(LDAPMessage*)> owner(message, ldap_msgfree);
    const int id = ldap_msgid(message);
    if (id == 0) return accept_notice(message);
    if (id == half_written_) half_written_ = 0;
    const auto found = sent_.find(id);
    if (found == sent_.end()) return;
    const auto operation = found->second;
    switch (type) {
        case LDAP_RES_SEARCH_ENTRY:
            if (operation->changed) return accept_change(*operation, message);
            accept_entry(*operation, message);
            if (operation->bytes <= limits_.reply) return;
            ldap_abandon_ext(handle_, id, nullptr, nullptr);
            forget(id);
            return finish(operation, failure(FailureKind::too_large,
                                             "A reply of the directory is larger than " +
                                                 std::to_string(limits_.reply) + " bytes."));
        case LDAP_RES_SEARCH_REFERENCE:
            ++operation->reply.references;
            return;
        case LDAP_RES_INTERMEDIATE:
            return;
        default:
            forget(id);
            return accept_result(operation, message);
    }
}

void LdapConnection::forget(int id) {
    const auto found = sent_.find(id);
    if (found == sent_.end()) return;
    if (found->second->changed) --watches_;
    sent_.erase(found);
}

void LdapConnection::accept_change(Operation& operation, ldapmsg* message) {
    char* dn = ldap_get_dn(handle_, message);
    const std::string name = dn == nullptr ? "" : dn;
    ldap_memfree(dn);
    operation.changed(name);
}

void LdapConnection::accept_entry(Operation& operation, ldapmsg* message) {
    auto& entry = operation.reply.entries.emplace_back();
    BerElement* reader = nullptr;
    berval dn{};
    operation.damaged |= ldap_get_dn_ber(handle_, message, &reader, &dn) != LDAP_SUCCESS;
    if (operation.damaged) return;
    entry.dn = text_of(dn);
    operation.bytes += dn.bv_len;
    for (;;) {
        berval name{};
        berval* values = nullptr;
        const int code = ldap_get_attribute_ber(handle_, message, reader, &name, &values);
        operation.damaged |= code != LDAP_SUCCESS;
        if (operation.damaged || name.bv_val == nullptr) break;
        auto& attribute = entry.attributes.emplace_back();
        attribute.name = text_of(name);
        for (auto* value = values; value != nullptr && value->bv_val != nullptr; ++value) {
            attribute.values.push_back(text_of(*value));
            operation.bytes += value->bv_len;
        }
        ber_memfree(values);
    }
    ber_free(reader, 0);
}

void LdapConnection::accept_result(const OperationPointer& operation, ldapmsg* message) {
    char* diagnostic = nullptr;
    LDAPControl** controls = nullptr;
    auto& reply = operation->reply;
    const int code = ldap_parse_result(handle_, message, &reply.code, nullptr, &diagnostic, nullptr,
                                       &controls, 0);
    if (code != LDAP_SUCCESS) {
        // Of a write it is unknown whether it was done, as after a lost connection.
        const auto why = failure(FailureKind::disconnected,
                                 "The directory sent an answer that cannot be read; the "
                                 "connection is given up.");
        finish(operation, why);
        return lose(why);
    }
    if (diagnostic != nullptr) reply.diagnostic = diagnostic;
    ldap_memfree(diagnostic);
    if (auto* paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr)) {
        ber_int_t estimate = 0;
        berval cookie{};
        if (ldap_parse_pageresponse_control(handle_, paged, &estimate, &cookie) == LDAP_SUCCESS) {
            reply.page_cookie = text_of(cookie);
            ber_memfree(cookie.bv_val);
        }
    }
    ldap_controls_free(controls);
    if (operation->damaged) {
        return finish(operation, failure(FailureKind::unreadable,
                                         "The directory sent an entry that cannot be read."));
    }
    finish(operation, std::move(reply));
}

void LdapConnection::accept_notice(ldapmsg* message) {
    char* diagnostic = nullptr;
    int code = 0;
    if (ldap_parse_result(handle_, message, &code, nullptr, &diagnostic, nullptr, nullptr, 0) ==
            LDAP_SUCCESS &&
        diagnostic != nullptr) {
        notice_ = "LDAP " + std::to_string(code) + " " + printable(diagnostic);
    }
    ldap_memfree(diagnostic);
}

void LdapConnection::finish(const OperationPointer& operation, Result<LdapReply> outcome) {
    if (operation->ended) return operation->ended(std::move(outcome));
    operation->outcome.emplace(std::move(outcome));
    operation->deadline.cancel();
}

void LdapConnection::lose(Failure why) {
    if (handle_ == nullptr) return;
    end(why, failure(FailureKind::unreachable, why.detail));
    if (on_loss_) std::exchange(on_loss_, nullptr)(why);
}

void LdapConnection::close() {
    if (handle_ == nullptr) return;
    const auto stopping = failure(FailureKind::cancelled, "The directory connection is closed.");
    on_loss_ = nullptr;
    end(stopping, stopping);
}

void LdapConnection::end(const Failure& sent, const Failure& queued) {
    push_timer_.cancel();
    descriptor_.release();
    ldap_unbind_ext(std::exchange(handle_, nullptr), nullptr, nullptr);
    watches_ = 0;
    for (const auto& [id, operation] : std::exchange(sent_, {}))
        finish(operation, sent);
    for (const auto& operation : std::exchange(queue_, {}))
        finish(operation, queued);
}

}  // namespace writeback
