#include "fakes/model_directory.hpp"

#include "core/distinguished_name.hpp"
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

constexpr const char* naming_context = "DC=test";
constexpr const char* people = "OU=People,DC=test";
constexpr const char* elsewhere = "DC=elsewhere,DC=test";

DirectoryDialect dialect_of_environment() {
    const char* named = std::getenv("DIRECTORY_DIALECT");
    return named != nullptr && std::string(named) == "windows" ? DirectoryDialect::windows
                                                               : DirectoryDialect::samba;
}

TreeOptions tree_options() {
    TreeOptions options;
    options.dialect = dialect_of_environment();
    options.base = Dn(naming_context);
    options.host = "dc1.test";
    options.net_bios_name = "TEST";
    options.domain_sid = Sid("S-1-5-21-1-2-3");
    return options;
}

}  // namespace

ModelDirectory::ModelDirectory(Clock& clock, std::vector<Dn> containers)
    : dialect(dialect_of_environment()),
      tree(tree_options()),
      clock_(clock),
      containers_(std::move(containers)) {
    make_containers(Dn(people));
    for (const auto& container : containers_)
        make_containers(container);
    tree.make("CN=svc-writeback,CN=Users,DC=test", "user", {{"sAMAccountName", {"svc-writeback"}}});
    TreeAccount account;
    account.dn = Dn("CN=svc-writeback,CN=Users,DC=test");
    for (const auto& container : containers_) {
        TreeDelegation delegation{container, {"cn", "name"}};
        for (const auto& [name, type] : tree.schema().types()) {
            if (!type.system_only) delegation.attributes.insert(name);
        }
        account.delegations.push_back(std::move(delegation));
    }
    account_ = &tree.add_account(std::move(account));
    tree.add_domain(Dn(elsewhere), "ELSEWHERE", Sid("S-1-5-21-7-8-9"));
    tree.on_change = [this](const std::vector<ObjectGuid>& changed) { told(changed); };
}

void ModelDirectory::make_containers(const Dn& dn) {
    if (tree.find(dn) != nullptr) return;
    make_containers(parent_of(dn));
    tree.make(dn.text(), "organizationalUnit");
}

// Tests set the dialect, and whether deleted objects are seen, as plain members.
void ModelDirectory::speak() {
    tree.speak(dialect);
    account_->sees_deleted = shows_deleted;
    account_->reanimates = shows_deleted;
}

// ----- what administrators do

Sid ModelDirectory::add_user(const std::string& name) {
    speak();
    const auto guid =
        tree.make(dn_in(Dn(people), name).text(), "user", {{"userAccountControl", {"546"}}});
    return tree.find(guid)->sid;
}

ObjectGuid ModelDirectory::add_foreign_group(const Dn& container, const std::string& cn,
                                             std::int32_t group_type) {
    speak();
    make_containers(container);
    return tree.make(dn_in(container, cn).text(), "group",
                     {{"groupType", {std::to_string(group_type)}}});
}

ObjectGuid ModelDirectory::add_contact(const std::string& name, const std::string& address) {
    speak();
    return tree.make(dn_in(Dn(people), name).text(), "contact",
                     {{"mail", {address}}, {"proxyAddresses", {"SMTP:" + address}}});
}

Sid ModelDirectory::add_elsewhere(const std::string& name, std::optional<std::int32_t> group_type) {
    speak();
    const auto dn = dn_in(Dn(std::string("CN=Users,") + elsewhere), name).text();
    ObjectGuid guid;
    if (group_type) {
        guid = tree.make(dn, "group", {{"groupType", {std::to_string(*group_type)}}});
    } else {
        guid = tree.make(dn, "user", {{"userAccountControl", {"546"}}});
    }
    return tree.find(guid)->sid;
}

void ModelDirectory::meddle(const ObjectGuid& guid, const std::function<void(Entry&)>& change) {
    speak();
    const auto* object = visible(guid);
    if (object == nullptr) throw std::logic_error("no such object: " + guid.text());
    const auto before = shown(*object);
    auto after = before;
    change(after);
    const auto require = [](const TreeAnswer& answer) {
        if (!answer.done()) throw std::logic_error("refused: " + answer.diagnostic);
    };
    if (!(after.dn == before.dn)) {
        const auto parent = parent_of(after.dn);
        make_containers(parent);
        const auto name = common_name(after.cn);
        if (const auto* holder = tree.find(after.dn); holder != nullptr && holder != object) {
            require(tree.rename(tree.system(), after.dn.text(),
                                common_name(after.cn + " aside " + holder->guid.text().substr(24)),
                                true, ""));
        }
        require(tree.rename(tree.system(), before.dn.text(), name, true, parent.text()));
    }
    std::vector<LdapChange> changes;
    for (const auto& [name, values] : before.attributes) {
        if (!after.attributes.contains(name)) {
            changes.push_back({LdapChangeKind::replace, name, {}});
        }
    }
    for (const auto& [name, values] : after.attributes) {
        const auto found = before.attributes.find(name);
        if (found != before.attributes.end() && found->second == values) continue;
        changes.push_back({LdapChangeKind::replace, name, raw_values(name, values)});
    }
    if (after.sam_account_name != before.sam_account_name) {
        changes.push_back({LdapChangeKind::replace, "sAMAccountName", {after.sam_account_name}});
    }
    if (after.group_type != before.group_type) {
        changes.push_back(
            {LdapChangeKind::replace, "groupType", {std::to_string(after.group_type)}});
    }
    if (after.members != before.members) {
        std::vector<std::string> members;
        for (const auto& member : after.members)
            members.push_back("<GUID=" + member.text() + ">");
        changes.push_back({LdapChangeKind::replace, "member", members});
    }
    if (!changes.empty()) {
        require(tree.modify(tree.system(), "<GUID=" + guid.text() + ">", changes));
    }
}

void ModelDirectory::delete_object(ObjectGuid guid) {
    speak();
    const auto answer = tree.remove(tree.system(), "<GUID=" + guid.text() + ">");
    if (!answer.done()) throw std::logic_error("not deleted: " + answer.diagnostic);
}

void ModelDirectory::delete_container(const Dn& container) {
    speak();
    TreeControls all;
    all.tree_delete = true;
    const auto answer = tree.remove(tree.system(), container.text(), all);
    if (!answer.done()) throw std::logic_error("not deleted: " + answer.diagnostic);
}

void ModelDirectory::set_member(const ObjectGuid& group, const Sid& member, bool present) {
    speak();
    TreeControls controls;
    const auto* entry = tree.find(group);
    const auto* object = tree.find(member);
    if (entry == nullptr || object == nullptr) throw std::logic_error("no such object");
    const auto links = entry->links.find("member");
    const bool there = links != entry->links.end() && links->second.contains(object->number);
    if (there == present) return;
    const auto answer = tree.modify(tree.system(), "<GUID=" + group.text() + ">",
                                    {{present ? LdapChangeKind::add : LdapChangeKind::remove,
                                      "member",
                                      {"<SID=" + member.text() + ">"}}});
    if (!answer.done()) throw std::logic_error("refused: " + answer.diagnostic);
}

void ModelDirectory::fail_over(const std::string& host) {
    tree.fail_over(host);
}

// ----- what a test asks

ModelDirectory::Entry ModelDirectory::shown(const TreeEntry& entry) const {
    static const std::set<std::string> apart = {"samaccountname", "grouptype", "instancetype",
                                                "useraccountcontrol"};
    Entry result;
    result.guid = entry.guid;
    result.sid = entry.sid;
    result.dn = tree.dn_of(entry);
    result.cn = entry.rdn_value;
    if (const auto* name = entry.first("samaccountname")) result.sam_account_name = *name;
    result.is_group = entry.is("group");
    result.group_type = entry.group_type();
    for (const auto& [name, values] : entry.attributes) {
        if (!apart.contains(name)) result.attributes[tree.schema().get(name).name] = values;
    }
    for (const auto& [name, targets] : entry.links) {
        for (const auto target : targets) {
            const auto& object = tree.entry(target);
            if (name == "member") {
                result.members.insert(object.guid);
            } else {
                result.attributes[tree.schema().get(name).name].push_back(
                    AdIdentity{object.sid, object.guid}.key());
            }
        }
    }
    return result;
}

const ModelDirectory::Entry* ModelDirectory::group_of(const GroupId& group) const {
    for (const auto& [number, entry] : tree.entries()) {
        if (entry.deleted || mark_in(entry) != group) continue;
        return &(shown_[entry.guid] = shown(entry));
    }
    return nullptr;
}

const ModelDirectory::Entry* ModelDirectory::named(const std::string& cn) const {
    for (const auto& [number, entry] : tree.entries()) {
        if (entry.deleted || entry.rdn_value != cn) continue;
        return &(shown_[entry.guid] = shown(entry));
    }
    return nullptr;
}

std::set<std::string> ModelDirectory::members_of(const GroupId& group) const {
    std::set<std::string> keys;
    const auto* entry = group_of(group);
    if (entry == nullptr) return keys;
    for (const auto& member : entry->members) {
        const auto& object = *tree.find(member);
        keys.insert(AdIdentity{object.sid, object.guid}.key());
    }
    return keys;
}

std::size_t ModelDirectory::group_count() const {
    return groups_in_containers().size();
}

const TreeEntry* ModelDirectory::visible(const ObjectGuid& guid) const {
    const auto* entry = tree.find(guid);
    return entry == nullptr || entry->deleted ? nullptr : entry;
}

bool ModelDirectory::in_containers(const Dn& dn) const {
    return std::any_of(containers_.begin(), containers_.end(),
                       [&](const Dn& container) { return writeback::is_below(dn, container); });
}

std::vector<const TreeEntry*> ModelDirectory::groups_in_containers() const {
    std::vector<const TreeEntry*> places;
    for (const auto& container : containers_) {
        if (const auto* place = tree.find(container)) places.push_back(place);
    }
    std::vector<const TreeEntry*> groups;
    for (const auto& [number, entry] : tree.entries()) {
        const auto& one = entry;
        if (one.deleted || !one.is("group")) continue;
        const bool inside = std::any_of(places.begin(), places.end(), [&](const TreeEntry* place) {
            return tree.is_below(one, *place);
        });
        if (inside) groups.push_back(&one);
    }
    return groups;
}

std::optional<GroupId> ModelDirectory::mark_in(const TreeEntry& entry) const {
    const auto* text = entry.first("admindescription");
    return text == nullptr ? std::nullopt : group_of_mark(*text);
}

// ----- how it answers

void ModelDirectory::fail(const std::string& call, Failure failure, int times) {
    for (int i = 0; i < times; ++i)
        failures_[call].push_back(failure);
}

Async<std::optional<Failure>> ModelDirectory::begin_call(std::string call, bool is_write) {
    ++calls[call];
    co_await clock_.sleep(latency);
    speak();
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

void ModelDirectory::told(const std::vector<ObjectGuid>& changed) {
    const bool ours = std::any_of(changed.begin(), changed.end(), [this](const ObjectGuid& guid) {
        const auto* entry = visible(guid);
        return entry != nullptr && in_containers(tree.dn_of(*entry));
    });
    if (!ours) return;
    changed_ = true;
    for (const auto& weak : std::exchange(waiting_, {})) {
        if (const auto alarm = weak.lock()) alarm->ring();
    }
}

}  // namespace writeback::fakes
