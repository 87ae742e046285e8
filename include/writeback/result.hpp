// One way to fail: a Result holds a value or a Failure, and a Failure says what kind it is, in a
// sentence for a person, and what the peer answered.
//
// Failures are returned, never logged where they arise; the loop that gives up on something logs it
// once. Exceptions are for bugs and for start-up.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace writeback {

using Duration = std::chrono::milliseconds;

enum class FailureKind {
    // Trying again later is right.
    unreachable,  // no connection: name, route, refused, TLS handshake timed out
    timed_out,    // connected, but no answer within the deadline; the outcome of a write is unknown
    disconnected,  // the connection ended before the answer; the outcome of a write is unknown
    throttled,     // 429, or the peer named a Retry-After
    unavailable,   // 5xx, LDAP 51 busy, 52 unavailable, 3 and 11 limits of the server
    // The peer refuses us as a whole.
    credentials,  // 401 after renewal, token refused, LDAP 49
    forbidden,    // 403, LDAP 50
    tls,          // the peer's certificate cannot be trusted, or a layer is demanded (LDAP 8, 13)
    // What the peer says of one object.
    not_found,       // 404, LDAP 32 for the entry itself
    already_exists,  // 409; LDAP 68 for a distinguished name in use
    name_in_use,     // LDAP 68 for a sAMAccountName in use
    parent_missing,  // the container does not exist
    member_exists,   // LDAP 68 on a member value
    member_absent,   // LDAP 53 or 16 on a member value that is not there
    member_refused,  // a member value that the directory does not accept: no such object, foreign
                     // SID, scope rules
    value_refused,   // LDAP 19, 21, 34, 65, 67: an attribute's value breaks a rule
    attribute_unknown,  // LDAP 16 with 0000200A: not in the schema
    contradiction,      // LDAP 16, 20, 53 otherwise: the directory is not as we believed
    enforcement,        // msDS-ObjectSoa: the group's source of authority refuses this writer
    refused,            // any other definite no
    // The cloud's stream.
    resync_required,  // 410, syncStateNotFound, resyncRequired: the token is dead
    page_expired,     // Directory_ExpiredPageToken: begin the round again
    link_refused,     // a nextLink, deltaLink or Location that points off the endpoint's origin, or
                      // repeats
    // Bad input.
    unreadable,             // the peer's bytes do not parse, or lack what must be there
    too_large,              // over a configured limit
    invalid_configuration,  // a setting is wrong; the sentence names file, line and remedy
    // Ours.
    store,  // the store cannot be read or written: disk full, I/O error, corrupt, of another tenant
    cancelled,  // we are stopping
    internal,   // a bug
};

[[nodiscard]] constexpr std::string_view name_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::unreachable:
            return "unreachable";
        case FailureKind::timed_out:
            return "timed-out";
        case FailureKind::disconnected:
            return "disconnected";
        case FailureKind::throttled:
            return "throttled";
        case FailureKind::unavailable:
            return "unavailable";
        case FailureKind::credentials:
            return "credentials";
        case FailureKind::forbidden:
            return "forbidden";
        case FailureKind::tls:
            return "tls";
        case FailureKind::not_found:
            return "not-found";
        case FailureKind::already_exists:
            return "already-exists";
        case FailureKind::name_in_use:
            return "name-in-use";
        case FailureKind::parent_missing:
            return "parent-missing";
        case FailureKind::member_exists:
            return "member-exists";
        case FailureKind::member_absent:
            return "member-absent";
        case FailureKind::member_refused:
            return "member-refused";
        case FailureKind::value_refused:
            return "value-refused";
        case FailureKind::attribute_unknown:
            return "attribute-unknown";
        case FailureKind::contradiction:
            return "contradiction";
        case FailureKind::enforcement:
            return "enforcement";
        case FailureKind::refused:
            return "refused";
        case FailureKind::resync_required:
            return "resync-required";
        case FailureKind::page_expired:
            return "page-expired";
        case FailureKind::link_refused:
            return "link-refused";
        case FailureKind::unreadable:
            return "unreadable";
        case FailureKind::too_large:
            return "too-large";
        case FailureKind::invalid_configuration:
            return "invalid-configuration";
        case FailureKind::store:
            return "store";
        case FailureKind::cancelled:
            return "cancelled";
        case FailureKind::internal:
            return "internal";
    }
    return "internal";
}

struct Failure {
    FailureKind kind = FailureKind::internal;
    // A whole sentence for a person: what was tried, where, and what to do when that is known.
    // Never a secret.
    std::string detail;
    // What the peer answered, for logs and metrics: "HTTP 429 TooManyRequests", "LDAP 68 00002071".
    std::string code;
    // How long the peer asked us to wait.
    std::optional<Duration> retry_after;
    // For resync_required: the address that the peer named to begin from (410's Location); may be
    // empty.
    std::string location;
};

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location& /*where*/) {
    throw std::logic_error("a Result was taken for a value but holds: " + failure.detail);
}

template <class T>
using Result = boost::system::result<T, Failure>;

// A Result without a value: Done{} or a Failure.
struct Done {};

[[nodiscard]] inline Failure failure(FailureKind kind, std::string detail, std::string code = {}) {
    return Failure{kind, std::move(detail), std::move(code), std::nullopt, {}};
}

}  // namespace writeback
