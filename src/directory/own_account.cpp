#include "directory/own_account.hpp"

#include "directory/directory_reads.hpp"
#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

bool is_account(const LdapEntry& entry) {
    const auto* classes = entry.find("objectClass");
    if (classes == nullptr) return false;
    for (const auto& one : *classes) {
        if (lower_case(one) == "user") return true;  // computers and service accounts are users too
    }
    return false;
}

// The domain's short name, from the list of the forest's parts; the domain's first label otherwise.
Async<Result<std::string>> read_domain_name(DirectorySession& session,
                                            std::shared_ptr<const ServerFacts> facts) {
    std::vector<std::string> wanted(1, "nETBIOSName");
    auto search = search_below(Dn("CN=Partitions," + facts->configuration_context.text()),
                               "(&(objectClass=crossRef)(nCName=" +
                                   escape_filter_value(facts->naming_context.text()) + "))",
                               std::move(wanted));
    auto entries = co_await session.search_all(DirectoryAction::read, std::move(search));
    if (!entries && entries.error().kind != FailureKind::not_found) co_return entries.error();
    if (entries && entries->size() == 1) {
        if (auto name = entries->front().first("nETBIOSName")) co_return *name;
    }
    const auto& context = facts->naming_context.text();
    const auto begin = context.find('=') + 1;
    co_return context.substr(begin, context.find(',') - begin);
}

}  // namespace

Async<Result<OwnAccount>> read_own_account(DirectorySession& session) {
    static const std::vector<std::string> wanted = {"objectClass", "sAMAccountName"};
    auto facts = co_await session.facts();
    if (!facts) co_return facts.error();
    // The account and its groups, in no order that is promised; the account is the one that is no
    // group.
    for (const auto& sid : (*facts)->token) {
        if (!is_account_of(sid, (*facts)->domain_sid)) continue;
        auto entry = co_await read_one_entry(
            session, search_of("<SID=" + sid.text() + ">", "(objectClass=*)", wanted));
        if (!entry) co_return entry.error();
        if (!*entry || !is_account(**entry)) continue;
        auto domain = co_await read_domain_name(session, *facts);
        if (!domain) co_return domain.error();
        OwnAccount account;
        account.dn = Dn((*entry)->dn);
        account.sid = sid;
        account.name = *domain + "\\" + (*entry)->first("sAMAccountName").value_or("");
        co_return account;
    }
    co_return failure(FailureKind::not_found,
                      "The server does not say which account of the domain " +
                          (*facts)->naming_context.text() + " we are bound as.");
}

}  // namespace writeback
