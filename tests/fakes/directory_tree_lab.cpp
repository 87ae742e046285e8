#include "fakes/directory_tree_lab.hpp"

#include <cstdio>
#include <utility>

namespace writeback::fakes {

namespace {

const std::string base = "DC=lab,DC=test";

void make_child_domain(DirectoryTree& tree) {
    tree.add_domain(Dn(lab_child_domain), "CHILD", Sid("S-1-5-21-2000478354-448539723-725345543"));
    const std::string users = std::string("CN=Users,") + lab_child_domain;
    for (const char* name : {"child0001", "child0002", "child0003"}) {
        tree.make(std::string("CN=") + name + "," + users, "user",
                  {{"sAMAccountName", {name}}, {"userAccountControl", {"546"}}});
    }
    for (const auto& [name, type] : {std::pair("Child Universal", "-2147483640"),
                                     {"Child Global", "-2147483646"},
                                     {"Child Local", "-2147483644"}}) {
        tree.make(std::string("CN=") + name + "," + users, "group",
                  {{"sAMAccountName", {name}}, {"groupType", {type}}});
    }
}

}  // namespace

std::set<std::string> lab_rights(bool exchange) {
    std::set<std::string> rights = {"cn",
                                    "name",
                                    "member",
                                    "samaccountname",
                                    "grouptype",
                                    "displayname",
                                    "displaynameprintable",
                                    "description",
                                    "mail",
                                    "admindescription",
                                    "proxyaddresses",
                                    "info",
                                    "managedby",
                                    "msds-externaldirectoryobjectid"};
    if (exchange) {
        for (const char* name : {"mailNickname", "legacyExchangeDN", "msExchRecipientDisplayType",
                                 "msExchRequireAuthToSendTo", "msExchHideFromAddressLists",
                                 "hideDLMembership", "reportToOriginator", "oOFReplyToOriginator",
                                 "authOrig", "msExchCoManagedByLink", "targetAddress"})
            rights.insert(lower(name));
    }
    return rights;
}

void furnish_lab(DirectoryTree& tree, const LabOptions& options) {
    for (const char* unit : {"CloudGroups", "People", "Other", "Service Accounts"})
        tree.make(std::string("OU=") + unit + "," + base, "organizationalUnit");
    tree.make("CN=Outside,OU=Other," + base, "group",
              {{"sAMAccountName", {"Outside"}}, {"groupType", {"-2147483640"}}});
    tree.make(
        lab_service_account, "user",
        {{"sAMAccountName", {"svc-writeback"}}, {"userPrincipalName", {"svc-writeback@lab.test"}}});
    tree.make(lab_administrator, "user", {{"sAMAccountName", {"Administrator"}}});
    for (int number = 1; number <= options.users; ++number) {
        char name[16];
        std::snprintf(name, sizeof name, "user%04d", number);
        tree.make(std::string("CN=") + name + "," + lab_people, "user",
                  {{"sAMAccountName", {name}},
                   {"userPrincipalName", {std::string(name) + "@lab.test"}},
                   {"displayName", {"User " + std::string(name + 4)}},
                   {"userAccountControl", {"546"}}});
    }
    if (options.child_domain) make_child_domain(tree);
    TreeAccount service;
    service.dn = Dn(lab_service_account);
    service.password = options.service_password;
    service.delegations.push_back({Dn(lab_container), lab_rights(options.exchange_rights)});
    tree.add_account(std::move(service));
    TreeAccount administrator;
    administrator.dn = Dn(lab_administrator);
    administrator.password = options.administrator_password;
    administrator.administrator = true;
    tree.add_account(std::move(administrator));
}

}  // namespace writeback::fakes
