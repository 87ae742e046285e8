#include "directory/group_writer.hpp"

#include "directory/directory_reads.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// The identities behind the values of attributes that name objects.
void collect(std::vector<AdIdentity>& identities, const std::vector<std::string>& keys) {
    for (const auto& key : keys)
        identities.push_back(identity_of_key(key));
}

Result<Done> translate(std::vector<std::string>& values, const std::string& attribute,
                       const ServerFacts& facts, const ForeignNames& names) {
    if (!names_objects(facts.group_attributes, attribute)) return Done{};
    auto translated = object_values(attribute, values, facts.domain_sid, names);
    if (!translated) return translated.error();
    values = std::move(*translated);
    return Done{};
}

}  // namespace

Async<Result<GroupWriter::Names>> GroupWriter::names_for(std::vector<AdIdentity> identities) {
    Names names;
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    names.facts = *facts;
    auto sids = foreign_sids(identities, names.facts->domain_sid);
    if (sids.empty()) co_return names;
    auto found = co_await principals_->names_of(std::move(sids));
    if (!found) co_return found.error();
    names.foreign = std::move(*found);
    co_return names;
}

Async<Result<GroupWriter::Names>> GroupWriter::names_for_removal(std::vector<AdIdentity>& members) {
    Names names;
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    names.facts = *facts;
    auto sids = foreign_sids(members, names.facts->domain_sid);
    if (sids.empty()) co_return names;
    auto found = co_await principals_->names_to_remove(std::move(sids));
    if (found) names.foreign = std::move(*found);
    for (auto& member : members) {
        const bool unnamed = !member.sid.empty() && !member.guid.empty() &&
                             !is_account_of(member.sid, names.facts->domain_sid) &&
                             !names.foreign.contains(member.sid);
        if (unnamed) member.sid = Sid();
    }
    // Without a catalog a removal goes on as far as it can: it must not wait for want of a name.
    const auto left = foreign_sids(members, names.facts->domain_sid);
    const bool all_named = std::all_of(left.begin(), left.end(),
                                       [&](const Sid& sid) { return names.foreign.contains(sid); });
    if (!found && !all_named) co_return found.error();
    co_return names;
}

Async<Result<bool>> GroupWriter::renew(Names& names) {
    if (names.foreign.empty()) co_return false;
    std::vector<Sid> sids;
    for (const auto& [sid, name] : names.foreign)
        sids.push_back(sid);
    principals_->forget(sids);
    auto found = co_await principals_->names_of(std::move(sids));
    if (!found) co_return found.error();
    const bool others = *found != names.foreign;
    names.foreign = std::move(*found);
    co_return others;
}

Async<Result<CreatedGroup>> GroupWriter::create(DesiredGroup group,
                                                std::vector<AdIdentity> members) {
    auto known = co_await session_->facts();
    if (!known) co_return known.error();
    const auto connection = session_->connection_number();
    auto named = members;
    for (const auto& [name, values] : group.attributes) {
        if (names_objects((*known)->group_attributes, name)) collect(named, values);
    }
    auto names = co_await names_for(std::move(named));
    if (!names) co_return names.error();
    auto created = co_await add(connection, group, members, *names);
    if (created || created.error().kind != FailureKind::member_refused) co_return created;
    auto renewed = co_await renew(*names);
    if (!renewed || !*renewed) co_return created;
    co_return co_await add(connection, std::move(group), std::move(members), std::move(*names));
}

// Another domain controller may not know what the caller has seen, or has not seen, on this one.
Async<Result<CreatedGroup>> GroupWriter::add(std::uint64_t connection, DesiredGroup group,
                                             std::vector<AdIdentity> members, Names names) {
    auto values = member_values(members, names.facts->domain_sid, names.foreign);
    if (!values) co_return values.error();
    for (auto& [name, of_attribute] : group.attributes) {
        auto done = translate(of_attribute, name, *names.facts, names.foreign);
        if (!done) co_return done.error();
    }
    auto attributes = attributes_of_new(group, std::move(*values));
    if (!attributes) co_return attributes.error();
    const auto dn = name_in(group.container, group.cn);
    auto connected = co_await session_->connection();
    if (!connected) co_return connected.error();
    if (session_->connection_number() != connection) {
        co_return failure(
            FailureKind::unreachable,
            "The connection to the directory changed before " + dn.text() + " was made.");
    }
    auto added = co_await session_->add(DirectoryAction::create, dn.text(), std::move(*attributes));
    if (!added) co_return added.error();
    auto created = co_await read_created(dn);
    if (!created && created.error().kind != FailureKind::cancelled) {
        co_return failure(
            FailureKind::timed_out,
            "The group " + dn.text() +
                " was added, but could not be read afterwards: " + created.error().detail,
            created.error().code);
    }
    co_return created;
}

Async<Result<CreatedGroup>> GroupWriter::read_created(Dn dn) {
    static const std::vector<std::string> wanted = {"objectGUID", "objectSid"};
    auto entry =
        co_await read_one_entry(*session_, search_of(dn.text(), "(objectClass=*)", wanted));
    if (!entry) co_return entry.error();
    if (!*entry) co_return failure(FailureKind::not_found, dn.text() + " is not to be seen.");
    auto identity = identity_of(**entry);
    if (!identity) co_return identity.error();
    co_return CreatedGroup{identity->guid, identity->sid, dn};
}

Async<Result<Done>> GroupWriter::modify(WriteTarget target, std::vector<AttributeChange> changes) {
    auto known = co_await session_->facts();
    if (!known) co_return known.error();
    std::vector<AdIdentity> named;
    for (const auto& change : changes) {
        if (names_objects((*known)->group_attributes, change.name)) collect(named, change.values);
    }
    auto names = co_await names_for(std::move(named));
    if (!names) co_return names.error();
    for (auto& change : changes) {
        auto done = translate(change.values, change.name, *names->facts, names->foreign);
        if (!done) co_return done.error();
    }
    auto guarded = guarded_changes(target.group, changes);
    co_return co_await write(DirectoryAction::modify, std::move(target), std::move(guarded));
}

Async<Result<Done>> GroupWriter::write(DirectoryAction action, WriteTarget target,
                                       std::vector<LdapChange> changes) {
    auto reply = co_await session_->modify(action, target.dn.text(), std::move(changes));
    if (!reply) co_return co_await explain(reply.error(), target.dn);
    co_return Done{};
}

Async<Result<Dn>> GroupWriter::rename(WriteTarget target, std::string new_cn) {
    auto proven = co_await prove(DirectoryAction::rename, target);
    if (!proven) co_return proven.error();
    auto reply = co_await session_->rename(DirectoryAction::rename, target.dn.text(),
                                           common_name(new_cn), std::string());
    if (!reply) co_return co_await explain(reply.error(), target.dn);
    co_return name_in(container_of(target.dn), new_cn);
}

Async<Result<Dn>> GroupWriter::move(WriteTarget target, Dn new_container) {
    auto proven = co_await prove(DirectoryAction::move, target);
    if (!proven) co_return proven.error();
    // prove() has shown that the name can be read.
    const auto name = parse_name(target.dn.text());
    const auto first = to_text(DistinguishedName{name->front()});
    auto reply = co_await session_->rename(DirectoryAction::move, target.dn.text(), first,
                                           new_container.text());
    if (!reply) {
        auto refusal = co_await explain(reply.error(), target.dn);
        refusal.detail += " It was to move to " + new_container.text() + ".";
        co_return refusal;
    }
    co_return Dn(first + "," + new_container.text());
}

Async<Result<Done>> GroupWriter::convert(WriteTarget target, std::int32_t from, std::int32_t to) {
    for (const auto step : conversion_steps(from, to)) {
        auto changes = proof_of_mark(target.group);
        changes.push_back({LdapChangeKind::replace, "groupType",
                           std::vector<std::string>(1, std::to_string(step))});
        auto done = co_await write(DirectoryAction::convert, target, std::move(changes));
        if (done) continue;
        auto refusal = done.error();
        refusal.detail += " It was to become a " + group_type_text(step) + " group, from " +
                          group_type_text(from) + ".";
        co_return refusal;
    }
    co_return Done{};
}

Async<Result<Done>> GroupWriter::add_members(WriteTarget target, std::vector<AdIdentity> members) {
    auto names = co_await names_for(members);
    if (!names) co_return names.error();
    auto done = co_await change_members(DirectoryAction::add_members, target, members, *names);
    if (done || done.error().kind != FailureKind::member_refused) co_return done;
    auto renewed = co_await renew(*names);
    if (!renewed || !*renewed) co_return done;
    co_return co_await change_members(DirectoryAction::add_members, std::move(target),
                                      std::move(members), std::move(*names));
}

Async<Result<Done>> GroupWriter::remove_members(WriteTarget target,
                                                std::vector<AdIdentity> members) {
    auto names = co_await names_for_removal(members);
    if (!names) co_return names.error();
    co_return co_await change_members(DirectoryAction::remove_members, std::move(target),
                                      std::move(members), std::move(*names));
}

Async<Result<Done>> GroupWriter::change_members(DirectoryAction action, WriteTarget target,
                                                std::vector<AdIdentity> members, Names names) {
    if (members.empty()) co_return Done{};
    auto values = member_values(members, names.facts->domain_sid, names.foreign);
    if (!values) co_return values.error();
    auto changes = proof_of_mark(target.group);
    const bool adding = action == DirectoryAction::add_members;
    changes.push_back(
        {adding ? LdapChangeKind::add : LdapChangeKind::remove, "member", std::move(*values)});
    co_return co_await write(action, std::move(target), std::move(changes));
}

Async<Result<Done>> GroupWriter::remove(WriteTarget target) {
    auto proven = co_await prove(DirectoryAction::remove, target);
    if (!proven) co_return proven.error();
    auto reply = co_await session_->remove(DirectoryAction::remove, target.dn.text());
    if (!reply) co_return co_await explain(reply.error(), target.dn);
    co_return Done{};
}

}  // namespace writeback
