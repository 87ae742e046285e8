#include "simulation/directory_side.hpp"

#include "fakes/directory_tree_lab.hpp"

#include <algorithm>
#include <utility>

namespace writeback::simulation {

using namespace std::chrono_literals;
using fakes::DirectoryTree;
using fakes::TreeEntry;

namespace {

const std::string people_unit = fakes::lab_people;
const std::string our_container = fakes::lab_container;

DomainControllerOptions options_of(const Scenario& scenario) {
    DomainControllerOptions options;
    options.servers = static_cast<std::size_t>(scenario.domain_controllers);
    options.tree.dialect = scenario.dialect;
    options.tree.values_a_read = scenario.values_a_read;
    options.tree.seed = scenario.seed;
    options.seed = scenario.seed ^ 0x6463U;
    options.password = directory_password;
    options.furnish = [](DirectoryTree& tree) {
        fakes::LabOptions lab;
        lab.users = 0;
        lab.child_domain = false;
        lab.service_password = directory_password;
        fakes::furnish_lab(tree, lab);
    };
    options.most_hop = std::max(scenario.hop, Duration(1));
    if (scenario.replication_lag > Duration::zero()) {
        options.least_lag = scenario.replication_lag / 4;
        options.most_lag = scenario.replication_lag;
    }
    options.connect_timeout = scenario.config.directory.connect_timeout;
    options.operation_timeout = scenario.config.directory.operation_timeout;
    return options;
}

std::string value_of(const TreeEntry& entry, const char* attribute) {
    const auto* value = entry.first(attribute);
    return value == nullptr ? std::string() : *value;
}

bool is_mark(const std::string& text) {
    return text.starts_with("Group_");
}

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace

DirectorySide::DirectorySide(EventLoop& loop, Trace& trace, const Scenario& scenario)
    : loop_(loop),
      trace_(trace),
      scenario_(scenario),
      chance_(scenario.seed ^ 0x646972U),
      controllers_(loop.world_clock(), options_of(scenario)) {
    controllers_.observe([this](const TreeWrite& write) { told(write); });
    controllers_.faults = [this](std::size_t, const DirectoryRequest& request) {
        return fault_for(request);
    };
    loop_.spawn_in_world(controllers_.run());
}

LdapConnectors DirectorySide::connectors() {
    return controllers_.connector_factory(loop_.machine_clock());
}

void DirectorySide::told(const TreeWrite& write) {
    const bool ours = write.by == WrittenBy::daemon;
    trace_.tell(ours ? "ad" : "ad-hand", name_of(write.request.kind),
                {{"server", static_cast<std::int64_t>(write.server)},
                 {"dn", write.request.dn},
                 {"code", static_cast<std::int64_t>(write.code)},
                 {"answered", write.answered},
                 {"added", static_cast<std::int64_t>(write.members_added.size())},
                 {"removed", static_cast<std::int64_t>(write.members_removed.size())}});
    if (write.obeyed()) {
        auto& tree = controllers_.tree(write.server);
        if (const auto* entry = tree.find(write.object)) {
            const std::string mark = value_of(*entry, "admindescription");
            if (is_mark(mark) && !entry->sid.empty()) marks_[entry->sid.text()] = mark;
        }
    }
    if (on_write) on_write(write);
}

Account DirectorySide::account_of(const ObjectGuid& guid) {
    const auto* entry = controllers_.tree(0).find(guid);
    return {entry->sid, guid};
}

Account DirectorySide::make_person(const std::string& name) {
    people_.push_back("CN=" + name + "," + people_unit);
    return account_of(controllers_.tree(0).make(
        people_.back(), "user", {{"sAMAccountName", {name}}, {"userAccountControl", {"546"}}}));
}

Account DirectorySide::make_synced_group(const std::string& name) {
    return account_of(
        controllers_.tree(0).make("CN=" + name + "," + people_unit, "group",
                                  {{"sAMAccountName", {name}}, {"groupType", {"-2147483646"}}}));
}

MarkedGroup DirectorySide::as_marked(DirectoryTree& tree, const TreeEntry& entry) {
    MarkedGroup group;
    group.guid = entry.guid;
    group.sid = entry.sid;
    group.dn = tree.dn_of(entry);
    group.cn = entry.rdn_value;
    group.display_name = value_of(entry, "displayname");
    if (const auto* description = entry.first("description")) group.description = *description;
    group.group_type = entry.group_type();
    if (const auto members = entry.links.find("member"); members != entry.links.end()) {
        for (const auto number : members->second) {
            const TreeEntry& member = tree.entry(number);
            group.members.insert(key_of({member.sid, member.guid}));
        }
    }
    return group;
}

std::multimap<std::string, MarkedGroup> DirectorySide::marked() {
    std::multimap<std::string, MarkedGroup> found;
    auto& tree = controllers_.tree(0);
    for (const auto& [number, entry] : tree.entries()) {
        if (entry.deleted) continue;
        const std::string mark = value_of(entry, "admindescription");
        if (is_mark(mark)) found.emplace(mark, as_marked(tree, entry));
    }
    return found;
}

int DirectorySide::marked_count(const std::string& mark, std::size_t server) {
    int count = 0;
    for (const auto& [number, entry] : controllers_.tree(server).entries())
        if (!entry.deleted && value_of(entry, "admindescription") == mark) ++count;
    return count;
}

std::string DirectorySide::key_of(const AdIdentity& identity) {
    if (const auto known = marks_.find(identity.sid.text()); known != marks_.end()) {
        return "group:" + known->second.substr(6);
    }
    return identity.key();
}

std::string DirectorySide::sid_of(const std::string& key) const {
    if (!key.starts_with("group:")) return key;
    for (const auto& [sid, mark] : marks_)
        if (mark.substr(6) == key.substr(6)) return sid;
    return {};
}

bool DirectorySide::in_container(const Dn& name) const {
    const std::string text = lower_case(name.text());
    return text.ends_with("," + lower_case(our_container));
}

bool DirectorySide::did(Hand hand, const std::string& mark) const {
    return hands_.contains({hand, mark});
}

bool DirectorySide::did(Hand hand) const {
    return std::any_of(hands_.begin(), hands_.end(),
                       [&](const auto& one) { return one.first == hand; });
}

bool DirectorySide::edited_lately(const ObjectGuid& object) const {
    const auto edited = edited_.find(object);
    return edited != edited_.end() &&
           edited->second + scenario_.config.directory.operation_timeout + 5s > loop_.time();
}

// --- trouble ---

DirectoryFault DirectorySide::fault_for(const DirectoryRequest& request) {
    if (loop_.time() >= weather_.until) return DirectoryFault::none;
    if (weather_.writes_only && !request.is_write()) return DirectoryFault::none;
    return chance_.percent(weather_.percent) ? weather_.fault : DirectoryFault::none;
}

void DirectorySide::later(Duration pause, std::function<void()> what) {
    loop_.spawn_in_world(
        [](EventLoop& loop, Duration wait, std::function<void()> then) -> Async<void> {
            co_await loop.world_clock().sleep(wait);
            then();
        }(loop_, pause, std::move(what)));
}

void DirectorySide::refuse(Chance& chance) {
    weather_.fault = chance.one_in(2) ? DirectoryFault::busy : DirectoryFault::unavailable;
    weather_.percent = static_cast<std::uint64_t>(chance.between(10, 100));
    weather_.writes_only = chance.one_in(2);
    weather_.until = loop_.time() + chance.between(500ms, 60s);
    trace_.tell("trouble", name_of(weather_.fault),
                {{"percent", static_cast<std::int64_t>(weather_.percent)}});
}

void DirectorySide::lose(Chance& chance) {
    constexpr DirectoryFault lost[] = {DirectoryFault::lost_before, DirectoryFault::lost_after,
                                       DirectoryFault::silent, DirectoryFault::silent_after};
    const std::size_t server = chance.below(controllers_.size());
    const Duration pause = chance.between(500ms, chance.one_in(8) ? Duration(20min) : 90s);
    switch (chance.below(4)) {
        case 0: {
            trace_.tell("trouble", "server-down", {{"server", static_cast<std::int64_t>(server)}});
            controllers_.set_up(server, false);
            return later(pause, [this, server] { controllers_.set_up(server, true); });
        }
        case 1: {
            trace_.tell("trouble", "server-stopped",
                        {{"server", static_cast<std::int64_t>(server)}});
            controllers_.set_answering(server, false);
            return later(pause, [this, server] { controllers_.set_answering(server, true); });
        }
        case 2:
            trace_.tell("trouble", "connections-dropped", {});
            return controllers_.drop_connections(server);
        default: {
            const auto fault = lost[chance.below(4)];
            const auto nth = static_cast<std::uint64_t>(chance.skewed(1, 40));
            trace_.tell("trouble", name_of(fault), {{"nth", static_cast<std::int64_t>(nth)}});
            return controllers_.fail_nth(nth, fault);
        }
    }
}

void DirectorySide::fail_over(Chance& chance) {
    if (controllers_.size() < 2) return;
    const Duration pause = chance.between(5s, chance.one_in(5) ? Duration(10min) : 60s);
    trace_.tell("trouble", "fail-over", {});
    if (chance.one_in(3)) {
        controllers_.set_replicating(false);
        later(pause + 5s, [this] { controllers_.set_replicating(true); });
    }
    controllers_.set_up(0, false);
    later(pause, [this] { controllers_.set_up(0, true); });
}

void DirectorySide::refuse_binds(Chance& chance) {
    trace_.tell("trouble", "binds-refused", {});
    controllers_.accept_binds(false);
    controllers_.drop_connections(0);
    later(chance.between(1s, 4min), [this] { controllers_.accept_binds(true); });
}

void DirectorySide::heal() {
    weather_ = {};
    controllers_.fail_nth(0, DirectoryFault::none);
    controllers_.heal();
    controllers_.replicate_all();
}

}  // namespace writeback::simulation
