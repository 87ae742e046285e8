#include "directory/group_writer.hpp"

#include "directory/distinguished_name.hpp"
#include "directory/group_changes.hpp"
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

LdapSearch base_search(const Dn& dn, const std::vector<std::string>& attributes) {
    LdapSearch search;
    search.base = dn.text();
    search.attributes = attributes;
    return search;
}

Failure contradiction(const Dn& dn, const std::string& what) {
    return failure(FailureKind::contradiction, dn.text() + " " + what + "; it is read again.");
}

}  // namespace

Async<Result<CreatedGroup>> GroupWriter::create(DesiredGroup group,
                                                std::vector<AdIdentity> members) {
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto values = member_values(members, facts->domain_sid);
    if (!values) co_return values.error();
    auto attributes = attributes_of_new(group, std::move(*values));
    if (!attributes) co_return attributes.error();
    const auto dn = name_in(group.container, group.cn);
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
    auto reply = co_await session_->search(DirectoryAction::read, base_search(dn, wanted));
    if (!reply) co_return reply.error();
    if (reply->entries.size() != 1) {
        co_return failure(FailureKind::not_found, dn.text() + " is not to be seen.");
    }
    auto identity = identity_of(reply->entries.front());
    if (!identity) co_return identity.error();
    co_return CreatedGroup{identity->guid, identity->sid, dn};
}

Async<Result<Done>> GroupWriter::modify(WriteTarget target, std::vector<AttributeChange> changes) {
    auto guarded = guarded_changes(target.group, changes);
    return write(DirectoryAction::modify, std::move(target), std::move(guarded));
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
    if (!reply) co_return co_await explain(reply.error(), target.dn);
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
    return change_members(DirectoryAction::add_members, std::move(target), std::move(members));
}

Async<Result<Done>> GroupWriter::remove_members(WriteTarget target,
                                                std::vector<AdIdentity> members) {
    return change_members(DirectoryAction::remove_members, std::move(target), std::move(members));
}

Async<Result<Done>> GroupWriter::change_members(DirectoryAction action, WriteTarget target,
                                                std::vector<AdIdentity> members) {
    if (members.empty()) co_return Done{};
    auto facts = co_await session_->facts();
    if (!facts) co_return facts.error();
    auto values = member_values(members, facts->domain_sid);
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

Async<Result<Done>> GroupWriter::prove(DirectoryAction action, WriteTarget target) {
    static const std::vector<std::string> wanted = {"objectGUID", "adminDescription"};
    if (auto name = parse_name(target.dn.text()); !name || name->empty()) {
        co_return failure(FailureKind::internal,
                          "\"" + target.dn.text() + "\" is no name of a group.");
    }
    auto reply = co_await session_->search(DirectoryAction::read, base_search(target.dn, wanted));
    if (!reply) co_return reply.error();
    if (reply->entries.size() != 1) {
        co_return failure(FailureKind::not_found, "There is no " + target.dn.text() + " to " +
                                                      std::string(words_of(action)) + ".");
    }
    const auto& entry = reply->entries.front();
    auto identity = identity_of(entry);
    if (!identity) co_return identity.error();
    if (identity->guid != target.guid) {
        co_return contradiction(target.dn, "is another object now (" + identity->guid.text() + ")");
    }
    if (entry.first("adminDescription") != mark_of(target.group)) {
        co_return contradiction(target.dn, "no longer bears the mark " + mark_of(target.group));
    }
    co_return Done{};
}

// A refusal for want of rights says nothing of its cause: a group whose source of authority is
// enforced is refused like any other. The group itself tells.
Async<Failure> GroupWriter::explain(Failure refusal, Dn dn) {
    if (refusal.kind != FailureKind::forbidden) co_return refusal;
    static const std::vector<std::string> wanted = {"msDS-ObjectSoa"};
    auto reply = co_await session_->search(DirectoryAction::read, base_search(dn, wanted));
    if (!reply || reply->entries.empty()) co_return refusal;
    const auto authority = reply->entries.front().first("msDS-ObjectSoa");
    if (!authority) co_return refusal;
    refusal.kind = FailureKind::enforcement;
    refusal.detail += " Its source of authority is \"" + *authority +
                      "\" (msDS-ObjectSoa); where that is enforced, this account's SID must be on "
                      "the policy's list of exceptions.";
    co_return refusal;
}

Async<Result<CreatedGroup>> GroupWriter::reanimate(DeletedGroup, DesiredGroup) {
    co_return failure(FailureKind::refused, "reanimate is not answered yet.");
}

Async<Result<Done>> GroupWriter::replace_mark(ObjectGuid, Dn, std::string, std::string) {
    co_return failure(FailureKind::refused, "replace_mark is not answered yet.");
}

}  // namespace writeback
