#include "world.hpp"

#include "core/projection.hpp"
#include "core/selection.hpp"

#include <cstdlib>
#include <stdexcept>

namespace writeback::fakes {

namespace {

// Later than the machine's clock, so that nothing depends on when the tests run.
const Instant beginning = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

template <class T>
T value_of(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "writeback-sync-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

const Dn World::container("OU=Cloud Groups,DC=test");

World::World() : clock(beginning), cloud(clock), directory(clock, {container}) {
    config.graph.tenant_id = "11111111-2222-3333-4444-555555555555";
    config.graph.poll_interval = std::chrono::seconds(60);
    config.directory.container = container.text();
    config.groups.policy = Policy::full;
    cloud.tenant = TenantId(config.graph.tenant_id);
}

World::~World() {
    close();
}

SyncPorts World::ports() {
    const bool may_write = config.groups.policy != Policy::report_only;
    SyncPorts ports{.config = config,
                    .clock = clock,
                    .random = random,
                    .log = log,
                    .audit = audit,
                    .metrics = metrics,
                    .store = *store,
                    .changes = cloud,
                    .identities = cloud,
                    .directory = directory,
                    .writer = may_write ? &directory : nullptr,
                    .live = *live,
                    .accepted = *accepted,
                    .inbox = nullptr,
                    .subscriptions = nullptr,
                    .client_state = {},
                    .witness = nullptr,
                    .end_cloud_calls = {},
                    .end_directory_calls = {}};
    if (with_webhook) {
        ports.inbox = &inbox;
        ports.subscriptions = &cloud;
        ports.client_state = client_state;
    }
    return ports;
}

void World::open() {
    if (with_webhook && !config.webhook) {
        config.webhook.emplace();
        config.webhook->public_url = "https://hooks.test/graph";
    }
    thread = std::make_unique<ModelThread>(clock);
    live = std::make_unique<LiveState>();
    accepted = std::make_unique<AcceptedSubscriptions>();
    StoreOptions options;
    options.path = folder.file("state.db");
    store = value_of(SqliteStore::open(options));
    cloud.selection = value_of(group_selection(config));
    story = std::make_unique<Story>(ports());
    value_of(story->prepare());
    if (!with_webhook) return;
    webhook = std::make_unique<Inbox>(inbox, *accepted, cloud.tenant, clock, log, metrics, *live,
                                      [this] { story->hints_arrived(); });
    cloud.post = [this](Notification notification) { post({std::move(notification)}); };
}

void World::close() {
    cloud.post = nullptr;
    thread.reset();
    webhook.reset();
    story.reset();
    store.reset();
    live.reset();
    accepted.reset();
    served_ = false;
}

Result<OnceReport> World::once() {
    if (served_) throw std::logic_error("the world is being served");
    open();
    std::stop_source never;
    auto report = thread->run(story->once(never.get_token()));
    close();
    return report;
}

std::vector<RecordedOperation> World::plan() {
    open();
    PlanRecorder recorder(random);
    // In a copy that is thrown away, as the command does.
    auto copy = value_of(store->copy_to(folder.file("plan.db")));
    SyncPorts recorded{.config = config,
                       .clock = clock,
                       .random = random,
                       .log = log,
                       .audit = audit,
                       .metrics = metrics,
                       .store = *copy,
                       .changes = cloud,
                       .identities = cloud,
                       .directory = directory,
                       .writer = &recorder,
                       .live = *live,
                       .accepted = *accepted,
                       .witness = &recorder};
    Story rehearsal(recorded);
    value_of(rehearsal.prepare());
    std::stop_source never;
    value_of(thread->run(rehearsal.once(never.get_token())));
    thread.reset();
    for (const auto* suffix : {"", "-wal", "-shm", "-lock"}) {
        std::filesystem::remove(folder.file("plan.db") + suffix);
    }
    auto operations = recorder.operations();
    close();
    return operations;
}

std::optional<Result<OnceReport>> World::once_until(const bool& ends) {
    open();
    std::stop_source never;
    std::optional<Result<OnceReport>> report;
    thread->start([](World& world, std::stop_token stop,
                     std::optional<Result<OnceReport>>& into) -> Async<void> {
        into.emplace(co_await world.story->once(stop));
    }(*this, never.get_token(), report));
    if (!thread->run_until([&] { return report || ends; }, std::chrono::hours(1))) {
        throw std::runtime_error("once() did not end");
    }
    close();
    return report;
}

void World::serve() {
    open();
    served_ = true;
    stop_ = std::make_unique<std::stop_source>();
    thread->start([](World& world, std::stop_token stop) -> Async<void> {
        co_await world.story->serve(stop);
        world.served_ = false;
    }(*this, stop_->get_token()));
}

void World::stop() {
    stop_->request_stop();
    if (!thread->run_until([this] { return !served_; }, std::chrono::seconds(60))) {
        throw std::runtime_error("serve() did not end");
    }
    close();
}

void World::crash() {
    close();
}

bool World::settles(Duration limit) {
    return thread->run_until([this] { return live->snapshot().started && counts().dirty == 0; },
                             limit);
}

void World::post(std::vector<Notification> batch) {
    thread->start([](World& world, std::vector<Notification> items) -> Async<void> {
        auto answer = co_await world.webhook->receive(std::move(items));
        static_cast<void>(answer);
    }(*this, std::move(batch)));
}

std::vector<Hold> World::holds() {
    if (store) return value_of(store->holds());
    StoreOptions options;
    options.path = folder.file("state.db");
    options.access = StoreAccess::read_only;
    return value_of(value_of(SqliteStore::open(options))->holds());
}

Store::Counts World::counts() {
    if (store) return value_of(store->counts());
    StoreOptions options;
    options.path = folder.file("state.db");
    options.access = StoreAccess::read_only;
    return value_of(value_of(SqliteStore::open(options))->counts());
}

void World::decide(Decision decision, const std::string& id) {
    StoreOptions options;
    options.path = folder.file("state.db");
    options.access = StoreAccess::shared;
    auto beside = value_of(SqliteStore::open(options));
    REQUIRE(value_of(beside->decide(id, decision, clock.now())) > 0);
}

void World::request(const std::string& kind, const GroupId& group) {
    StoreOptions options;
    options.path = folder.file("state.db");
    options.access = StoreAccess::shared;
    auto beside = value_of(SqliteStore::open(options));
    value_of(beside->add_request(kind, group.text()));
}

std::string World::difference() const {
    for (const auto& [id, group] : cloud.groups()) {
        const auto& properties = group.properties;
        if (properties.on_premises_sync_enabled) continue;
        const auto* object = directory.group_of(id);
        const bool active = properties.state == CloudState::active;
        if (!active) {
            if (object != nullptr && properties.state == CloudState::deleted) {
                return properties.display_name + " is deleted and stands in the directory";
            }
            if (object != nullptr && !object->members.empty()) {
                return properties.display_name + " is soft-deleted and has members";
            }
            continue;
        }
        if (object == nullptr) return properties.display_name + " is not in the directory";
        std::set<std::string> wanted;
        for (const auto& [member, type] : group.members) {
            // The cloud lets a group be its own member; the directory is spared that.
            if (as_group(member) == id) continue;
            const auto principal = cloud.principals().find(member);
            if (principal != cloud.principals().end()) {
                const auto& one = principal->second;
                if (one.synced && one.state == CloudState::active && !one.sid.empty()) {
                    wanted.insert(one.sid.text());
                }
            } else if (const auto* child = directory.group_of(as_group(member))) {
                wanted.insert(child->sid.text());
            }
        }
        const auto present = directory.members_of(id);
        if (wanted != present) {
            return properties.display_name + " has " + std::to_string(present.size()) +
                   " members, and should have " + std::to_string(wanted.size());
        }
        const auto& name = object->attributes.find("displayName");
        if (name == object->attributes.end() || name->second.front() != properties.display_name) {
            return properties.display_name + " has another displayName";
        }
    }
    return {};
}

std::vector<std::string> World::written() {
    std::vector<std::string> fresh(
        directory.writes.begin() + static_cast<std::ptrdiff_t>(told_writes_),
        directory.writes.end());
    told_writes_ = directory.writes.size();
    return fresh;
}

MemberId person(World& world, const std::string& name) {
    return world.cloud.add_user(name, world.directory.add_user(name));
}

std::vector<std::string> reasons_of(const std::vector<Hold>& holds) {
    std::vector<std::string> reasons;
    for (const auto& hold : holds)
        reasons.emplace_back(name_of(hold.reason));
    return reasons;
}

}  // namespace writeback::fakes
