// The reader's half of the model directory.
#include "core/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/model_directory.hpp"

#include <algorithm>
#include <utility>

namespace writeback::fakes {

namespace {

constexpr auto samba_tick = std::chrono::seconds(5);

AttributeSyntax syntax_of(const AttributeType& type) {
    if (type.system_only) return AttributeSyntax::other;
    switch (type.syntax) {
        case ValueSyntax::text:
            return AttributeSyntax::text;
        case ValueSyntax::teletex:
        case ValueSyntax::printable:
            return AttributeSyntax::printable;
        case ValueSyntax::integer:
        case ValueSyntax::large_integer:
            return AttributeSyntax::integer;
        case ValueSyntax::boolean:
            return AttributeSyntax::boolean;
        case ValueSyntax::name:
            return AttributeSyntax::name;
        default:
            return AttributeSyntax::other;
    }
}

// "SMTP:a@x" and "a@x" are the same address.
std::string bare_address(const std::string& address) {
    return lower(address.substr(0, 5)) == "smtp:" ? address.substr(5) : address;
}

std::string text_in(const TreeEntry& entry, const std::string& name) {
    const auto* value = entry.first(name);
    return value == nullptr ? std::string() : *value;
}

}  // namespace

std::string ModelDirectory::usn_source() const {
    return tree.options().host + " " + tree.invocation_id().text();
}

DirectoryGroup ModelDirectory::as_read(const TreeEntry& entry,
                                       const std::vector<std::string>& attributes,
                                       bool with_members) const {
    DirectoryGroup group;
    const auto all = shown(entry);
    group.guid = entry.guid;
    group.sid = entry.sid;
    group.dn = all.dn;
    group.cn = all.cn;
    group.sam_account_name = all.sam_account_name;
    group.group_type = all.group_type;
    group.mark = mark_in(entry);
    group.mark_text = text_in(entry, "admindescription");
    group.usn = entry.usn_changed;
    for (const auto& name : attributes) {
        const auto found =
            std::find_if(all.attributes.begin(), all.attributes.end(),
                         [&](const auto& one) { return lower(one.first) == lower(name); });
        if (found != all.attributes.end()) group.attributes.emplace(name, found->second);
        if (lower(name) == "samaccountname") group.attributes[name] = {all.sam_account_name};
    }
    const auto links = entry.links.find("member");
    if (!with_members || links == entry.links.end()) return group;
    for (const auto number : links->second) {
        const auto& member = tree.entry(number);
        group.members.push_back({member.sid, member.guid});
    }
    return group;
}

Async<Result<DirectoryFacts>> ModelDirectory::facts() {
    if (const auto failed = co_await begin_call("facts", false)) co_return *failed;
    DirectoryFacts facts;
    facts.server = server;
    facts.dns_host_name = tree.options().host;
    facts.usn_source = usn_source();
    facts.domain_sid = domain_sid;
    facts.naming_context = tree.options().base;
    facts.highest_usn = tree.highest_usn();
    static const std::vector<std::string> group_class = {"top", "group"};
    for (const auto& [name, type] : tree.schema().types()) {
        if (!tree.schema().allows(group_class, type)) continue;
        AttributeFacts of;
        of.syntax = syntax_of(type);
        of.single_valued = type.single_valued;
        const bool has_length =
            of.syntax == AttributeSyntax::text || of.syntax == AttributeSyntax::printable;
        if (has_length && type.most) of.most_length = static_cast<std::size_t>(*type.most);
        facts.group_attributes.emplace(name, of);
    }
    co_return facts;
}

Async<Result<std::vector<MarkedObject>>> ModelDirectory::find_marked() {
    if (const auto failed = co_await begin_call("find_marked", false)) co_return *failed;
    std::vector<MarkedObject> found;
    for (const auto* entry : groups_in_containers()) {
        if (const auto mark = mark_in(*entry)) {
            found.push_back({*mark, entry->guid, entry->sid, tree.dn_of(*entry)});
        }
    }
    co_return found;
}

Async<Result<std::vector<MarkedObject>>> ModelDirectory::find_mark(GroupId group) {
    if (const auto failed = co_await begin_call("find_mark", false)) co_return *failed;
    std::vector<MarkedObject> found;
    for (const auto* entry : groups_in_containers()) {
        if (mark_in(*entry) == group) {
            found.push_back({group, entry->guid, entry->sid, tree.dn_of(*entry)});
        }
    }
    co_return found;
}

Async<Result<std::optional<DirectoryGroup>>> ModelDirectory::read_group(
    ObjectGuid guid, std::vector<std::string> attributes) {
    if (const auto failed = co_await begin_call("read_group", false)) co_return *failed;
    const auto* entry = visible(guid);
    if (entry == nullptr || !entry->is("group")) co_return std::optional<DirectoryGroup>{};
    co_return as_read(*entry, attributes, true);
}

Async<Result<std::optional<DirectoryGroup>>> ModelDirectory::read_named(Dn dn) {
    if (const auto failed = co_await begin_call("read_named", false)) co_return *failed;
    const auto* entry = tree.find(dn);
    if (entry == nullptr || entry->deleted) co_return std::optional<DirectoryGroup>{};
    co_return as_read(*entry, {}, false);
}

Async<Result<std::optional<AdIdentity>>> ModelDirectory::identify(ObjectGuid guid) {
    if (const auto failed = co_await begin_call("identify", false)) co_return *failed;
    const auto* entry = visible(guid);
    if (entry == nullptr) co_return std::optional<AdIdentity>{};
    co_return AdIdentity{entry->sid, entry->guid};
}

// ----- for the auditor

Async<Result<ChangedGroups>> ModelDirectory::changed_since(std::int64_t usn) {
    if (const auto failed = co_await begin_call("changed_since", false)) co_return *failed;
    ChangedGroups changed;
    changed.highest_usn = tree.highest_usn();
    changed.usn_source = usn_source();
    for (const auto& guid : tree.changed_above(usn)) {
        const auto* entry = visible(guid);
        if (entry == nullptr || !entry->is("group")) continue;
        auto dn = tree.dn_of(*entry);
        if (!in_containers(dn)) continue;
        changed.groups.push_back({guid, mark_in(*entry), std::move(dn), entry->usn_changed});
    }
    co_return changed;
}

Async<Result<bool>> ModelDirectory::await_change(Duration at_most) {
    if (const auto failed = co_await begin_call("await_change", false)) co_return *failed;
    if (!notifies) {
        co_return failure(FailureKind::refused, "The directory has no change notification.");
    }
    if (!changed_) {
        const Waiting alarm = clock_.alarm();
        waiting_.push_back(alarm);
        const bool rung = co_await alarm->wait_for(at_most);
        // Samba tells on a tick of its own.
        if (rung && dialect == Dialect::samba) {
            co_await clock_.sleep(std::min<Duration>(samba_tick, at_most));
        }
    }
    if (down) co_return *down;
    co_return std::exchange(changed_, false);
}

Async<Result<std::optional<std::int64_t>>> ModelDirectory::usn_of(ObjectGuid guid) {
    if (const auto failed = co_await begin_call("usn_of", false)) co_return *failed;
    const auto* entry = visible(guid);
    if (entry == nullptr) co_return std::optional<std::int64_t>{};
    co_return std::optional(entry->usn_changed);
}

Async<Result<std::vector<ObjectGuid>>> ModelDirectory::existing(std::vector<ObjectGuid> guids) {
    if (const auto failed = co_await begin_call("existing", false)) co_return *failed;
    std::erase_if(guids, [this](const ObjectGuid& guid) {
        const auto* entry = visible(guid);
        return entry == nullptr || !in_containers(tree.dn_of(*entry));
    });
    co_return guids;
}

// ----- for the resolver

Async<Result<std::vector<Principal>>> ModelDirectory::look_up(std::vector<Sid> sids) {
    if (const auto failed = co_await begin_call("look_up", false)) co_return *failed;
    std::vector<Principal> found;
    for (const auto& sid : sids) {
        const auto* entry = tree.find(sid);
        if (entry == nullptr || entry->deleted || entry->is("foreignSecurityPrincipal")) continue;
        found.push_back({entry->sid, entry->guid, tree.dn_of(*entry), tree.is_ours(*entry),
                         entry->is("group"), entry->group_type()});
    }
    co_return found;
}

Async<Result<std::vector<AdIdentity>>> ModelDirectory::find_contact(
    std::vector<std::string> addresses) {
    if (const auto failed = co_await begin_call("find_contact", false)) co_return *failed;
    std::vector<AdIdentity> found;
    for (const auto& address : addresses) {
        const auto bare = bare_address(address);
        TreeSearch search;
        search.base = tree.options().base.text();
        search.scope = TreeScope::subtree;
        search.attributes = {"objectGUID"};
        search.filter = TreeFilter::combined(
            TreeFilter::Kind::any_of, {TreeFilter::equal_to("mail", bare),
                                       TreeFilter::equal_to("proxyAddresses", "smtp:" + bare)});
        for (const auto& one : tree.search(account_, search).entries) {
            const auto& entry = *tree.find(Dn(one.dn));
            const AdIdentity identity{entry.sid, entry.guid};
            const bool there = std::find(found.begin(), found.end(), identity) != found.end();
            if (entry.is("contact") && !there) found.push_back(identity);
        }
    }
    co_return found;
}

// ----- for adoption and restoring

Async<Result<std::vector<AdoptableGroup>>> ModelDirectory::find_adoptable(AdoptionSource source) {
    if (const auto failed = co_await begin_call("find_adoptable", false)) co_return *failed;
    constexpr std::string_view taken_over = "TakenOver_";
    std::vector<AdoptableGroup> found;
    for (const auto& [number, entry] : tree.entries()) {
        if (entry.deleted || !entry.is("group") || !tree.is_ours(entry)) continue;
        AdoptableGroup group;
        group.mark_text = text_in(entry, "admindescription");
        group.external_id = text_in(entry, "msds-externaldirectoryobjectid");
        const bool was_taken_over = group.mark_text.starts_with(taken_over);
        auto id = group_of_mark(group.mark_text.substr(was_taken_over ? taken_over.size() : 0));
        if (!id) id = group_of_mark(group.external_id);
        if (!id) continue;
        group.group = *id;
        group.made_by = was_taken_over || !group.external_id.empty() ? AdoptionSource::cloud_sync
                                                                     : AdoptionSource::connect;
        group.guid = entry.guid;
        group.sid = entry.sid;
        group.dn = tree.dn_of(entry);
        group.group_type = entry.group_type();
        if (source == AdoptionSource::any || group.made_by == source) {
            found.push_back(std::move(group));
        }
    }
    co_return found;
}

Async<Result<std::optional<DeletedGroup>>> ModelDirectory::find_deleted(ObjectGuid guid) {
    if (const auto failed = co_await begin_call("find_deleted", false)) co_return *failed;
    const auto* entry = tree.find(guid);
    if (entry == nullptr || !entry->deleted || !shows_deleted) {
        co_return std::optional<DeletedGroup>{};
    }
    DeletedGroup group;
    group.guid = entry->guid;
    group.sid = entry->sid;
    group.dn = tree.dn_of(*entry);
    group.last_parent = Dn(text_in(*entry, "lastknownparent"));
    group.last_cn = entry->rdn_value.substr(0, entry->rdn_value.rfind("\nDEL:"));
    group.recycled = entry->recycled;
    co_return std::optional(std::move(group));
}

}  // namespace writeback::fakes
