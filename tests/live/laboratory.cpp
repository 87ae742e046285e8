#include "live/laboratory.hpp"

#include "directory/ldap_connection_opening.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <utility>

namespace writeback::testing {

namespace {

std::string random_digits(int count) {
    static std::random_device source;
    std::string text;
    while (count-- > 0)
        text += "0123456789abcdef"[source() % 16];
    return text;
}

std::string random_guid() {
    return random_digits(8) + "-" + random_digits(4) + "-4" + random_digits(3) + "-8" +
           random_digits(3) + "-" + random_digits(12);
}

}  // namespace

std::string setting(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) {
        throw std::runtime_error(std::string(name) +
                                 " is not set: run this test through meson, which starts a domain "
                                 "controller for it");
    }
    return value;
}

Dialect dialect() {
    const char* named = std::getenv("SAMBA_DIALECT");
    return named != nullptr && std::string(named) == "windows" ? Dialect::windows : Dialect::samba;
}

void samba_dc(const std::string& command) {
    const std::string line =
        "'" + setting("SAMBA_DC") + "' " + command + " --folder '" + setting("SAMBA_FOLDER") + "'";
    if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
}

DirectoryConfig Laboratory::config() {
    DirectoryConfig config;
    config.servers = {setting("SAMBA_URL")};
    config.bind_dn = setting("SAMBA_BIND_DN");
    config.password_file = setting("SAMBA_PASSWORD_FILE");
    config.ca_file = setting("SAMBA_CA_FILE");
    config.container = setting("SAMBA_CONTAINER");
    // A domain controller's stands at its own port 3269.
    if (const char* catalog = std::getenv("SAMBA_GLOBAL_CATALOG")) {
        config.global_catalog = {catalog};
    }
    return config;
}

Laboratory::Laboratory() : Laboratory(config()) {}

Laboratory::Laboratory(DirectoryConfig config)
    : directory(std::make_unique<ActiveDirectory>(loop.context.get_executor(), std::move(config),
                                                  clock, log, metrics)) {}

Laboratory::~Laboratory() {
    if (administrator_) administrator_->close();
    loop.run(directory->stop());
}

DesiredGroup Laboratory::new_group(const std::string& name) {
    DesiredGroup group;
    group.id = GroupId(random_guid());
    group.container = Dn(setting("SAMBA_CONTAINER"));
    group.cn = name + " " + group.id.text().substr(24);
    group.sam_account_name = "t-" + group.id.text().substr(24);
    group.attributes["displayName"] = {name};
    group.attributes["adminDescription"] = {mark_of(group.id)};
    return group;
}

std::vector<User> Laboratory::users(std::size_t count) {
    LdapSearch search;
    search.base = setting("SAMBA_PEOPLE");
    search.scope = LdapScope::subtree;
    search.filter = "(objectClass=user)";
    search.attributes = {"objectGUID", "objectSid"};
    const auto entries = find(search);
    if (entries.size() < count) {
        throw std::runtime_error("the directory does not have " + std::to_string(count) + " users");
    }
    std::vector<User> users;
    for (const auto& entry : entries) {
        users.push_back({entry.dn,
                         {sid_from_bytes(entry.first("objectSid").value()).value(),
                          guid_from_bytes(entry.first("objectGUID").value()).value()}});
    }
    std::sort(users.begin(), users.end(), [](const User& a, const User& b) { return a.dn < b.dn; });
    users.resize(count);
    return users;
}

WriteTarget Laboratory::create(const DesiredGroup& group, const std::vector<AdIdentity>& members) {
    auto created = loop.run(writer().create(group, members));
    if (!created) throw std::runtime_error(created.error().detail);
    return {group.id, created->guid, created->dn};
}

DirectoryGroup Laboratory::read(const ObjectGuid& guid, std::vector<std::string> attributes) {
    auto group = loop.run(reader().read_group(guid, std::move(attributes)));
    if (!group) throw std::runtime_error(group.error().detail);
    if (!*group) throw std::runtime_error("no group has the GUID " + guid.text());
    return **group;
}

LdapConnection& Laboratory::administrator() {
    if (administrator_ && administrator_->open()) return *administrator_;
    LdapLimits limits;
    limits.connect_timeout = std::chrono::seconds(30);
    limits.operation_timeout = std::chrono::seconds(60);
    const auto opening = std::make_shared<LdapOpening>(
        loop.context.get_executor(),
        LdapEndpoint{setting("SAMBA_URL"), false, setting("SAMBA_CA_FILE")},
        LdapCredentials{Bind::simple, setting("SAMBA_ADMIN_DN"),
                        setting("SAMBA_ADMIN_PASSWORD_FILE")},
        limits);
    auto opened = loop.run(opening->run());
    if (!opened) throw std::runtime_error(opened.error().detail);
    administrator_ = *opened;
    return *administrator_;
}

std::vector<LdapEntry> Laboratory::find(LdapSearch search) {
    std::vector<LdapEntry> entries;
    search.page_size = 500;
    do {
        auto reply = loop.run(administrator().search(search));
        if (!reply) throw std::runtime_error(reply.error().detail);
        if (reply->code != 0) throw std::runtime_error(reply->diagnostic);
        entries.insert(entries.end(), reply->entries.begin(), reply->entries.end());
        search.page_cookie = reply->page_cookie;
    } while (!search.page_cookie.empty());
    return entries;
}

void Laboratory::add(const std::string& dn, std::vector<LdapAttribute> attributes) {
    auto reply = loop.run(administrator().add(dn, std::move(attributes)));
    if (!reply) throw std::runtime_error(reply.error().detail);
    if (reply->code != 0) throw std::runtime_error(dn + ": " + reply->diagnostic);
}

void Laboratory::change(const std::string& dn, std::vector<LdapChange> changes) {
    auto reply = loop.run(administrator().modify(dn, std::move(changes)));
    if (!reply) throw std::runtime_error(reply.error().detail);
    if (reply->code != 0) throw std::runtime_error(dn + ": " + reply->diagnostic);
}

}  // namespace writeback::testing
