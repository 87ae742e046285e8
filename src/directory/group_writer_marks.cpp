// Whose object it is: the proof before a write, the exchange of marks, the return of a deleted
// group, and what a refusal means.
#include "directory/directory_reads.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/group_entry.hpp"
#include "directory/group_writer.hpp"
#include "directory/ldap_text.hpp"
#include "directory/own_account.hpp"

#include <utility>

namespace writeback {

namespace {

Failure contradiction(const Dn& dn, const std::string& what) {
    return failure(FailureKind::contradiction, dn.text() + " " + what + "; it is read again.");
}

// Refusals whose cause the answer does not name: the group itself may tell.
bool unexplained(const Failure& refusal) {
    return refusal.kind == FailureKind::forbidden ||
           (refusal.code.starts_with("LDAP 53") &&
            (refusal.kind == FailureKind::contradiction || refusal.kind == FailureKind::refused));
}

}  // namespace

Async<Result<LdapEntry>> GroupWriter::read_same(DirectoryAction action, ObjectGuid guid, Dn dn) {
    static const std::vector<std::string> wanted = {"objectGUID", "adminDescription"};
    if (auto name = parse_name(dn.text()); !name || name->empty()) {
        co_return failure(FailureKind::internal, "\"" + dn.text() + "\" is no name of a group.");
    }
    auto reply = co_await session_->search(DirectoryAction::read,
                                           search_of(dn.text(), "(objectClass=*)", wanted));
    if (!reply) co_return reply.error();
    if (reply->entries.size() != 1) {
        co_return failure(FailureKind::not_found, "There is no " + dn.text() + " to " +
                                                      std::string(words_of(action)) + ".");
    }
    auto& entry = reply->entries.front();
    auto identity = identity_of(entry);
    if (!identity) co_return identity.error();
    if (identity->guid != guid) {
        co_return contradiction(dn, "is another object now (" + identity->guid.text() + ")");
    }
    co_return std::move(entry);
}

Async<Result<Done>> GroupWriter::prove(DirectoryAction action, WriteTarget target) {
    auto entry = co_await read_same(action, target.guid, target.dn);
    if (!entry) co_return entry.error();
    if (entry->first("adminDescription") != mark_of(target.group)) {
        co_return contradiction(target.dn, "no longer bears the mark " + mark_of(target.group));
    }
    co_return Done{};
}

Async<Result<Done>> GroupWriter::replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                              std::string after) {
    auto entry = co_await read_same(DirectoryAction::replace_mark, guid, dn);
    if (!entry) co_return entry.error();
    if (entry->first("adminDescription").value_or("") != before) {
        co_return contradiction(
            dn, before.empty() ? "bears a mark meanwhile" : "no longer bears the mark " + before);
    }
    if (before == after) co_return Done{};
    // The directory compares once more, in the modify itself.
    auto reply = co_await session_->modify(DirectoryAction::replace_mark, dn.text(),
                                           exchange_of_mark(before, after));
    if (!reply) co_return co_await explain(reply.error(), dn);
    co_return Done{};
}

Async<Result<CreatedGroup>> GroupWriter::reanimate(DeletedGroup deleted, DesiredGroup desired) {
    auto known = co_await session_->facts();
    if (!known) co_return known.error();
    std::vector<AdIdentity> named;
    for (const auto& [name, values] : desired.attributes) {
        if (!names_objects((*known)->group_attributes, name)) continue;
        for (const auto& key : values)
            named.push_back(identity_of_key(key));
    }
    auto names = co_await names_for(std::move(named));
    if (!names) co_return names.error();
    for (auto& [name, values] : desired.attributes) {
        if (!names_objects(names->facts->group_attributes, name)) continue;
        auto translated = object_values(name, values, names->facts->domain_sid, names->foreign);
        if (!translated) co_return translated.error();
        values = std::move(*translated);
    }
    auto account_name = co_await name_for_restored(deleted, desired.sam_account_name);
    if (!account_name) co_return account_name.error();
    auto changes = reanimation(desired, *account_name);
    if (!changes) co_return changes.error();
    auto revived = co_await session_->modify(DirectoryAction::reanimate, deleted.dn.text(),
                                             std::move(*changes), true);
    if (!revived) co_return revived.error();
    const auto dn = name_in(desired.container, desired.cn);
    auto created = co_await read_created(dn);
    if (!created && created.error().kind != FailureKind::cancelled) {
        co_return failure(
            FailureKind::timed_out,
            "The group " + dn.text() +
                " was restored, but could not be read afterwards: " + created.error().detail,
            created.error().code);
    }
    if (created && created->guid != deleted.guid) {
        co_return contradiction(dn, "is another object than the restored one");
    }
    co_return created;
}

// It keeps its sAMAccountName (nothing is to be written), unless somebody took that meanwhile,
// which Samba would not notice.
Async<Result<std::string>> GroupWriter::name_for_restored(DeletedGroup deleted,
                                                          std::string otherwise) {
    std::vector<std::string> wanted(1, "sAMAccountName");
    auto search = search_of(deleted.dn.text(), "(objectClass=*)", std::move(wanted));
    search.show_deleted = true;
    auto entry = co_await read_one_entry(*session_, std::move(search));
    if (!entry) co_return entry.error();
    // What is not to be seen is not to be restored either: the directory says so itself.
    const auto kept = *entry ? (*entry)->first("sAMAccountName").value_or("") : std::string();
    if (kept.empty()) co_return *entry ? otherwise : std::string();
    const std::vector<std::string> candidates = {kept, otherwise};
    for (const auto& name : candidates) {
        auto free = co_await is_free(name);
        if (!free) co_return free.error();
        if (*free) co_return name == kept ? std::string() : name;
    }
    co_return failure(FailureKind::name_in_use,
                      "The group " + deleted.last_cn + " cannot be restored: its sAMAccountName " +
                          kept + " is in use meanwhile, and so is " + otherwise + ".");
}

Async<Result<bool>> GroupWriter::is_free(std::string sam_account_name) {
    static const std::vector<std::string> wanted = {"objectGUID"};
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto holders = co_await session_->search_all(
        DirectoryAction::read,
        search_below((*facts)->naming_context,
                     "(sAMAccountName=" + escape_filter_value(sam_account_name) + ")", wanted));
    if (!holders) co_return holders.error();
    co_return holders->empty();
}

// A group whose source of authority is enforced is refused like one that we have no rights on, or
// with a code of which nothing is documented.
Async<Failure> GroupWriter::explain(Failure refusal, Dn dn) {
    static const std::vector<std::string> wanted = {"msDS-ObjectSoa"};
    if (refusal.kind != FailureKind::enforcement && !unexplained(refusal)) co_return refusal;
    auto entry =
        co_await read_one_entry(*session_, search_of(dn.text(), "(objectClass=*)", wanted));
    const auto authority = entry && *entry ? (*entry)->first("msDS-ObjectSoa") : std::nullopt;
    if (!authority && refusal.kind != FailureKind::enforcement) co_return refusal;
    const auto account = co_await read_own_account(*session_);
    const std::string who =
        account ? account->name + " (" + account->sid.text() + ")" : "this program's account";
    refusal.kind = FailureKind::enforcement;
    refusal.detail += " Its source of authority is \"" + authority.value_or("set") +
                      "\" (msDS-ObjectSoa), and the domain enforces that: add the SID of " + who +
                      " to the break-glass list (msDS-Settings) of the policy below "
                      "CN=SOA-Policies,CN=System.";
    co_return refusal;
}

}  // namespace writeback
