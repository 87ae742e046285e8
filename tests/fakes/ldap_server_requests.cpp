// The requests as values.
#include "fakes/ber.hpp"
#include "fakes/ldap_server_messages.hpp"

#include <ldap.h>

#include <stdexcept>

namespace writeback::fakes {

namespace {

using Kind = LdapRequest::Kind;

std::string read_text(BerElement* ber) {
    berval value{};
    ber_scanf(ber, "m", &value);
    return text_of(value);
}

// Calls `each` for every element of the sequence or set that comes next.
template <class Each>
void for_each_element(BerElement* ber, Each each) {
    ber_len_t length = 0;
    char* end = nullptr;
    for (auto tag = ber_first_element(ber, &length, &end); tag != LBER_DEFAULT;
         tag = ber_next_element(ber, &length, end)) {
        each(tag);
    }
}

std::vector<std::string> read_texts(BerElement* ber) {
    std::vector<std::string> texts;
    for_each_element(ber, [&](ber_tag_t) { texts.push_back(read_text(ber)); });
    return texts;
}

TreeFilter read_filter(BerElement* ber);

TreeFilter read_substring(BerElement* ber) {
    TreeFilter filter;
    filter.kind = TreeFilter::Kind::substring;
    berval name{};
    ber_scanf(ber, "{m", &name);
    filter.attribute = text_of(name);
    for_each_element(ber, [&](ber_tag_t tag) {
        auto part = read_text(ber);
        if (tag == LDAP_SUBSTRING_INITIAL) {
            filter.initial = std::move(part);
        } else if (tag == LDAP_SUBSTRING_FINAL) {
            filter.last = std::move(part);
        } else {
            filter.middle.push_back(std::move(part));
        }
    });
    return filter;
}

TreeFilter read_extended_match(BerElement* ber) {
    TreeFilter filter;
    std::string rule;
    for_each_element(ber, [&](ber_tag_t tag) {
        if (tag == LDAP_FILTER_EXT_OID) rule = read_text(ber);
        if (tag == LDAP_FILTER_EXT_TYPE) filter.attribute = read_text(ber);
        if (tag == LDAP_FILTER_EXT_VALUE) filter.value = read_text(ber);
        if (tag == LDAP_FILTER_EXT_DNATTRS) {
            ber_int_t ignored = 0;
            ber_scanf(ber, "b", &ignored);
        }
    });
    if (rule == "1.2.840.113556.1.4.803") {
        filter.kind = TreeFilter::Kind::bits_all;
    } else if (rule == "1.2.840.113556.1.4.804") {
        filter.kind = TreeFilter::Kind::bits_any;
    } else if (rule == "1.2.840.113556.1.4.1941") {
        filter.kind = TreeFilter::Kind::in_chain;
    } else {
        throw std::logic_error("a matching rule that the model does not know: " + rule);
    }
    return filter;
}

TreeFilter read_comparison(BerElement* ber, TreeFilter::Kind kind) {
    TreeFilter filter;
    berval name{};
    berval value{};
    ber_scanf(ber, "{mm}", &name, &value);
    filter.kind = kind;
    filter.attribute = text_of(name);
    filter.value = text_of(value);
    return filter;
}

TreeFilter read_filter(BerElement* ber) {
    ber_len_t length = 0;
    const auto tag = ber_peek_tag(ber, &length);
    TreeFilter filter;
    switch (tag) {
        case LDAP_FILTER_AND:
        case LDAP_FILTER_OR:
            filter.kind =
                tag == LDAP_FILTER_AND ? TreeFilter::Kind::all_of : TreeFilter::Kind::any_of;
            for_each_element(ber, [&](ber_tag_t) { filter.inner.push_back(read_filter(ber)); });
            return filter;
        case LDAP_FILTER_NOT:
            filter.kind = TreeFilter::Kind::none_of;
            ber_skip_tag(ber, &length);
            filter.inner.push_back(read_filter(ber));
            return filter;
        case LDAP_FILTER_EQUALITY:
        case LDAP_FILTER_APPROX:
            return read_comparison(ber, TreeFilter::Kind::equal);
        case LDAP_FILTER_GE:
            return read_comparison(ber, TreeFilter::Kind::at_least);
        case LDAP_FILTER_LE:
            return read_comparison(ber, TreeFilter::Kind::at_most);
        case LDAP_FILTER_PRESENT:
            filter.attribute = read_text(ber);
            return filter;
        case LDAP_FILTER_SUBSTRINGS:
            return read_substring(ber);
        case LDAP_FILTER_EXT:
            return read_extended_match(ber);
        default:
            throw std::logic_error("a filter that the model does not know");
    }
}

void read_search(BerElement* ber, LdapRequest& request) {
    berval base{};
    ber_int_t scope = 0;
    ber_int_t aliases = 0;
    ber_int_t size = 0;
    ber_int_t time = 0;
    ber_int_t names_only = 0;
    ber_scanf(ber, "{meeiib", &base, &scope, &aliases, &size, &time, &names_only);
    auto& search = request.search;
    search.base = text_of(base);
    search.scope = scope == LDAP_SCOPE_BASE       ? TreeScope::base
                   : scope == LDAP_SCOPE_ONELEVEL ? TreeScope::one
                                                  : TreeScope::subtree;
    search.size_limit = size;
    search.names_only = names_only != 0;
    search.filter = read_filter(ber);
    search.attributes = read_texts(ber);
}

void read_paging(const std::string& value, LdapRequest& request) {
    const auto ber = ber_of(value);
    ber_int_t size = 0;
    berval cookie{};
    ber_scanf(ber.get(), "{im}", &size, &cookie);
    request.search.page = TreePage{size, text_of(cookie)};
}

TreeControls::Names names_form(const std::string& value) {
    ber_int_t flag = 0;
    if (!value.empty()) ber_scanf(ber_of(value).get(), "{i}", &flag);
    return flag == 1 ? TreeControls::Names::text : TreeControls::Names::hexadecimal;
}

void read_controls(BerElement* ber, LdapRequest& request) {
    ber_len_t length = 0;
    if (ber_peek_tag(ber, &length) != LDAP_TAG_CONTROLS) return;
    for_each_element(ber, [&](ber_tag_t) {
        berval oid{};
        ber_int_t critical = 0;
        berval value{};
        ber_scanf(ber, "{m", &oid);
        if (ber_peek_tag(ber, &length) == LBER_BOOLEAN) ber_scanf(ber, "b", &critical);
        if (ber_peek_tag(ber, &length) == LBER_OCTETSTRING) ber_scanf(ber, "m", &value);
        const auto name = text_of(oid);
        auto& controls = request.controls;
        if (name == LDAP_CONTROL_PAGEDRESULTS) {
            read_paging(text_of(value), request);
        } else if (name == "1.2.840.113556.1.4.417") {
            controls.show_deleted = true;
        } else if (name == "1.2.840.113556.1.4.528") {
            request.notifies = true;
        } else if (name == "1.2.840.113556.1.4.529") {
            controls.names = names_form(text_of(value));
        } else if (name == "1.2.840.113556.1.4.805") {
            controls.tree_delete = true;
        } else if (name == "1.2.840.113556.1.4.1413") {
            controls.permissive_modify = true;
        } else if (critical != 0) {
            request.unknown_control = name;
        }
    });
    request.search.controls = request.controls;
}

void read_changes(BerElement* ber, LdapRequest& request) {
    berval name{};
    ber_scanf(ber, "{m", &name);
    request.name = text_of(name);
    for_each_element(ber, [&](ber_tag_t) {
        ber_int_t operation = 0;
        berval attribute{};
        ber_scanf(ber, "{e{m", &operation, &attribute);
        LdapChange change;
        change.kind = operation == LDAP_MOD_ADD      ? LdapChangeKind::add
                      : operation == LDAP_MOD_DELETE ? LdapChangeKind::remove
                                                     : LdapChangeKind::replace;
        change.name = text_of(attribute);
        change.values = read_texts(ber);
        request.changes.push_back(std::move(change));
    });
}

void read_attributes(BerElement* ber, LdapRequest& request) {
    berval name{};
    ber_scanf(ber, "{m", &name);
    request.name = text_of(name);
    for_each_element(ber, [&](ber_tag_t) {
        berval attribute{};
        ber_scanf(ber, "{m", &attribute);
        request.attributes.push_back({text_of(attribute), {}});
        request.attributes.back().values = read_texts(ber);
    });
}

void read_rename(BerElement* ber, LdapRequest& request) {
    berval name{};
    berval new_name{};
    ber_int_t delete_old = 0;
    ber_scanf(ber, "{mmb", &name, &new_name, &delete_old);
    request.name = text_of(name);
    request.new_name = text_of(new_name);
    request.delete_old = delete_old != 0;
    ber_len_t length = 0;
    if (ber_peek_tag(ber, &length) == LDAP_TAG_NEWSUPERIOR) request.new_parent = read_text(ber);
}

void read_bind(BerElement* ber, LdapRequest& request) {
    ber_int_t version = 0;
    berval name{};
    ber_scanf(ber, "{im", &version, &name);
    request.name = text_of(name);
    ber_len_t length = 0;
    request.simple = ber_peek_tag(ber, &length) == LDAP_AUTH_SIMPLE;
    if (request.simple) request.password = read_text(ber);
}

Kind kind_of(ber_tag_t tag) {
    switch (tag) {
        case LDAP_REQ_BIND:
            return Kind::bind;
        case LDAP_REQ_UNBIND:
            return Kind::unbind;
        case LDAP_REQ_SEARCH:
            return Kind::search;
        case LDAP_REQ_MODIFY:
            return Kind::modify;
        case LDAP_REQ_ADD:
            return Kind::add;
        case LDAP_REQ_DELETE:
            return Kind::remove;
        case LDAP_REQ_MODDN:
            return Kind::rename;
        case LDAP_REQ_ABANDON:
            return Kind::abandon;
        case LDAP_REQ_EXTENDED:
            return Kind::extended;
        default:
            return Kind::other;
    }
}

}  // namespace

std::optional<LdapRequest> read_ldap_request(const std::string& message) {
    const auto ber = ber_of(message);
    LdapRequest request;
    ber_int_t id = 0;
    if (ber_scanf(ber.get(), "{i", &id) == LBER_ERROR) return std::nullopt;
    request.id = id;
    ber_len_t length = 0;
    request.kind = kind_of(ber_peek_tag(ber.get(), &length));
    switch (request.kind) {
        case Kind::bind:
            read_bind(ber.get(), request);
            return request;  // what follows SASL's credentials is of no interest
        case Kind::search:
            read_search(ber.get(), request);
            break;
        case Kind::modify:
            read_changes(ber.get(), request);
            break;
        case Kind::add:
            read_attributes(ber.get(), request);
            break;
        case Kind::rename:
            read_rename(ber.get(), request);
            break;
        case Kind::remove:
            request.name = read_text(ber.get());
            break;
        case Kind::abandon: {
            ber_int_t abandoned = 0;
            ber_scanf(ber.get(), "i", &abandoned);
            request.abandoned = abandoned;
            return request;
        }
        case Kind::extended: {
            berval oid{};
            ber_scanf(ber.get(), "{m", &oid);
            request.extension = text_of(oid);
            return request;
        }
        case Kind::unbind:
        case Kind::other:
            return request;
    }
    read_controls(ber.get(), request);
    return request;
}

}  // namespace writeback::fakes
