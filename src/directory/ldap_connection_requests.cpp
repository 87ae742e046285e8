// The requests of LdapConnection as libldap wants them.
#include "directory/ldap_connection.hpp"
#include "directory/ldap_text.hpp"

#include <ldap.h>

#include <utility>

namespace writeback {

namespace {

berval as_berval(const std::string& text) {
    return {text.size(), const_cast<char*>(text.data())};
}

// libldap's arrays of attributes, pointing into the values that it was made from.
class Modifications {
 public:
    void append(int kind, const std::string& name, const std::vector<std::string>& values) {
        auto& entry = entries_.emplace_back();
        for (const auto& value : values)
            entry.values.push_back(as_berval(value));
        for (auto& value : entry.values)
            entry.pointers.push_back(&value);
        entry.pointers.push_back(nullptr);
        entry.modification.mod_op = kind | LDAP_MOD_BVALUES;
        entry.modification.mod_type = const_cast<char*>(name.c_str());
        entry.modification.mod_bvalues = values.empty() ? nullptr : entry.pointers.data();
    }

    LDAPMod** data() {
        pointers_.clear();
        for (auto& entry : entries_)
            pointers_.push_back(&entry.modification);
        pointers_.push_back(nullptr);
        return pointers_.data();
    }

 private:
    struct Entry {
        LDAPMod modification{};
        std::vector<berval> values;
        std::vector<berval*> pointers;
    };
    std::deque<Entry> entries_;  // a deque: the entries do not move
    std::vector<LDAPMod*> pointers_;
};

// Controls without a value.
constexpr const char* show_deleted_oid = "1.2.840.113556.1.4.417";
constexpr const char* notification_oid = "1.2.840.113556.1.4.528";
constexpr const char* domain_scope_oid = "1.2.840.113556.1.4.1339";

LDAPControl control(const char* oid, bool critical) {
    return {const_cast<char*>(oid), {0, nullptr}, static_cast<char>(critical)};
}

int start_search(const LdapSearch& search, ldap* handle, int& id) {
    std::vector<char*> names;
    for (const auto& name : search.attributes)
        names.push_back(const_cast<char*>(name.c_str()));
    names.push_back(nullptr);
    // SEQUENCE { INTEGER 1 }: GUID and SID as text.
    static char text_form[] = {0x30, 0x03, 0x02, 0x01, 0x01};
    static char extended_oid[] = "1.2.840.113556.1.4.529";
    LDAPControl extended{extended_oid, {sizeof text_form, text_form}, 1};
    LDAPControl* paged = nullptr;
    if (search.page_size > 0) {
        auto cookie = as_berval(search.page_cookie);
        const int code = ldap_create_page_control(handle, search.page_size, &cookie, 1, &paged);
        if (code != LDAP_SUCCESS) return code;
    }
    auto show_deleted = control(show_deleted_oid, true);
    auto domain_scope = control(domain_scope_oid, false);
    std::vector<LDAPControl*> controls;
    if (search.show_deleted) controls.push_back(&show_deleted);
    // Of a global catalog everything is asked for, and the control would name one part.
    if (search.domain_scope && !search.base.empty()) controls.push_back(&domain_scope);
    if (search.extended_names) controls.push_back(&extended);
    if (paged != nullptr) controls.push_back(paged);
    controls.push_back(nullptr);
    const int code = ldap_search_ext(
        handle, search.base.c_str(),
        search.scope == LdapScope::base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
        search.filter.c_str(), names.data(), 0, controls.data(), nullptr, nullptr, 0, &id);
    if (paged != nullptr) ldap_control_free(paged);
    return code;
}

int modification_kind(LdapChangeKind kind) {
    switch (kind) {
        case LdapChangeKind::add:
            return LDAP_MOD_ADD;
        case LdapChangeKind::remove:
            return LDAP_MOD_DELETE;
        case LdapChangeKind::replace:
            return LDAP_MOD_REPLACE;
    }
    return LDAP_MOD_REPLACE;
}

}  // namespace

Async<Result<LdapReply>> LdapConnection::search(LdapSearch search) {
    return perform([search = std::move(search)](ldap* handle, int& id) {
        return start_search(search, handle, id);
    });
}

Async<Result<LdapReply>> LdapConnection::add(std::string dn,
                                             std::vector<LdapAttribute> attributes) {
    return perform([dn = std::move(dn), attributes = std::move(attributes)](ldap* handle, int& id) {
        Modifications modifications;
        for (const auto& [name, values] : attributes)
            modifications.append(0, name, values);
        return ldap_add_ext(handle, dn.c_str(), modifications.data(), nullptr, nullptr, &id);
    });
}

Async<Result<LdapReply>> LdapConnection::modify(std::string dn, std::vector<LdapChange> changes,
                                                bool show_deleted) {
    return perform([dn = std::move(dn), changes = std::move(changes), show_deleted](ldap* handle,
                                                                                    int& id) {
        Modifications modifications;
        for (const auto& change : changes) {
            modifications.append(modification_kind(change.kind), change.name, change.values);
        }
        auto deleted = control(show_deleted_oid, true);
        LDAPControl* controls[] = {show_deleted ? &deleted : nullptr, nullptr};
        return ldap_modify_ext(handle, dn.c_str(), modifications.data(), controls, nullptr, &id);
    });
}

// The filter is the only one that the control allows; what changed is told by the name alone.
LdapConnection::Start LdapConnection::watch_start(std::string base) {
    return [base = std::move(base)](ldap* handle, int& id) {
        auto notification = control(notification_oid, true);
        LDAPControl* controls[] = {&notification, nullptr};
        char name[] = "objectGUID";
        char* wanted[] = {name, nullptr};
        return ldap_search_ext(handle, base.c_str(), LDAP_SCOPE_SUBTREE, "(objectClass=*)", wanted,
                               0, controls, nullptr, nullptr, 0, &id);
    };
}

Async<Result<LdapReply>> LdapConnection::rename(std::string dn, std::string new_name,
                                                std::string new_parent) {
    return perform([dn = std::move(dn), new_name = std::move(new_name),
                    new_parent = std::move(new_parent)](ldap* handle, int& id) {
        return ldap_rename(handle, dn.c_str(), new_name.c_str(),
                           new_parent.empty() ? nullptr : new_parent.c_str(), 1, nullptr, nullptr,
                           &id);
    });
}

Async<Result<LdapReply>> LdapConnection::remove(std::string dn) {
    return perform([dn = std::move(dn)](ldap* handle, int& id) {
        return ldap_delete_ext(handle, dn.c_str(), nullptr, nullptr, &id);
    });
}

}  // namespace writeback
