#include "directory/forest_principals.hpp"

#include "directory/directory_reads.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr std::size_t most_names = 10'000;

const std::vector<std::string>& wanted_attributes() {
    static const std::vector<std::string> names = {"objectSid", "objectGUID", "objectClass",
                                                   "groupType"};
    return names;
}

std::vector<Sid> each_once(std::vector<Sid> sids) {
    std::sort(sids.begin(), sids.end());
    sids.erase(std::unique(sids.begin(), sids.end()), sids.end());
    return sids;
}

bool is_of_connection(const Failure& why) {
    switch (why.kind) {
        case FailureKind::unreachable:
        case FailureKind::timed_out:
        case FailureKind::disconnected:
        case FailureKind::tls:
        case FailureKind::credentials:
        case FailureKind::invalid_configuration:
            return true;
        default:
            return false;
    }
}

Failure no_catalog(const Failure& why) {
    auto clear = why;
    clear.kind = FailureKind::unreachable;
    clear.detail =
        "No global catalog answers, which knows the accounts of the forest's other domains: " +
        why.detail + " Set directory.global_catalog where it is another server or port.";
    return clear;
}

}  // namespace

std::string global_catalog_of(const std::string& server_url) {
    const auto url = boost::urls::parse_uri(server_url);
    if (!url || url->host().empty()) return {};
    return std::string(url->scheme()) + "://" + std::string(url->encoded_host()) +
           (url->scheme() == "ldaps" ? ":3269" : ":3268");
}

Async<Result<std::vector<LdapEntry>>> ForestPrincipals::search(DirectorySession& session, Dn base,
                                                               std::vector<Sid> sids) {
    std::vector<LdapEntry> found;
    for (std::size_t first = 0; first < sids.size(); first += objects_per_search) {
        std::vector<std::string> values;
        for (auto i = first; i < std::min(first + objects_per_search, sids.size()); ++i) {
            if (const auto bytes = bytes_of(sids[i])) values.push_back(escape_bytes(*bytes));
        }
        if (values.empty()) continue;
        auto entries = co_await session.search_all(
            DirectoryAction::read,
            search_below(base, any_of("objectSid", values), wanted_attributes()));
        if (!entries) co_return entries.error();
        std::move(entries->begin(), entries->end(), std::back_inserter(found));
    }
    co_return found;
}

Async<Result<std::vector<Principal>>> ForestPrincipals::look_up(std::vector<Sid> sids) {
    const auto self = shared_from_this();
    sids = each_once(std::move(sids));
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto entries = co_await search(*session_, (*facts)->naming_context, sids);
    if (!entries) co_return entries.error();
    std::vector<Principal> found;
    std::set<Sid> answered;
    for (const auto& entry : *entries) {
        auto principal = principal_of(entry);
        if (!principal) co_return principal.error();
        if (!*principal) continue;
        answered.insert((*principal)->sid);
        found.push_back(std::move(**principal));
    }
    // Our domain has said all there is to say of its own accounts.
    std::erase_if(sids, [&](const Sid& sid) {
        return answered.contains(sid) || is_account_of(sid, (*facts)->domain_sid) ||
               !sid.text().starts_with("S-1-5-21-");
    });
    if (sids.empty()) co_return found;
    auto in_forest = co_await domains();
    if (!in_forest) co_return in_forest.error();
    if (*in_forest) {
        std::erase_if(sids, [&](const Sid& sid) {
            return std::none_of((*in_forest)->begin(), (*in_forest)->end(),
                                [&](const Sid& domain) { return is_account_of(sid, domain); });
        });
    }
    if (sids.empty()) co_return found;
    auto elsewhere = co_await search_forest(std::move(sids));
    if (!elsewhere) co_return elsewhere.error();
    std::move(elsewhere->begin(), elsewhere->end(), std::back_inserter(found));
    co_return found;
}

Async<Result<std::vector<Principal>>> ForestPrincipals::search_forest(std::vector<Sid> sids) {
    const auto catalog = this->catalog(session_->state().server);
    if (!catalog) {
        co_return failure(FailureKind::cancelled, "The directory connection is closed.");
    }
    // The root of all: a catalog holds every domain of the forest below it.
    auto entries = co_await search(*catalog, Dn(), std::move(sids));
    if (!entries && is_of_connection(entries.error())) co_return no_catalog(entries.error());
    if (!entries) co_return entries.error();
    std::vector<Principal> found;
    for (const auto& entry : *entries) {
        auto principal = principal_of(entry);
        if (!principal) co_return principal.error();
        if (!*principal) continue;
        (*principal)->same_domain = false;
        found.push_back(std::move(**principal));
    }
    co_return found;
}

Async<Result<ForestPrincipals::Domains>> ForestPrincipals::domains() {
    static const std::vector<std::string> wanted = {"nCName"};
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    const auto connection = session_->connection_number();
    if (domains_read_on_ == connection) co_return domains_;
    auto search = search_below(Dn("CN=Partitions," + (*facts)->configuration_context.text()),
                               "(&(objectClass=crossRef)(nETBIOSName=*))", wanted);
    search.extended_names = true;
    auto entries = co_await session_->search_all(DirectoryAction::read, std::move(search));
    if (!entries && is_of_connection(entries.error())) co_return entries.error();
    Domains found = std::vector<Sid>{(*facts)->domain_sid};
    if (!entries || entries->empty()) found.reset();
    for (std::size_t i = 0; found && i < entries->size(); ++i) {
        const auto text = (*entries)[i].first("nCName").value_or("");
        const auto name = parse_extended_name(text);
        if (same_name(name ? name->dn : Dn(text), (*facts)->naming_context)) continue;
        // One domain without a known SID, and any SID may be of that domain.
        if (!name || name->sid.empty()) {
            found.reset();
        } else {
            found->push_back(name->sid);
        }
    }
    domains_ = std::move(found);
    domains_read_on_ = connection;
    co_return domains_;
}

std::shared_ptr<DirectorySession> ForestPrincipals::catalog(const std::string& server) {
    if (stopped_) return nullptr;
    auto servers = session_->config().global_catalog;
    if (servers.empty()) servers.push_back(global_catalog_of(server));
    if (catalog_ && catalog_->config().servers == servers) return catalog_;
    if (catalog_) catalog_->close();
    auto config = session_->config();
    config.servers = std::move(servers);
    catalog_ = std::make_shared<DirectorySession>(
        std::move(config), session_->clock(), session_->log(), session_->metrics(),
        session_->connectors(), LdapServerKind::global_catalog);
    return catalog_;
}

Async<Result<std::map<Sid, Dn>>> ForestPrincipals::names_of(std::vector<Sid> sids) {
    const auto self = shared_from_this();
    std::map<Sid, Dn> names;
    std::vector<Sid> unknown;
    for (auto& sid : sids) {
        const auto known = names_.find(sid);
        if (known == names_.end()) {
            unknown.push_back(std::move(sid));
        } else {
            names.insert(*known);
        }
    }
    if (unknown.empty()) co_return names;
    auto found = co_await look_up(std::move(unknown));
    if (!found) co_return found.error();
    if (names_.size() + found->size() > most_names) names_.clear();
    for (auto& principal : *found) {
        names_.insert_or_assign(principal.sid, principal.dn);
        names.insert_or_assign(std::move(principal.sid), std::move(principal.dn));
    }
    co_return names;
}

Async<Result<std::map<Sid, Dn>>> ForestPrincipals::names_to_remove(std::vector<Sid> sids) {
    const auto self = shared_from_this();
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto entries = co_await search(*session_, (*facts)->naming_context, sids);
    if (!entries) co_return entries.error();
    std::map<Sid, Dn> names;
    for (const auto& entry : *entries) {
        auto identity = identity_of(entry);
        if (!identity) co_return identity.error();
        names.insert_or_assign(identity->sid, Dn(entry.dn));
    }
    std::erase_if(sids, [&](const Sid& sid) { return names.contains(sid); });
    if (sids.empty()) co_return names;
    auto elsewhere = co_await names_of(std::move(sids));
    if (!elsewhere) co_return elsewhere.error();
    names.merge(*elsewhere);
    co_return names;
}

void ForestPrincipals::forget(const std::vector<Sid>& sids) {
    for (const auto& sid : sids)
        names_.erase(sid);
}

void ForestPrincipals::close() {
    stopped_ = true;
    if (catalog_) catalog_->close();
}

Async<void> ForestPrincipals::stop() {
    const auto self = shared_from_this();
    close();
    if (catalog_) co_await catalog_->stop();
}

}  // namespace writeback
