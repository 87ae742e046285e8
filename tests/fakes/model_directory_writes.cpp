// The writer's half of the model directory.
#include "core/distinguished_name.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/group_changes.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/model_directory.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

std::string count_of(const std::string& what, const std::string& cn, std::size_t count) {
    return what + " " + cn + " " + std::to_string(count);
}

std::string cn_of(const Dn& dn) {
    return parse_name(dn.text())->front().front().value;
}

}  // namespace

Failure ModelDirectory::refusal(DirectoryAction action, const Dn& dn,
                                const TreeAnswer& answer) const {
    auto why = directory_failure(action, dn.text(), {answer.code, answer.diagnostic});
    // As the adapter does, which then asks the group.
    const auto* entry = tree.find(dn);
    if (why.kind == FailureKind::forbidden && entry != nullptr &&
        entry->first("msds-objectsoa") != nullptr) {
        why.kind = FailureKind::enforcement;
    }
    return why;
}

void ModelDirectory::check_place(const WriteTarget& target) const {
    const auto* entry = tree.find(target.dn);
    if (entry == nullptr || entry->guid != target.guid || mark_in(*entry) != target.group) return;
    if (!in_containers(target.dn)) throw std::logic_error("a write outside of the containers");
}

Result<Done> ModelDirectory::same_object(const ObjectGuid& guid, const Dn& dn) const {
    const auto* entry = tree.find(dn);
    if (entry == nullptr) {
        return failure(FailureKind::not_found, "No such object: " + dn.text(), "LDAP 32");
    }
    if (entry->guid != guid) {
        return failure(FailureKind::contradiction,
                       "The object at " + dn.text() + " is not the one that was meant.");
    }
    return Done{};
}

Result<Done> ModelDirectory::prove(const WriteTarget& target) const {
    if (auto same = same_object(target.guid, target.dn); !same) return same.error();
    if (mark_in(*tree.find(target.dn)) != target.group) {
        return failure(FailureKind::contradiction, target.dn.text() + " no longer bears our mark.");
    }
    check_place(target);
    return Done{};
}

// ----- values

std::string ModelDirectory::name_value(const std::string& key) const {
    const auto* entry = key.starts_with("S-") ? tree.find(Sid(key)) : tree.find(ObjectGuid(key));
    if (entry == nullptr || entry->deleted) {
        return key.starts_with("S-") ? "<SID=" + key + ">" : "<GUID=" + key + ">";
    }
    // The SID of an account elsewhere would become a foreign security principal.
    if (!tree.is_ours(*entry)) return tree.dn_of(*entry).text();
    return key.starts_with("S-") ? "<SID=" + key + ">" : "<GUID=" + key + ">";
}

Result<std::vector<std::string>> ModelDirectory::member_values(
    const std::vector<AdIdentity>& members) const {
    std::vector<std::string> values;
    for (const auto& member : members) {
        if (refused.contains(member.key())) {
            return failure(FailureKind::member_refused,
                           "The member " + member.key() + " is not accepted.", "LDAP 53 00002141");
        }
        auto value = name_value(member.key());
        const bool stranger =
            value.starts_with("<SID=") && !is_account_of(member.sid, tree.options().domain_sid);
        if (stranger) {
            return failure(FailureKind::member_refused,
                           "The member " + member.key() + " is no account of this forest.");
        }
        if (std::find(values.begin(), values.end(), value) != values.end()) {
            throw std::logic_error("a member twice in one modify");
        }
        values.push_back(std::move(value));
    }
    return values;
}

std::vector<std::string> ModelDirectory::raw_values(const std::string& attribute,
                                                    const std::vector<std::string>& values) const {
    const auto* type = tree.schema().find(attribute);
    if (type == nullptr || type->syntax != ValueSyntax::name) return values;
    std::vector<std::string> names;
    for (const auto& value : values) {
        const bool is_key = bytes_of(Sid(value)) || canonical_guid(value);
        names.push_back(is_key ? name_value(value) : value);
    }
    return names;
}

Result<std::vector<LdapAttribute>> ModelDirectory::attributes_of(
    const DesiredGroup& group, const std::vector<AdIdentity>& members) const {
    auto values = member_values(members);
    if (!values) return values.error();
    auto translated = group;
    for (auto& [name, of] : translated.attributes)
        of = raw_values(name, of);
    return attributes_of_new(translated, std::move(*values));
}

// ----- writes

Result<Done> ModelDirectory::write(DirectoryAction action, const WriteTarget& target,
                                   std::vector<LdapChange> changes) {
    check_place(target);
    const auto answer = tree.modify(account_, target.dn.text(), changes);
    if (!answer.done()) return refusal(action, target.dn, answer);
    return Done{};
}

Async<Result<CreatedGroup>> ModelDirectory::create(DesiredGroup group,
                                                   std::vector<AdIdentity> members) {
    if (const auto failed = co_await begin_call("create", true)) co_return *failed;
    const Dn dn = dn_in(group.container, group.cn);
    if (!in_containers(dn)) throw std::logic_error("a group outside of the containers");
    auto attributes = attributes_of(group, members);
    if (!attributes) co_return attributes.error();
    const bool free = tree.find(dn) == nullptr;
    const bool twice =
        free && group_of(group.id) != nullptr && in_containers(group_of(group.id)->dn);
    const auto answer = tree.add(account_, dn.text(), *attributes);
    if (!answer.done()) co_return refusal(DirectoryAction::create, dn, answer);
    if (twice) throw std::logic_error("a second object with one mark");
    const auto* entry = tree.find(dn);
    const CreatedGroup created{entry->guid, entry->sid, dn};
    if (const auto lost = obeyed(count_of("create-group", group.cn, members.size()))) {
        co_return *lost;
    }
    co_return created;
}

Async<Result<Done>> ModelDirectory::modify(WriteTarget target,
                                           std::vector<AttributeChange> changes) {
    if (const auto failed = co_await begin_call("modify", true)) co_return *failed;
    for (auto& change : changes) {
        if (refused_attributes.contains(change.name)) {
            co_return failure(FailureKind::value_refused,
                              "The attribute " + change.name + " has an invalid value.",
                              "LDAP 19 00002082");
        }
        change.values = raw_values(change.name, change.values);
    }
    auto done = write(DirectoryAction::modify, target, guarded_changes(target.group, changes));
    if (!done) co_return done.error();
    if (const auto lost = obeyed(count_of("modify-group", cn_of(target.dn), changes.size()))) {
        co_return *lost;
    }
    co_return Done{};
}

Async<Result<Dn>> ModelDirectory::rename_to(DirectoryAction action, WriteTarget target,
                                            std::string name, Dn parent) {
    const bool moves = action == DirectoryAction::move;
    if (const auto failed = co_await begin_call(moves ? "move" : "rename", true)) co_return *failed;
    auto proven = prove(target);
    if (!proven) co_return proven.error();
    if (!in_containers(dn_in(parent, name))) {
        throw std::logic_error("a move out of the containers");
    }
    const auto answer = tree.rename(account_, target.dn.text(), common_name(name), true,
                                    moves ? parent.text() : std::string());
    if (!answer.done()) co_return refusal(action, target.dn, answer);
    if (const auto lost = obeyed((moves ? "move-group " : "rename-group ") + name)) co_return *lost;
    co_return dn_in(parent, name);
}

Async<Result<Dn>> ModelDirectory::rename(WriteTarget target, std::string new_cn) {
    const auto parent = parent_of(target.dn);
    return rename_to(DirectoryAction::rename, std::move(target), std::move(new_cn), parent);
}

Async<Result<Dn>> ModelDirectory::move(WriteTarget target, Dn new_container) {
    const auto name = cn_of(target.dn);
    return rename_to(DirectoryAction::move, std::move(target), name, std::move(new_container));
}

Async<Result<Done>> ModelDirectory::convert(WriteTarget target, std::int32_t from,
                                            std::int32_t to) {
    if (const auto failed = co_await begin_call("convert", true)) co_return *failed;
    for (const auto step : conversion_steps(from, to)) {
        auto changes = proof_of_mark(target.group);
        changes.push_back({LdapChangeKind::replace, "groupType", {std::to_string(step)}});
        auto done = write(DirectoryAction::convert, target, std::move(changes));
        if (!done) co_return done.error();
    }
    if (const auto lost = obeyed("convert-group " + cn_of(target.dn))) co_return *lost;
    co_return Done{};
}

Async<Result<Done>> ModelDirectory::change_members(DirectoryAction action, WriteTarget target,
                                                   std::vector<AdIdentity> members) {
    const bool adding = action == DirectoryAction::add_members;
    const auto failed = co_await begin_call(adding ? "add_members" : "remove_members", true);
    if (failed) co_return *failed;
    auto values = member_values(members);
    if (!values) co_return values.error();
    auto changes = proof_of_mark(target.group);
    changes.push_back(
        {adding ? LdapChangeKind::add : LdapChangeKind::remove, "member", std::move(*values)});
    auto done = write(action, target, std::move(changes));
    if (!done) co_return done.error();
    const auto line =
        count_of(adding ? "add-members" : "remove-members", cn_of(target.dn), members.size());
    if (const auto lost = obeyed(line)) co_return *lost;
    co_return Done{};
}

Async<Result<Done>> ModelDirectory::add_members(WriteTarget target,
                                                std::vector<AdIdentity> members) {
    return change_members(DirectoryAction::add_members, std::move(target), std::move(members));
}

Async<Result<Done>> ModelDirectory::remove_members(WriteTarget target,
                                                   std::vector<AdIdentity> members) {
    return change_members(DirectoryAction::remove_members, std::move(target), std::move(members));
}

Async<Result<Done>> ModelDirectory::remove(WriteTarget target) {
    if (const auto failed = co_await begin_call("remove", true)) co_return *failed;
    auto proven = prove(target);
    if (!proven) co_return proven.error();
    const auto answer = tree.remove(account_, target.dn.text());
    if (!answer.done()) co_return refusal(DirectoryAction::remove, target.dn, answer);
    if (const auto lost = obeyed("delete-group " + cn_of(target.dn))) co_return *lost;
    co_return Done{};
}

Async<Result<CreatedGroup>> ModelDirectory::reanimate(DeletedGroup deleted, DesiredGroup desired) {
    if (const auto failed = co_await begin_call("reanimate", true)) co_return *failed;
    const Dn dn = dn_in(desired.container, desired.cn);
    if (!in_containers(dn)) throw std::logic_error("a group outside of the containers");
    std::vector<LdapChange> changes = {
        {LdapChangeKind::remove, "isDeleted", {}},
        {LdapChangeKind::replace, "distinguishedName", {dn.text()}},
    };
    for (const auto& [name, values] : desired.attributes)
        changes.push_back({LdapChangeKind::replace, name, raw_values(name, values)});
    TreeControls controls;
    controls.show_deleted = true;
    const auto answer =
        tree.modify(account_, "<GUID=" + deleted.guid.text() + ">", changes, controls);
    if (!answer.done()) co_return refusal(DirectoryAction::create, dn, answer);
    const auto* entry = tree.find(dn);
    const CreatedGroup created{entry->guid, entry->sid, dn};
    if (const auto lost = obeyed("reanimate-group " + desired.cn)) co_return *lost;
    co_return created;
}

Async<Result<Done>> ModelDirectory::replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                                 std::string after) {
    if (const auto failed = co_await begin_call("replace_mark", true)) co_return *failed;
    auto same = same_object(guid, dn);
    if (!same) co_return same.error();
    const auto* mark = tree.find(dn)->first("admindescription");
    if ((mark == nullptr ? std::string() : *mark) != before) {
        co_return failure(FailureKind::contradiction,
                          dn.text() + " bears another mark than \"" + before + "\".");
    }
    if (before == after) co_return Done{};
    std::vector<LdapChange> changes;
    if (!before.empty()) changes.push_back({LdapChangeKind::remove, "adminDescription", {before}});
    if (!after.empty()) changes.push_back({LdapChangeKind::add, "adminDescription", {after}});
    const auto answer = tree.modify(account_, dn.text(), changes);
    if (!answer.done()) co_return refusal(DirectoryAction::modify, dn, answer);
    if (const auto lost = obeyed("replace-mark " + cn_of(dn))) co_return *lost;
    co_return Done{};
}

}  // namespace writeback::fakes
