#include "directory/scripted_peer.hpp"

#include "directory/ldap_text.hpp"
#include "fakes/ber.hpp"

#include <ldap.h>

#include <arpa/inet.h>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace writeback::testing {

namespace {

using fakes::Ber;
using fakes::ber_of;
using fakes::bytes_of_ber;
using fakes::new_ber;
using fakes::text_of;

ber_tag_t result_tag(PeerRequest::Kind kind) {
    switch (kind) {
        case PeerRequest::Kind::bind:
            return LDAP_RES_BIND;
        case PeerRequest::Kind::search:
            return LDAP_RES_SEARCH_RESULT;
        case PeerRequest::Kind::modify:
            return LDAP_RES_MODIFY;
        case PeerRequest::Kind::add:
            return LDAP_RES_ADD;
        case PeerRequest::Kind::remove:
            return LDAP_RES_DELETE;
        case PeerRequest::Kind::rename:
            return LDAP_RES_MODDN;
        default:
            return LDAP_RES_EXTENDED;
    }
}

PeerRequest::Kind kind_of(ber_tag_t tag) {
    switch (tag) {
        case LDAP_REQ_BIND:
            return PeerRequest::Kind::bind;
        case LDAP_REQ_UNBIND:
            return PeerRequest::Kind::unbind;
        case LDAP_REQ_SEARCH:
            return PeerRequest::Kind::search;
        case LDAP_REQ_MODIFY:
            return PeerRequest::Kind::modify;
        case LDAP_REQ_ADD:
            return PeerRequest::Kind::add;
        case LDAP_REQ_DELETE:
            return PeerRequest::Kind::remove;
        case LDAP_REQ_MODDN:
            return PeerRequest::Kind::rename;
        case LDAP_REQ_ABANDON:
            return PeerRequest::Kind::abandon;
        default:
            return PeerRequest::Kind::other;
    }
}

void read_paging(BerElement* ber, PeerRequest& request) {
    ber_len_t length = 0;
    if (ber_peek_tag(ber, &length) != LDAP_TAG_CONTROLS) return;
    char* end = nullptr;
    for (auto tag = ber_first_element(ber, &length, &end); tag != LBER_DEFAULT;
         tag = ber_next_element(ber, &length, end)) {
        berval oid{};
        ber_int_t critical = 0;
        berval value{};
        ber_scanf(ber, "{m", &oid);
        if (ber_peek_tag(ber, &length) == LBER_BOOLEAN) ber_scanf(ber, "b", &critical);
        if (ber_peek_tag(ber, &length) == LBER_OCTETSTRING) ber_scanf(ber, "m", &value);
        if (text_of(oid) != LDAP_CONTROL_PAGEDRESULTS) continue;
        request.paged = true;
        const Ber inner = ber_of(text_of(value));
        ber_int_t size = 0;
        berval cookie{};
        ber_scanf(inner.get(), "{im}", &size, &cookie);
        request.cookie = text_of(cookie);
    }
}

void read_search(BerElement* ber, PeerRequest& request) {
    berval base{};
    ber_int_t ignored = 0;
    ber_len_t length = 0;
    ber_scanf(ber, "{meeiib", &base, &ignored, &ignored, &ignored, &ignored, &ignored);
    request.name = text_of(base);
    ber_skip_tag(ber, &length);  // the filter
    std::string skipped(length, '\0');
    ber_read(ber, skipped.data(), length);
    char* end = nullptr;
    for (auto tag = ber_first_element(ber, &length, &end); tag != LBER_DEFAULT;
         tag = ber_next_element(ber, &length, end)) {
        berval name{};
        ber_scanf(ber, "m", &name);
        request.attributes.push_back(text_of(name));
    }
    ber_scanf(ber, "}");
    read_paging(ber, request);
}

PeerRequest read_request(const std::string& message) {
    const Ber ber = ber_of(message);
    PeerRequest request;
    request.bytes = message;
    ber_int_t id = 0;
    ber_scanf(ber.get(), "{i", &id);
    request.id = id;
    ber_len_t length = 0;
    const auto tag = ber_peek_tag(ber.get(), &length);
    request.kind = kind_of(tag);
    berval name{};
    switch (request.kind) {
        case PeerRequest::Kind::search:
            read_search(ber.get(), request);
            break;
        case PeerRequest::Kind::modify:
        case PeerRequest::Kind::add:
        case PeerRequest::Kind::rename:
            ber_scanf(ber.get(), "{m", &name);
            request.name = text_of(name);
            break;
        case PeerRequest::Kind::remove:
            ber_scanf(ber.get(), "m", &name);
            request.name = text_of(name);
            break;
        case PeerRequest::Kind::abandon: {
            ber_int_t abandoned = 0;
            ber_scanf(ber.get(), "i", &abandoned);
            request.abandoned = abandoned;
            break;
        }
        default:
            break;
    }
    return request;
}

// How a domain controller introduces itself.
std::vector<std::string> introduction(const PeerRequest& request) {
    if (request.kind == PeerRequest::Kind::bind) return {peer_result(request, 0)};
    if (request.kind != PeerRequest::Kind::search) return {peer_result(request, 53, "no script")};
    PeerAttributes attributes;
    if (request.name.empty()) {
        attributes = {{"defaultNamingContext", {peer_base}},
                      {"dnsHostName", {"dc9.lab.test"}},
                      {"highestCommittedUSN", {"4711"}}};
    } else if (request.name == peer_base) {
        attributes = {{"objectSid", {*bytes_of(Sid(peer_domain_sid))}}};
    } else if (request.name == "<SID=" + std::string(peer_domain_sid) + "-513>") {
        attributes = {{"allowedAttributes", {"member", "displayName", "adminDescription"}}};
    } else {
        return {peer_result(request, 32, "0000208D: NameErr: no script")};
    }
    return {peer_entry(request.id, request.name, attributes), peer_result(request, 0)};
}

bool send_all(int socket, const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

bool readable(int descriptor) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, 10) > 0;
}

}  // namespace

std::string peer_entry(int id, const std::string& dn, const PeerAttributes& attributes) {
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{o{", id, LDAP_RES_SEARCH_ENTRY, dn.data(),
               static_cast<ber_len_t>(dn.size()));
    for (const auto& [name, values] : attributes) {
        ber_printf(ber.get(), "{o[", name.data(), static_cast<ber_len_t>(name.size()));
        for (const auto& value : values) {
            ber_printf(ber.get(), "o", value.data(), static_cast<ber_len_t>(value.size()));
        }
        ber_printf(ber.get(), "]}");
    }
    ber_printf(ber.get(), "}}}");
    return bytes_of_ber(ber.get());
}

std::string peer_reference(int id) {
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{s}}", id, LDAP_RES_SEARCH_REFERENCE, "ldap://elsewhere/DC=sub");
    return bytes_of_ber(ber.get());
}

std::string peer_result(const PeerRequest& request, int code, const std::string& diagnostic) {
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{ess}}", request.id, result_tag(request.kind), code, "",
               diagnostic.c_str());
    return bytes_of_ber(ber.get());
}

std::string peer_page(const PeerRequest& request, const std::string& cookie) {
    const auto value = new_ber();
    ber_printf(value.get(), "{io}", 0, cookie.data(), static_cast<ber_len_t>(cookie.size()));
    const auto control = bytes_of_ber(value.get());
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{ess}t{{so}}}", request.id, LDAP_RES_SEARCH_RESULT, 0, "", "",
               LDAP_TAG_CONTROLS, LDAP_CONTROL_PAGEDRESULTS, control.data(),
               static_cast<ber_len_t>(control.size()));
    return bytes_of_ber(ber.get());
}

std::string peer_notice_of_disconnection(int code, const std::string& diagnostic) {
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{essts}}", 0, LDAP_RES_EXTENDED, code, "", diagnostic.c_str(),
               LDAP_TAG_EXOP_RES_OID, "1.3.6.1.4.1.1466.20036");
    return bytes_of_ber(ber.get());
}

ScriptedPeer::ScriptedPeer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::runtime_error("no port of 127.0.0.1 can be listened on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

ScriptedPeer::~ScriptedPeer() {
    ended_ = true;
    thread_.join();
    ::close(listener_);
}

std::string ScriptedPeer::url() const {
    return "ldap://127.0.0.1:" + std::to_string(port_);
}

std::vector<PeerRequest> ScriptedPeer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

int ScriptedPeer::count(PeerRequest::Kind kind) const {
    int found = 0;
    for (const auto& request : requests())
        found += request.kind == kind ? 1 : 0;
    return found;
}

void ScriptedPeer::serve() {
    while (!ended_) {
        if (!readable(listener_)) continue;
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) continue;
        serve_connection(socket);
        ::close(socket);
    }
}

void ScriptedPeer::serve_connection(int socket) {
    std::string received;
    while (!ended_) {
        if (deaf_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
        }
        if (!readable(socket)) continue;
        char piece[65536];
        const auto count = ::recv(socket, piece, sizeof piece, 0);
        if (count <= 0) return;
        received.append(piece, static_cast<std::size_t>(count));
        while (const auto length = fakes::ber_message_length(received)) {
            const auto message = received.substr(0, length);
            received.erase(0, length);
            if (!react(socket, message)) return;
        }
    }
}

// False: the connection is over.
bool ScriptedPeer::react(int socket, const std::string& message) {
    const auto request = read_request(message);
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
    }
    if (request.kind == PeerRequest::Kind::unbind) return false;
    auto reaction = script_(request);
    if (!reaction.handled) {
        reaction = {};
        if (request.kind != PeerRequest::Kind::abandon) reaction.messages = introduction(request);
    }
    std::string bytes;
    for (const auto& one : reaction.messages)
        bytes += one;
    if (!reaction.byte_by_byte) {
        if (!send_all(socket, bytes)) return false;
    } else {
        for (const char byte : bytes) {
            if (!send_all(socket, std::string(1, byte))) return false;
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    }
    return !reaction.hang_up;
}

}  // namespace writeback::testing
