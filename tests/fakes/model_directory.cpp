#include "fakes/model_directory.hpp"

#include "core/distinguished_name.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

constexpr std::string_view mark_prefix = "Group_";

std::string count_of(const std::string& what, const std::string& cn, std::size_t count) {
    return what + " " + cn + " " + std::to_string(count);
}

}  // namespace

ModelDirectory::ModelDirectory(Clock& clock, std::vector<Dn> containers)
    : clock_(clock), containers_(std::move(containers)) {}

ModelDirectory::Entry ModelDirectory::make(const Dn& dn, const std::string& cn) {
    const auto digits = std::to_string(++made_);
    Entry entry;
    entry.guid =
        ObjectGuid("aaaaaaaa-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits);
    entry.sid = Sid(domain_sid.text() + "-" + std::to_string(1'000 + made_));
    entry.dn = dn;
    entry.cn = cn;
    return entry;
}

Sid ModelDirectory::add_user(const std::string& name) {
    auto entry = make(dn_in(Dn("OU=People,DC=test"), name), name);
    const auto sid = entry.sid;
    entries_.emplace(entry.guid, std::move(entry));
    return sid;
}

ObjectGuid ModelDirectory::add_foreign_group(const Dn& container, const std::string& cn) {
    auto entry = make(dn_in(container, cn), cn);
    entry.is_group = true;
    entry.group_type = universal_security_group;
    entry.sam_account_name = cn;
    const auto guid = entry.guid;
    entries_.emplace(guid, std::move(entry));
    return guid;
}

void ModelDirectory::meddle(const ObjectGuid& guid, const std::function<void(Entry&)>& change) {
    change(entries_.at(guid));
}

void ModelDirectory::delete_object(ObjectGuid guid) {
    entries_.erase(guid);
    for (auto& [other, entry] : entries_)
        entry.members.erase(guid);
}

void ModelDirectory::set_member(const ObjectGuid& group, const Sid& member, bool present) {
    const auto* entry = by_sid(member);
    if (entry == nullptr) throw std::logic_error("no such SID");
    auto& members = entries_.at(group).members;
    if (present) {
        members.insert(entry->guid);
    } else {
        members.erase(entry->guid);
    }
}

const ModelDirectory::Entry* ModelDirectory::group_of(const GroupId& group) const {
    for (const auto& [guid, entry] : entries_) {
        if (mark_of_entry(entry) == group) return &entry;
    }
    return nullptr;
}

const ModelDirectory::Entry* ModelDirectory::named(const std::string& cn) const {
    for (const auto& [guid, entry] : entries_) {
        if (entry.cn == cn) return &entry;
    }
    return nullptr;
}

std::set<std::string> ModelDirectory::members_of(const GroupId& group) const {
    std::set<std::string> sids;
    const auto* entry = group_of(group);
    if (entry == nullptr) return sids;
    for (const auto& member : entry->members)
        sids.insert(entries_.at(member).sid.text());
    return sids;
}

std::size_t ModelDirectory::group_count() const {
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [this](const auto& entry) {
            return entry.second.is_group && in_containers(entry.second.dn);
        }));
}

void ModelDirectory::fail(const std::string& call, Failure failure, int times) {
    for (int i = 0; i < times; ++i)
        failures_[call].push_back(failure);
}

Async<std::optional<Failure>> ModelDirectory::begin_call(std::string call, bool is_write) {
    ++calls[call];
    co_await clock_.sleep(latency);
    if (down) co_return down;
    if (is_write && on_write && on_write(call)) {
        co_await clock_.sleep(std::chrono::hours(24 * 36'500));
    }
    auto& failures = failures_[call];
    if (failures.empty()) co_return std::nullopt;
    auto failure = failures.front();
    failures.pop_front();
    co_return failure;
}

std::optional<Failure> ModelDirectory::obeyed(std::string line) {
    writes.push_back(std::move(line));
    if (lose_answer_in_ == 0 || --lose_answer_in_ > 0) return std::nullopt;
    return failure(FailureKind::disconnected, "The connection ended before the answer.");
}

ModelDirectory::Entry* ModelDirectory::at(const Dn& dn) {
    for (auto& [guid, entry] : entries_) {
        if (is_same_name(entry.dn, dn)) return &entry;
    }
    return nullptr;
}

const ModelDirectory::Entry* ModelDirectory::by_sid(const Sid& sid) const {
    for (const auto& [guid, entry] : entries_) {
        if (entry.sid == sid) return &entry;
    }
    return nullptr;
}

bool ModelDirectory::in_containers(const Dn& dn) const {
    return std::any_of(containers_.begin(), containers_.end(),
                       [&](const Dn& container) { return is_below(dn, container); });
}

std::optional<GroupId> ModelDirectory::mark_of_entry(const Entry& entry) const {
    const auto found = entry.attributes.find("adminDescription");
    if (found == entry.attributes.end() || found->second.empty()) return std::nullopt;
    const auto& value = found->second.front();
    if (!value.starts_with(mark_prefix)) return std::nullopt;
    const auto id = canonical_guid(std::string_view(value).substr(mark_prefix.size()));
    if (!id) return std::nullopt;
    return GroupId(*id);
}

Result<ModelDirectory::Entry*> ModelDirectory::target_entry(const WriteTarget& target) {
    auto* entry = at(target.dn);
    if (entry == nullptr) {
        return failure(FailureKind::not_found, "No such object: " + target.dn.text(), "LDAP 32");
    }
    if (entry->guid != target.guid || mark_of_entry(*entry) != target.group) {
        return failure(FailureKind::contradiction,
                       "The object at " + target.dn.text() + " is not the one that was meant.",
                       "LDAP 16");
    }
    if (!in_containers(entry->dn)) throw std::logic_error("a write outside of the containers");
    return entry;
}

Result<std::vector<ObjectGuid>> ModelDirectory::resolve(const std::vector<AdIdentity>& members) {
    std::vector<ObjectGuid> guids;
    for (const auto& member : members) {
        const Entry* entry = nullptr;
        if (!member.sid.empty()) {
            entry = by_sid(member.sid);
        } else if (const auto found = entries_.find(member.guid); found != entries_.end()) {
            entry = &found->second;
        }
        if (entry == nullptr || refused.contains(member.key())) {
            return failure(FailureKind::member_refused,
                           "The member " + member.key() + " is not accepted.", "LDAP 53 00002141");
        }
        if (std::find(guids.begin(), guids.end(), entry->guid) != guids.end()) {
            throw std::logic_error("a member twice in one modify");
        }
        guids.push_back(entry->guid);
    }
    return guids;
}

DirectoryGroup ModelDirectory::as_read(const Entry& entry,
                                       const std::vector<std::string>& attributes,
                                       bool with_members) const {
    DirectoryGroup group;
    group.guid = entry.guid;
    group.sid = entry.sid;
    group.dn = entry.dn;
    group.cn = entry.cn;
    group.sam_account_name = entry.sam_account_name;
    group.group_type = entry.group_type;
    group.mark = mark_of_entry(entry);
    for (const auto& name : attributes) {
        const auto found = entry.attributes.find(name);
        if (found != entry.attributes.end()) group.attributes.insert(*found);
    }
    if (!with_members) return group;
    for (const auto& member : entry.members) {
        const auto& other = entries_.at(member);
        group.members.push_back({other.sid, other.guid});
    }
    return group;
}

Async<Result<DirectoryFacts>> ModelDirectory::facts() {
    if (const auto failed = co_await begin_call("facts", false)) co_return *failed;
    DirectoryFacts facts;
    facts.server = server;
    facts.dns_host_name = "dc1.test";
    facts.domain_sid = domain_sid;
    facts.naming_context = Dn("DC=test");
    facts.highest_usn = static_cast<std::int64_t>(writes.size());
    for (const char* name :
         {"description", "displayname", "mail", "proxyaddresses", "admindescription"}) {
        facts.group_attributes.emplace(name, AttributeFacts{});
    }
    co_return facts;
}

Async<Result<std::vector<MarkedObject>>> ModelDirectory::find_marked() {
    if (const auto failed = co_await begin_call("find_marked", false)) co_return *failed;
    std::vector<MarkedObject> found;
    for (const auto& [guid, entry] : entries_) {
        const auto mark = mark_of_entry(entry);
        if (mark && in_containers(entry.dn)) found.push_back({*mark, guid, entry.sid, entry.dn});
    }
    co_return found;
}

Async<Result<std::vector<MarkedObject>>> ModelDirectory::find_mark(GroupId group) {
    if (const auto failed = co_await begin_call("find_mark", false)) co_return *failed;
    std::vector<MarkedObject> found;
    for (const auto& [guid, entry] : entries_) {
        if (mark_of_entry(entry) != group || !in_containers(entry.dn)) continue;
        found.push_back({group, guid, entry.sid, entry.dn});
    }
    co_return found;
}

Async<Result<std::optional<DirectoryGroup>>> ModelDirectory::read_group(
    ObjectGuid guid, std::vector<std::string> attributes) {
    if (const auto failed = co_await begin_call("read_group", false)) co_return *failed;
    const auto found = entries_.find(guid);
    if (found == entries_.end()) co_return std::optional<DirectoryGroup>{};
    co_return as_read(found->second, attributes, true);
}

Async<Result<std::optional<DirectoryGroup>>> ModelDirectory::read_named(Dn dn) {
    if (const auto failed = co_await begin_call("read_named", false)) co_return *failed;
    const auto* entry = at(dn);
    if (entry == nullptr) co_return std::optional<DirectoryGroup>{};
    co_return as_read(*entry, {}, false);
}

Async<Result<std::optional<AdIdentity>>> ModelDirectory::identify(ObjectGuid guid) {
    if (const auto failed = co_await begin_call("identify", false)) co_return *failed;
    const auto found = entries_.find(guid);
    if (found == entries_.end()) co_return std::optional<AdIdentity>{};
    co_return AdIdentity{found->second.sid, found->second.guid};
}

Async<Result<CreatedGroup>> ModelDirectory::create(DesiredGroup group,
                                                   std::vector<AdIdentity> members) {
    if (const auto failed = co_await begin_call("create", true)) co_return *failed;
    const Dn dn = dn_in(group.container, group.cn);
    if (!in_containers(dn)) throw std::logic_error("a group outside of the containers");
    if (at(dn) != nullptr) {
        co_return failure(FailureKind::already_exists, "Entry " + dn.text() + " already exists",
                          "LDAP 68");
    }
    for (const auto& [guid, entry] : entries_) {
        if (entry.sam_account_name == group.sam_account_name) {
            co_return failure(FailureKind::name_in_use, "samAccountName already in use",
                              "LDAP 68 00002071");
        }
    }
    auto guids = resolve(members);
    if (!guids) co_return guids.error();
    if (group_of(group.id) != nullptr) {
        throw std::logic_error("a second object with one mark");
    }
    auto entry = make(dn, group.cn);
    entry.is_group = true;
    entry.sam_account_name = group.sam_account_name;
    entry.group_type = group.group_type;
    entry.attributes = group.attributes;
    entry.members.insert(guids->begin(), guids->end());
    const CreatedGroup created{entry.guid, entry.sid, entry.dn};
    entries_.emplace(entry.guid, std::move(entry));
    if (const auto lost = obeyed(count_of("create-group", group.cn, members.size()))) {
        co_return *lost;
    }
    co_return created;
}

Async<Result<Done>> ModelDirectory::modify(WriteTarget target,
                                           std::vector<AttributeChange> changes) {
    if (const auto failed = co_await begin_call("modify", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    for (const auto& change : changes) {
        if (refused_attributes.contains(change.name)) {
            co_return failure(FailureKind::value_refused,
                              "The attribute " + change.name + " has an invalid value.",
                              "LDAP 19 00002082");
        }
    }
    for (const auto& change : changes) {
        if (change.values.empty()) {
            (*entry)->attributes.erase(change.name);
        } else {
            (*entry)->attributes[change.name] = change.values;
        }
    }
    if (const auto lost = obeyed(count_of("modify-group", (*entry)->cn, changes.size()))) {
        co_return *lost;
    }
    co_return Done{};
}

Async<Result<Dn>> ModelDirectory::rename(WriteTarget target, std::string new_cn) {
    if (const auto failed = co_await begin_call("rename", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    const Dn dn = dn_in(parent_of(target.dn), new_cn);
    const auto* other = at(dn);
    if (other != nullptr && other != *entry) {
        co_return failure(FailureKind::already_exists, "Entry " + dn.text() + " already exists",
                          "LDAP 68");
    }
    (*entry)->cn = new_cn;
    (*entry)->dn = dn;
    if (const auto lost = obeyed("rename-group " + new_cn)) co_return *lost;
    co_return dn;
}

Async<Result<Dn>> ModelDirectory::move(WriteTarget target, Dn new_container) {
    if (const auto failed = co_await begin_call("move", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    const Dn dn = dn_in(new_container, (*entry)->cn);
    if (!in_containers(dn)) throw std::logic_error("a move out of the containers");
    if (at(dn) != nullptr) {
        co_return failure(FailureKind::already_exists, "Entry " + dn.text() + " already exists",
                          "LDAP 68");
    }
    (*entry)->dn = dn;
    if (const auto lost = obeyed("move-group " + (*entry)->cn)) co_return *lost;
    co_return dn;
}

Async<Result<Done>> ModelDirectory::convert(WriteTarget target, std::int32_t from,
                                            std::int32_t to) {
    if (const auto failed = co_await begin_call("convert", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    if ((*entry)->group_type != from) {
        co_return failure(FailureKind::contradiction, "The group type is another.", "LDAP 16");
    }
    (*entry)->group_type = to;
    if (const auto lost = obeyed("convert-group " + (*entry)->cn)) co_return *lost;
    co_return Done{};
}

Async<Result<Done>> ModelDirectory::add_members(WriteTarget target,
                                                std::vector<AdIdentity> members) {
    if (const auto failed = co_await begin_call("add_members", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    auto guids = resolve(members);
    if (!guids) co_return guids.error();
    auto& present = (*entry)->members;
    for (const auto& guid : *guids) {
        if (dialect == Dialect::samba && present.contains(guid)) {
            co_return failure(FailureKind::member_exists,
                              "Attribute member already exists for target GUID " + guid.text(),
                              "LDAP 68");
        }
    }
    present.insert(guids->begin(), guids->end());
    if (const auto lost = obeyed(count_of("add-members", (*entry)->cn, members.size()))) {
        co_return *lost;
    }
    co_return Done{};
}

Async<Result<Done>> ModelDirectory::remove_members(WriteTarget target,
                                                   std::vector<AdIdentity> members) {
    if (const auto failed = co_await begin_call("remove_members", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    auto& present = (*entry)->members;
    std::vector<ObjectGuid> leaving;
    for (const auto& member : members) {
        const auto* other = member.sid.empty() ? nullptr : by_sid(member.sid);
        const auto guid = other != nullptr ? other->guid : member.guid;
        if (dialect == Dialect::samba && !present.contains(guid)) {
            co_return failure(FailureKind::member_absent,
                              "Attribute member doesn't exist for target " + member.key(),
                              "LDAP 53");
        }
        leaving.push_back(guid);
    }
    for (const auto& guid : leaving)
        present.erase(guid);
    if (const auto lost = obeyed(count_of("remove-members", (*entry)->cn, members.size()))) {
        co_return *lost;
    }
    co_return Done{};
}

Async<Result<Done>> ModelDirectory::remove(WriteTarget target) {
    if (const auto failed = co_await begin_call("remove", true)) co_return *failed;
    auto entry = target_entry(target);
    if (!entry) co_return entry.error();
    const auto cn = (*entry)->cn;
    delete_object((*entry)->guid);
    if (const auto lost = obeyed("delete-group " + cn)) co_return *lost;
    co_return Done{};
}

Async<Result<ChangedGroups>> ModelDirectory::changed_since(std::int64_t) {
    co_return failure(FailureKind::refused, "changed_since is not answered yet.");
}

Async<Result<bool>> ModelDirectory::await_change(Duration) {
    co_return failure(FailureKind::refused, "await_change is not answered yet.");
}

Async<Result<std::optional<std::int64_t>>> ModelDirectory::usn_of(ObjectGuid) {
    co_return failure(FailureKind::refused, "usn_of is not answered yet.");
}

Async<Result<std::vector<ObjectGuid>>> ModelDirectory::existing(std::vector<ObjectGuid>) {
    co_return failure(FailureKind::refused, "existing is not answered yet.");
}

Async<Result<std::vector<Principal>>> ModelDirectory::look_up(std::vector<Sid>) {
    co_return failure(FailureKind::refused, "look_up is not answered yet.");
}

Async<Result<std::vector<AdIdentity>>> ModelDirectory::find_contact(std::vector<std::string>) {
    co_return failure(FailureKind::refused, "find_contact is not answered yet.");
}

Async<Result<std::vector<AdoptableGroup>>> ModelDirectory::find_adoptable(AdoptionSource) {
    co_return failure(FailureKind::refused, "find_adoptable is not answered yet.");
}

Async<Result<std::optional<DeletedGroup>>> ModelDirectory::find_deleted(ObjectGuid) {
    co_return failure(FailureKind::refused, "find_deleted is not answered yet.");
}

Async<Result<CreatedGroup>> ModelDirectory::reanimate(DeletedGroup, DesiredGroup) {
    co_return failure(FailureKind::refused, "reanimate is not answered yet.");
}

Async<Result<Done>> ModelDirectory::replace_mark(ObjectGuid, Dn, std::string, std::string) {
    co_return failure(FailureKind::refused, "replace_mark is not answered yet.");
}

}  // namespace writeback::fakes
