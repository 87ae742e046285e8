// The answers as bytes.
#include "fakes/ber.hpp"
#include "fakes/ldap_server_messages.hpp"

#include <ldap.h>

namespace writeback::fakes {

namespace {

using Kind = LdapRequest::Kind;

ber_tag_t result_tag(Kind kind) {
    switch (kind) {
        case Kind::bind:
            return LDAP_RES_BIND;
        case Kind::search:
            return LDAP_RES_SEARCH_RESULT;
        case Kind::modify:
            return LDAP_RES_MODIFY;
        case Kind::add:
            return LDAP_RES_ADD;
        case Kind::remove:
            return LDAP_RES_DELETE;
        case Kind::rename:
            return LDAP_RES_MODDN;
        default:
            return LDAP_RES_EXTENDED;
    }
}

void put(BerElement* ber, const std::string& text) {
    ber_printf(ber, "o", text.data(), static_cast<ber_len_t>(text.size()));
}

void begin_result(BerElement* ber, const LdapRequest& request, const TreeAnswer& answer) {
    ber_printf(ber, "{it{es", request.id, result_tag(request.kind), answer.code, "");
    put(ber, answer.diagnostic);
}

}  // namespace

std::string ldap_entry_message(int id, const LdapEntry& entry) {
    const auto ber = new_ber();
    ber_printf(ber.get(), "{it{", id, LDAP_RES_SEARCH_ENTRY);
    put(ber.get(), entry.dn);
    ber_printf(ber.get(), "{");
    for (const auto& [name, values] : entry.attributes) {
        ber_printf(ber.get(), "{");
        put(ber.get(), name);
        ber_printf(ber.get(), "[");
        for (const auto& value : values)
            put(ber.get(), value);
        ber_printf(ber.get(), "]}");
    }
    ber_printf(ber.get(), "}}}");
    return bytes_of_ber(ber.get());
}

std::string ldap_result_message(const LdapRequest& request, const TreeAnswer& answer) {
    const auto ber = new_ber();
    begin_result(ber.get(), request, answer);
    ber_printf(ber.get(), "}}");
    return bytes_of_ber(ber.get());
}

std::string ldap_search_result_message(const LdapRequest& request, const TreeFound& found) {
    if (!request.search.page) return ldap_result_message(request, found.answer);
    const auto value = new_ber();
    ber_printf(value.get(), "{i", 0);
    put(value.get(), found.page_cookie);
    ber_printf(value.get(), "}");
    const auto ber = new_ber();
    begin_result(ber.get(), request, found.answer);
    ber_printf(ber.get(), "}t{{s", LDAP_TAG_CONTROLS, LDAP_CONTROL_PAGEDRESULTS);
    put(ber.get(), bytes_of_ber(value.get()));
    ber_printf(ber.get(), "}}}");
    return bytes_of_ber(ber.get());
}

std::string ldap_extended_message(const LdapRequest& request, const TreeAnswer& answer,
                                  const std::string& oid, const std::string& value) {
    const auto ber = new_ber();
    begin_result(ber.get(), request, answer);
    if (!oid.empty()) {
        ber_printf(ber.get(), "to", LDAP_TAG_EXOP_RES_OID, oid.data(),
                   static_cast<ber_len_t>(oid.size()));
    }
    if (!value.empty()) {
        ber_printf(ber.get(), "to", LDAP_TAG_EXOP_RES_VALUE, value.data(),
                   static_cast<ber_len_t>(value.size()));
    }
    ber_printf(ber.get(), "}}");
    return bytes_of_ber(ber.get());
}

}  // namespace writeback::fakes
