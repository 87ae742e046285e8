// What a write does to a domain controller and, later, to the others; who is told.
#include "simulation/controller_connection.hpp"
#include "simulation/domain_controllers.hpp"

#include <algorithm>
#include <utility>

namespace writeback::simulation {

using Kind = DirectoryRequest::Kind;

namespace {

std::optional<ObjectBefore> before_of(const fakes::DirectoryTree& tree, const std::string& dn) {
    const auto* entry = tree.find_named(dn);
    if (entry == nullptr) return std::nullopt;
    ObjectBefore before;
    before.guid = entry->guid;
    before.sid = entry->sid;
    before.dn = tree.dn_of(*entry);
    before.is_group = entry->is("group");
    before.deleted = entry->deleted;
    if (const auto* mark = entry->first("admindescription")) before.mark = *mark;
    before.group_type = entry->group_type();
    before.attributes = entry->attributes;
    const auto members = entry->links.find("member");
    if (members != entry->links.end()) before.members = members->second.size();
    return before;
}

std::vector<AdIdentity> all_members(const fakes::DirectoryTree& tree, const std::string& dn) {
    std::vector<AdIdentity> members;
    const auto* entry = tree.find_named(dn);
    if (entry == nullptr) return members;
    const auto found = entry->links.find("member");
    if (found == entry->links.end()) return members;
    for (const auto number : found->second) {
        const auto& member = tree.entry(number);
        members.push_back({member.sid, member.guid});
    }
    return members;
}

fakes::TreeAnswer apply(fakes::DirectoryTree& tree, fakes::TreeCaller caller,
                        const DirectoryRequest& request) {
    fakes::TreeControls controls;
    controls.show_deleted = request.show_deleted;
    switch (request.kind) {
        case Kind::add:
            return tree.add(caller, request.dn, request.attributes);
        case Kind::modify:
            return tree.modify(caller, request.dn, request.changes, controls);
        case Kind::rename:
            return tree.rename(caller, request.dn, request.new_name, true, request.new_parent);
        case Kind::remove:
            return tree.remove(caller, request.dn, controls);
        case Kind::connect:
        case Kind::search:
            break;
    }
    throw std::logic_error("a request that writes nothing");
}

}  // namespace

fakes::TreeAnswer DomainControllers::write(std::size_t server, WrittenBy by,
                                           const DirectoryRequest& request, bool answered) {
    auto& tree = servers_[server]->tree;
    const auto caller = by == WrittenBy::daemon
                            ? daemon_on(server)
                            : tree.bind(options_.administrator, options_.administrator_password);
    if (!observer_) return apply(tree, caller, request);
    TreeWrite write;
    write.at = now();
    write.server = server;
    write.by = by;
    write.request = request;
    write.answered = answered;
    write.before = before_of(tree, request.dn);
    if (request.kind == Kind::remove) write.members_removed = all_members(tree, request.dn);
    effects_.clear();
    auto answer = apply(tree, caller, request);
    write.code = answer.code;
    write.diagnostic = answer.diagnostic;
    if (write.before) write.object = write.before->guid;
    if (write.obeyed()) {
        tell_effects(write, tree);
    } else {
        write.members_removed.clear();
    }
    observer_(write);
    return answer;
}

void DomainControllers::tell_effects(TreeWrite& write, const fakes::DirectoryTree& tree) const {
    using DeltaKind = fakes::TreeDelta::Kind;
    if (write.request.kind == Kind::add) {
        const auto* made = tree.find_named(write.request.dn);
        if (made != nullptr) write.object = made->guid;
    }
    write.dn = write.before ? write.before->dn : Dn();
    const auto* entry = tree.find(write.object);
    if (entry != nullptr && !entry->deleted) write.dn = tree.dn_of(*entry);
    for (const auto& delta : effects_) {
        if (delta.object != write.object) continue;
        if (delta.kind == DeltaKind::attribute) write.attributes_changed.push_back(delta.name);
        if (delta.name != "member") continue;
        auto& members =
            delta.kind == DeltaKind::linked ? write.members_added : write.members_removed;
        for (const auto& guid : delta.targets)
            members.push_back({tree.find(guid)->sid, guid});
    }
}

fakes::TreeAnswer DomainControllers::edit(std::size_t server, DirectoryRequest request) {
    return write(server, WrittenBy::administrator, request, true);
}

// ----- replication

void DomainControllers::wrote(std::size_t server, std::vector<fakes::TreeDelta> deltas) {
    auto write = std::make_shared<ReplicatedWrite>();
    write->stamp = {now().count(), server, ++writes_};
    write->deltas = std::move(deltas);
    if (observer_) effects_.insert(effects_.end(), write->deltas.begin(), write->deltas.end());
    if (servers_.size() == 1) return;
    servers_[server]->replica.wrote(*write);
    for (std::size_t to = 0; to < servers_.size(); ++to) {
        if (to == server) continue;
        auto& way = line(server, to);
        way.last = std::max(way.last, now() + between(options_.least_lag, options_.most_lag));
        way.under_way.emplace_back(way.last, write);
        at(way.last, [this, server, to] { deliver(server, to); });
    }
}

DomainControllers::Line& DomainControllers::line(std::size_t from, std::size_t to) {
    return lines_[{from, to}];
}

bool DomainControllers::runs(std::size_t from, std::size_t to) const {
    const auto works = [&](std::size_t i) { return servers_[i]->up && servers_[i]->answering; };
    return replicating_ && works(from) && works(to);
}

void DomainControllers::deliver(std::size_t from, std::size_t to) {
    auto& way = line(from, to);
    while (runs(from, to) && !way.under_way.empty() && way.under_way.front().first <= now()) {
        const auto write = way.under_way.front().second;
        way.under_way.pop_front();
        servers_[to]->replica.take(*write);
    }
}

void DomainControllers::deliver_everywhere() {
    for (std::size_t from = 0; from < servers_.size(); ++from) {
        for (std::size_t to = 0; to < servers_.size(); ++to) {
            if (from != to) deliver(from, to);
        }
    }
}

void DomainControllers::replicate_all() {
    for (auto& [ends, way] : lines_) {
        for (const auto& [when, write] : std::exchange(way.under_way, {}))
            servers_[ends.second]->replica.take(*write);
    }
}

bool DomainControllers::replicated() const {
    return std::all_of(lines_.begin(), lines_.end(),
                       [](const auto& one) { return one.second.under_way.empty(); });
}

// ----- notification

void DomainControllers::changed(std::size_t server, const std::vector<ObjectGuid>& objects) {
    const bool samba = options_.tree.dialect == DirectoryDialect::samba;
    const auto tick = samba ? options_.notification_tick : Duration::zero();
    for (const auto& connection : connections(server)) {
        if (connection->watches()) connection->note_changes(objects, tick);
    }
}

}  // namespace writeback::simulation
