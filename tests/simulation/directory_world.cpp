#include "simulation/directory_world.hpp"

#include "core/selection.hpp"
#include "fakes/directory_tree_lab.hpp"

#include <cstdio>
#include <fstream>
#include <set>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace writeback::simulation {

namespace {

using namespace std::chrono_literals;

const Instant beginning = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

template <class T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
}

std::string password_file() {
    return "/tmp/directory-world-password." + std::to_string(::getpid());
}

}  // namespace

DirectoryWorld::DirectoryWorld(DomainControllerOptions options)
    : clock(beginning), thread(clock), cloud(clock), controllers(clock, std::move(options)) {
    config.graph.tenant_id = "11111111-2222-3333-4444-555555555555";
    config.graph.poll_interval = 10s;
    config.groups.policy = Policy::full;
    config.directory.servers = controllers.urls();
    config.directory.bind_dn = fakes::lab_service_account;
    config.directory.password_file = password_file();
    config.directory.container = fakes::lab_container;
    config.directory.range_size = 3;
    config.directory.page_size = 4;
    config.guard.max_group_deletions = {1e6, false};
    std::ofstream(config.directory.password_file) << "service\n";
    cloud.tenant = TenantId(config.graph.tenant_id);
    controllers.observe([this](const TreeWrite& write) { writes.push_back(write); });
    thread.start(controllers.run());
}

DirectoryWorld::~DirectoryWorld() {
    if (served_) stop();
    ::unlink(config.directory.password_file.c_str());
}

MemberId DirectoryWorld::person(int number) {
    char name[32];
    std::snprintf(name, sizeof name, "user%04d", number);
    const auto* entry =
        controllers.tree(0).find(Dn("CN=" + std::string(name) + "," + fakes::lab_people));
    return cloud.add_user(name, entry->sid);
}

void DirectoryWorld::open() {
    live_ = std::make_unique<LiveState>();
    accepted_ = std::make_unique<AcceptedSubscriptions>();
    StoreOptions options;
    options.path = "/state.db";
    options.vfs = disk.vfs();
    store_ = value_of(SqliteStore::open(options));
    directory_ =
        std::make_unique<ActiveDirectory>(thread.context().get_executor(), config.directory, clock,
                                          log, metrics, controllers.connector_factory(clock));
    directory_->on_change([this](bool bound) {
        if (story_) story_->directory_changed(bound);
    });
    cloud.selection = value_of(group_selection(config));
    story_ = std::make_unique<Story>(SyncPorts{.config = config,
                                               .clock = clock,
                                               .random = random,
                                               .log = log,
                                               .audit = audit,
                                               .metrics = metrics,
                                               .store = *store_,
                                               .changes = cloud,
                                               .identities = cloud,
                                               .directory = directory_->reader(),
                                               .writer = &directory_->writer(),
                                               .live = *live_,
                                               .accepted = *accepted_});
    value_of(story_->prepare());
}

void DirectoryWorld::close() {
    bool ended = false;
    thread.start([](ActiveDirectory& directory, bool& over) -> Async<void> {
        co_await directory.stop();
        over = true;
    }(*directory_, ended));
    if (!thread.run_until([&] { return ended; }, 2min)) {
        throw std::runtime_error("the directory did not end");
    }
    story_.reset();
    directory_.reset();
    store_.reset();
    live_.reset();
    accepted_.reset();
}

Result<OnceReport> DirectoryWorld::once() {
    open();
    std::stop_source never;
    auto report = thread.run(story_->once(never.get_token()), 24h);
    close();
    return report;
}

std::string DirectoryWorld::come_to_rest() {
    std::string owed;
    for (const Duration pause : {Duration(1s), Duration(10s), Duration(1min), Duration(10min),
                                 Duration(1h), Duration(6h), Duration(25h)}) {
        wait(pause);
        const auto report = once();
        owed = report ? "" : report.error().detail;
        if (report && (report->dirty != 0 || report->held != 0)) {
            owed =
                std::to_string(report->dirty) + " dirty, " + std::to_string(report->held) + " held";
        }
        if (owed.empty()) break;
    }
    return owed;
}

void DirectoryWorld::serve() {
    open();
    served_ = true;
    stop_ = std::make_unique<std::stop_source>();
    thread.start([](DirectoryWorld& world, std::stop_token stop) -> Async<void> {
        co_await world.story_->serve(stop);
        world.served_ = false;
    }(*this, stop_->get_token()));
    thread.start(directory_->keep_connected());
}

void DirectoryWorld::stop() {
    stop_->request_stop();
    if (!thread.run_until([this] { return !served_; }, 5min)) {
        throw std::runtime_error("serve() did not end");
    }
    close();
}

// ----- judging

const fakes::TreeEntry* DirectoryWorld::object_of(const GroupId& group,
                                                  std::string& trouble) const {
    const auto& tree = const_cast<DomainControllers&>(controllers).tree(0);
    const fakes::TreeEntry* found = nullptr;
    for (const auto& [number, entry] : tree.entries()) {
        const auto* mark = entry.deleted ? nullptr : entry.first("admindescription");
        if (mark == nullptr || *mark != mark_of(group)) continue;
        if (found != nullptr) trouble = "two objects bear the mark of " + group.text();
        found = &entry;
    }
    return found;
}

std::string DirectoryWorld::difference_of(const fakes::ModelCloud::Group& group,
                                          const fakes::TreeEntry* object) const {
    const auto& name = group.properties.display_name;
    std::set<std::string> present;
    const auto& tree = const_cast<DomainControllers&>(controllers).tree(0);
    if (object != nullptr) {
        if (const auto found = object->links.find("member"); found != object->links.end()) {
            for (const auto number : found->second)
                present.insert(tree.entry(number).sid.text());
        }
    }
    if (group.properties.state == CloudState::deleted) {
        return object == nullptr ? "" : name + " is deleted and stands in the directory";
    }
    std::set<std::string> wanted;
    if (group.properties.state == CloudState::active) {
        if (object == nullptr) return name + " is not in the directory";
        for (const auto& [member, type] : group.members) {
            const auto principal = cloud.principals().find(member);
            std::string ignored;
            if (principal != cloud.principals().end()) {
                wanted.insert(principal->second.sid.text());
            } else if (const auto* child = object_of(as_group(member), ignored)) {
                wanted.insert(child->sid.text());
            }
        }
        const auto* shown = object->first("displayname");
        if (shown == nullptr || *shown != name) return name + " has another displayName";
        if (!object->rdn_value.starts_with(name)) return name + " is called " + object->rdn_value;
    }
    if (wanted == present) return {};
    return name + " has " + std::to_string(present.size()) + " members, and should have " +
           std::to_string(wanted.size());
}

std::string DirectoryWorld::difference() {
    controllers.replicate_all();
    for (std::size_t other = 1; other < controllers.size(); ++other) {
        auto text = simulation::difference(controllers.tree(0), controllers.tree(other));
        if (!text.empty()) return text;
    }
    for (const auto& [id, group] : cloud.groups()) {
        std::string trouble;
        const auto* object = object_of(id, trouble);
        if (trouble.empty()) trouble = difference_of(group, object);
        if (!trouble.empty()) return trouble;
        if (object == nullptr) continue;
        const auto [known, fresh] = sids_.try_emplace(id, object->sid);
        if (known->second != object->sid) return group.properties.display_name + " has a new SID";
    }
    return {};
}

}  // namespace writeback::simulation
