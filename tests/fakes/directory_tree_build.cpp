// The forest as it stands before anyone writes to it.
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/directory_tree.hpp"

#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

std::string dns_name_of(const Dn& base) {
    std::string text;
    const auto parsed = parse_name(base.text());
    for (const auto& part : *parsed)
        text += (text.empty() ? "" : ".") + part[0].value;
    return text;
}

}  // namespace

void DirectoryTree::build_domain() {
    Domain domain;
    domain.sid = options_.domain_sid;
    domain.net_bios_name = options_.net_bios_name;
    domain.dns_name = dns_name_of(options_.base);
    domain.ours = true;
    auto& root = insert(0, "DC", options_.base.text(), "domainDNS");
    root.sid = options_.domain_sid;
    by_sid_[root.sid.text()] = root.number;
    domain.root = root.number;
    domains_.push_back(domain);
    const auto& base = options_.base.text();
    for (const char* name : {"Users", "Computers", "ForeignSecurityPrincipals", "System"})
        insert(root.number, "CN", name, "container");
    deleted_objects_ = insert(root.number, "CN", "Deleted Objects", "container").number;
    entries_.at(deleted_objects_).attributes["isdeleted"] = {"TRUE"};

    configuration_ = insert(0, "CN", "CN=Configuration," + base, "configuration").number;
    schema_root_ = insert(0, "CN", "CN=Schema,CN=Configuration," + base, "dMD").number;
    insert(configuration_, "CN", "Partitions", "container");
    list_domain(domains_.front(), options_.base);
    auto parent = insert(configuration_, "CN", "Sites", "container").number;
    parent = insert(parent, "CN", "Default-First-Site-Name", "container").number;
    parent = insert(parent, "CN", "Servers", "container").number;
    const auto dot = options_.host.find('.');
    parent = insert(parent, "CN", options_.host.substr(0, dot), "server").number;
    settings_ = insert(parent, "CN", "NTDS Settings", "nTDSDSA").number;
    entries_.at(settings_).attributes["invocationid"] = {*bytes_of(ObjectGuid(next_guid()))};

    // The groups that every domain has, as far as anyone asks for them.
    for (const auto& [name, rid] : {std::pair("Domain Admins", 512), {"Domain Users", 513}}) {
        auto& group = insert(*child(root.number, "CN", "Users"), "CN", name, "group");
        group.sid = Sid(options_.domain_sid.text() + "-" + std::to_string(rid));
        by_sid_[group.sid.text()] = group.number;
        store(group, schema_.get("sAMAccountName"), {name});
        store(group, schema_.get("groupType"), {"-2147483646"});
    }
    changed_.clear();
}

void DirectoryTree::list_domain(const Domain& domain, const Dn& base) {
    auto& entry =
        insert(*child(configuration_, "CN", "Partitions"), "CN", domain.net_bios_name, "crossRef");
    store(entry, schema_.get("nCName"), {base.text()});
    store(entry, schema_.get("nETBIOSName"), {domain.net_bios_name});
    store(entry, schema_.get("dnsRoot"), {domain.dns_name});
}

void DirectoryTree::build_schema() {
    for (const auto& [key, type] : schema_.types()) {
        auto& entry = insert(schema_root_, "CN", type.cn, "attributeSchema");
        store(entry, schema_.get("lDAPDisplayName"), {type.name});
        store(entry, schema_.get("attributeID"), {type.oid});
        store(entry, schema_.get("attributeSyntax"), {syntax_oid(type.syntax)});
        store(entry, schema_.get("oMSyntax"), {om_syntax(type.syntax)});
        store(entry, schema_.get("isSingleValued"), {type.single_valued ? "TRUE" : "FALSE"});
        if (type.least) store(entry, schema_.get("rangeLower"), {std::to_string(*type.least)});
        if (type.most) store(entry, schema_.get("rangeUpper"), {std::to_string(*type.most)});
        if (type.system_only && type.link == LinkKind::none) {
            store(entry, schema_.get("systemOnly"), {"TRUE"});
        }
        if (type.constructed) store(entry, schema_.get("systemFlags"), {"4"});
        if (type.link_id != 0) store(entry, schema_.get("linkID"), {std::to_string(type.link_id)});
        store(entry, schema_.get("schemaIDGUID"), {*bytes_of(ObjectGuid(next_guid()))});
    }
    auto& group = insert(schema_root_, "CN", "Group", "classSchema");
    store(group, schema_.get("lDAPDisplayName"), {"group"});
    store(group, schema_.get("schemaIDGUID"),
          {*bytes_of(ObjectGuid("bf967a9c-0de6-11d0-a285-00aa003049e2"))});
    changed_.clear();
}

void DirectoryTree::add_domain(const Dn& base, const std::string& net_bios_name, const Sid& sid) {
    Domain domain;
    domain.sid = sid;
    domain.net_bios_name = net_bios_name;
    domain.dns_name = dns_name_of(base);
    auto& root = insert(0, "DC", base.text(), "domainDNS");
    root.sid = sid;
    by_sid_[sid.text()] = root.number;
    domain.root = root.number;
    domains_.push_back(domain);
    insert(root.number, "CN", "Users", "container");
    list_domain(domain, base);
    changed_.clear();
}

ObjectGuid DirectoryTree::make(const std::string& dn, const std::string& object_class,
                               std::vector<LdapAttribute> attributes) {
    attributes.push_back({"objectClass", {object_class}});
    const auto answer = add(&system_, dn, attributes);
    if (!answer.done()) {
        throw std::logic_error(dn + " was refused: " + std::to_string(answer.code) + " " +
                               answer.diagnostic);
    }
    return find(Dn(dn))->guid;
}

}  // namespace writeback::fakes
