#include "simulation/cloud_side.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace writeback::simulation {

namespace json = emulator::json;
using namespace std::chrono_literals;

class CloudSide::WorldTime final : public emulator::Time {
 public:
    WorldTime(EventLoop& loop, Instant beginning) : loop_(loop), beginning_(beginning) {}
    emulator::TimePoint machine() override { return beginning_ + steady(); }
    emulator::Duration steady() override { return loop_.time(); }
    // The model's time has milliseconds; whoever waits less waits one.
    boost::asio::awaitable<void> pause(emulator::Duration time) override {
        return loop_.world_clock().sleep(std::chrono::ceil<Duration>(time));
    }

 private:
    EventLoop& loop_;
    Instant beginning_;
};

CloudSide::CloudSide(EventLoop& loop, Network& network, Trace& trace, const Scenario& scenario)
    : loop_(loop),
      trace_(trace),
      scenario_(scenario),
      chance_(scenario.seed ^ 0x636c6f7564U),
      time_(std::make_unique<WorldTime>(loop, loop.world_clock().now())) {
    emulator::Settings settings;
    settings.tenant_id = scenario.config.graph.tenant_id;
    settings.client_id = scenario.config.graph.client_id;
    settings.client_secret = client_secret_;
    settings.page_size = scenario.list_page;
    if (scenario.staged == Staged::restored_in_bad_weather) {
        settings.longest_list = scenario.list_page;
    }
    settings.seed = scenario.seed;
    service_ = std::make_unique<emulator::Service>(loop.world().get_executor(), settings, *time_,
                                                   network, scenario.seed | 1U);
    auto& delta = service_->delta().settings;
    delta.page_size = scenario.delta_page;
    delta.members_per_part = scenario.members_per_part;
    delta.empty_pages = scenario.empty_pages;
    delta.replay = scenario.replay;
    delta.removed_in_initial = scenario.removed_in_initial;
    delta.members_on_restore = scenario.members_on_restore;
    delta.interleave_parts = scenario.interleave_parts;
    delta.lag = scenario.lag;
    network.connect(*service_);
}

CloudSide::~CloudSide() = default;

void CloudSide::tell(std::string_view what, ObjectIndex object) {
    const auto sid = emulator::text_at(at(object).properties, "onPremisesSecurityIdentifier");
    const auto synced = emulator::flag_at(at(object).properties, "onPremisesSyncEnabled");
    trace_.tell("cloud", what,
                {{"object", at(object).id},
                 {"kind", emulator::type_name(at(object).kind)},
                 {"sid", sid.value_or("-")},
                 {"synced", synced.value_or(false)}});
    if (on_change) on_change(object);
}

ObjectIndex CloudSide::create(Kind kind, json::object properties) {
    const std::string id = service_->random().guid();
    if (kind == Kind::group) {
        for (const auto* list : {"groupTypes", "proxyAddresses"})
            properties.emplace(list, json::array());
    }
    auto created = tenant().create(kind, std::move(properties), id);
    if (!created) throw std::logic_error("the tenant refuses an object");
    tell("created", *created);
    return *created;
}

void CloudSide::update(ObjectIndex object, json::object properties) {
    const bool changed = tenant().update(object, properties);
    if (changed) tell("updated", object);
}

void CloudSide::change_members(ObjectIndex group, const std::vector<ObjectIndex>& added,
                               const std::vector<ObjectIndex>& removed) {
    tenant().change_members(group, added, removed);
    for (const ObjectIndex member : added) {
        trace_.tell("cloud", "member-added", {{"object", at(group).id}, {"other", at(member).id}});
    }
    for (const ObjectIndex member : removed) {
        trace_.tell("cloud", "member-removed",
                    {{"object", at(group).id}, {"other", at(member).id}});
    }
    if (on_change) on_change(group);
}

std::vector<ObjectIndex> CloudSide::living(const std::vector<ObjectIndex>& of) {
    std::vector<ObjectIndex> alive;
    for (const ObjectIndex index : of)
        if (at(index).state() == Life::live) alive.push_back(index);
    return alive;
}

// Mostly readable; now and then what people really call their groups.
std::string CloudSide::group_name(Chance& chance) {
    static const std::vector<std::string> awkward = {
        "  blanks  ",
        "a,b+c=d",
        "\"quoted\" <x>",
        "#hash",
        "Ä ö ü",
        "trailing\\",
        "x/y:z",
        "very long very long very long very long very long very long very long very long name"};
    const std::string number = std::to_string(++names_);
    const std::string keep = chance.one_in(4) ? "drop " : "keep ";
    if (chance.one_in(6)) return keep + chance.any(awkward) + number;
    // The same name more than once, or in another case.
    if (chance.one_in(8)) return keep + (chance.one_in(2) ? "twin" : "TWIN");
    return keep + "group " + number;
}

ObjectIndex CloudSide::add_person(Chance& chance) {
    const std::string name = "person" + std::to_string(++names_);
    json::object properties{{"displayName", name},
                            {"userPrincipalName", name + "@example.test"},
                            {"accountEnabled", true}};
    const bool device = scenario_.exotic_kinds && chance.one_in(8);
    if (!chance.one_in(6)) {
        const Account account = make_account(name);
        properties["onPremisesSyncEnabled"] = true;
        properties["onPremisesSecurityIdentifier"] = account.sid.text();
    }
    if (device) properties.erase("userPrincipalName");
    const ObjectIndex index = create(device ? Kind::device : Kind::user, std::move(properties));
    people_.push_back(index);
    return index;
}

ObjectIndex CloudSide::add_group(Chance& chance) {
    const std::string nickname = "group" + std::to_string(++names_);
    json::object properties{{"displayName", group_name(chance)}, {"mailNickname", nickname}};
    const bool unified = chance.one_in(4);
    properties["mailEnabled"] = unified;
    properties["securityEnabled"] = !unified;
    if (unified) {
        properties["groupTypes"] = json::array{"Unified"};
        properties["mail"] = nickname + "@example.test";
        properties["proxyAddresses"] = json::array{"SMTP:" + nickname + "@example.test"};
    }
    if (chance.one_in(2)) properties["description"] = "About " + nickname;
    const ObjectIndex index = create(Kind::group, std::move(properties));
    groups_.push_back(index);
    return index;
}

ObjectIndex CloudSide::add_synced_group(Chance& chance) {
    const std::string name = "onprem" + std::to_string(++names_);
    const Account account = make_synced_group(name);
    json::object properties{{"displayName", name},
                            {"mailEnabled", false},
                            {"securityEnabled", true},
                            {"onPremisesSyncEnabled", true},
                            {"onPremisesSecurityIdentifier", account.sid.text()}};
    static_cast<void>(chance);
    const ObjectIndex index = create(Kind::group, std::move(properties));
    others_.push_back(index);
    return index;
}

void CloudSide::add_exotic(Chance& chance) {
    const std::string name = "exotic" + std::to_string(++names_);
    switch (chance.below(4)) {
        case 0:
            others_.push_back(create(Kind::org_contact, {{"displayName", name}}));
            return;
        case 1:
            others_.push_back(create(Kind::service_principal, {{"displayName", name}}));
            return;
        case 2:  // a distribution list: Exchange Online manages it
            others_.push_back(create(Kind::group, {{"displayName", name},
                                                   {"mailNickname", name},
                                                   {"mail", name + "@example.test"},
                                                   {"mailEnabled", true},
                                                   {"securityEnabled", false}}));
            return;
        default:
            add_synced_group(chance);
    }
}

void CloudSide::furnish() {
    Chance chance = chance_.branch();
    for (int i = 0; i < scenario_.people; ++i)
        add_person(chance);
    for (int i = 0; i < scenario_.groups; ++i)
        add_group(chance);
    add_synced_group(chance);
    for (int i = 0; scenario_.exotic_kinds && i < 3; ++i)
        add_exotic(chance);
    for (const ObjectIndex group : groups_) {
        std::vector<ObjectIndex> members;
        const auto size = static_cast<std::size_t>(chance.skewed(0, 12));
        const bool large = group == groups_.front() && scenario_.largest_group > 0;
        const std::size_t wanted = large ? static_cast<std::size_t>(scenario_.largest_group) : size;
        const std::size_t from = chance.below(people_.size());
        for (std::size_t i = 0; i < std::min(wanted, people_.size()); ++i) {
            const ObjectIndex person = people_[(from + i) % people_.size()];
            if (at(group).is_unified() && at(person).kind != Kind::user) continue;
            members.push_back(person);
        }
        if (!members.empty()) change_members(group, members, {});
    }
}

}  // namespace writeback::simulation
