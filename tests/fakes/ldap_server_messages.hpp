// LDAP messages as bytes and as values, by liblber.
//
// Failures: bytes that are no request give nothing. What the model has no meaning for (a control,
// an option) is kept by name, so that the server can refuse it. Limits: the caller's. Threads:
// pure.
#pragma once

#include "fakes/directory_tree.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace writeback::fakes {

struct LdapRequest {
    int id = 0;
    enum class Kind {
        bind,
        unbind,
        search,
        modify,
        add,
        remove,
        rename,
        abandon,
        extended,
        other
    } kind = Kind::other;
    std::string name;      // the entry; of a bind the account
    std::string password;  // of a simple bind
    bool simple = true;    // false: SASL
    TreeSearch search;
    bool notifies = false;  // a search that stays open
    std::vector<LdapAttribute> attributes;
    std::vector<LdapChange> changes;
    std::string new_name;
    std::string new_parent;
    bool delete_old = true;
    std::string extension;  // OID
    int abandoned = 0;
    TreeControls controls;
    std::string unknown_control;  // a critical one that the server does not know
};

[[nodiscard]] std::optional<LdapRequest> read_ldap_request(const std::string& message);

[[nodiscard]] std::string ldap_entry_message(int id, const LdapEntry& entry);
[[nodiscard]] std::string ldap_result_message(const LdapRequest& request, const TreeAnswer& answer);
// Of a search: with the paging control's answer where paging was asked for.
[[nodiscard]] std::string ldap_search_result_message(const LdapRequest& request,
                                                     const TreeFound& found);
[[nodiscard]] std::string ldap_extended_message(const LdapRequest& request,
                                                const TreeAnswer& answer, const std::string& oid,
                                                const std::string& value);

}  // namespace writeback::fakes
