// Domain controllers of one domain in model time: what the daemon's directory room talks to in a
// simulation, in the place of libldap and of servers.
//
// Purpose: the production code above LdapConnector runs unchanged; below it each request takes its
// way to a domain controller, is obeyed there by a DirectoryTree, and its answer takes its way
// back. Writes reach the other domain controllers later. Everything may go wrong, on demand or by
// `faults`. Failures: what a domain controller refuses is an answer; what the model does not know
// throws std::logic_error out of run() or the caller. Limits: DomainControllerOptions. Ownership:
// the clock must outlive it, and it must outlive every connector and connection. Threads: one.
// Deterministic: chance comes from the seed, and nothing depends on addresses or hashes.
//
// run() belongs to the world's loop and must be running; requests belong to the process that made
// them, and wait on its clock. What has been sent is obeyed even if the process dies before that.
#pragma once

#include "fakes/directory_tree.hpp"
#include "fakes/recording.hpp"
#include "simulation/directory_writes.hpp"
#include "simulation/replica.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace writeback::simulation {

using fakes::DirectoryDialect;

class ControllerConnection;
struct ControllerCall;

struct DomainControllerOptions {
    std::size_t servers = 2;
    fakes::TreeOptions tree;  // dialect, sizes of pieces, schema
    std::uint64_t seed = 1;
    // Fills the domain before it is copied to every domain controller; empty: furnish_lab.
    std::function<void(fakes::DirectoryTree&)> furnish;
    // The account that the daemon binds as, and the one of people; both are the lab's.
    std::string account;
    std::string password = "service";
    std::string administrator;
    std::string administrator_password = "administrator";
    // Time of one way over the network, of a request at the server, and of each 100 values in it.
    Duration least_hop{0};
    Duration most_hop{3};
    Duration per_request{1};
    Duration per_hundred_values{2};
    // Until the other domain controllers have a write.
    Duration least_lag{100};
    Duration most_lag{2000};
    // Change notification: Samba looks each five seconds, Windows tells at once.
    Duration notification_tick{5000};
    // As DirectoryConfig has them.
    Duration connect_timeout{10'000};
    Duration operation_timeout{60'000};
};

class DomainControllers {
 public:
    DomainControllers(Clock& clock, DomainControllerOptions options);
    ~DomainControllers();
    DomainControllers(const DomainControllers&) = delete;
    DomainControllers& operator=(const DomainControllers&) = delete;

    // --- for the daemon ---
    // "ldaps://dc1.lab.test", …: directory.servers. Global catalogs are at the usual port 3269.
    [[nodiscard]] std::vector<std::string> urls() const;
    // For ActiveDirectory, once for each life of the process, whose clock it is.
    [[nodiscard]] LdapConnectors connector_factory(Clock& of_the_process);
    // The process is dead: nothing is told to it any more. Requests under way are obeyed.
    void forget_clients();

    // --- the passing of time ---
    Async<void> run();
    void stop();

    // --- what goes wrong ---
    // Asked of each request of the daemon, when a domain controller comes to it.
    std::function<DirectoryFault(std::size_t server, const DirectoryRequest&)> faults;
    // The nth request from now on (connects count as well); 0: none. It comes before `faults`.
    void fail_nth(std::uint64_t nth, DirectoryFault fault);
    [[nodiscard]] bool failed_nth() const { return fail_in_ == 0; }
    // Down: connections end, nothing answers, and replication with it stands still.
    void set_up(std::size_t server, bool up);
    // Not answering, as a stopped process: requests are kept and obeyed when it goes on.
    void set_answering(std::size_t server, bool answering);
    void drop_connections(std::size_t server);
    void accept_binds(bool accept) { accepts_binds_ = accept; }
    void set_lag(Duration least, Duration most);
    void set_replicating(bool replicating);
    // Everything works again, as it did at first.
    void heal();

    // --- people ---
    // A write by an administrator's own tools, at once.
    fakes::TreeAnswer edit(std::size_t server, DirectoryRequest request);
    // The tree itself, for looking; what is written to it is replicated, but not observed.
    [[nodiscard]] fakes::DirectoryTree& tree(std::size_t server) { return servers_[server]->tree; }
    [[nodiscard]] std::size_t size() const { return servers_.size(); }

    // --- for judging ---
    // Called with each write that reached a domain controller, obeyed or refused; writes that
    // arrive by replication are not writes of anyone.
    void observe(std::function<void(const TreeWrite&)> observer) {
        observer_ = std::move(observer);
    }
    [[nodiscard]] std::uint64_t requests() const { return requests_; }
    // Each write to every domain controller, now.
    void replicate_all();
    // Whether every domain controller has every write.
    [[nodiscard]] bool replicated() const;

 private:
    friend class ControllerConnection;
    friend class ControllerConnector;
    struct Server {
        Server(fakes::DirectoryTree from, std::string at)
            : tree(std::move(from)), replica(tree), url(std::move(at)) {}
        fakes::DirectoryTree tree;
        Replica replica;
        std::string url;
        bool up = true;
        bool answering = true;
        Duration free_at{};
        std::deque<std::function<void()>> kept;  // while it does not answer
        std::vector<std::weak_ptr<ControllerConnection>> connections;
    };
    // From one domain controller to another, in order.
    struct Line {
        std::deque<std::pair<Duration, std::shared_ptr<const ReplicatedWrite>>> under_way;
        Duration last{};
    };
    using CallPointer = std::shared_ptr<ControllerCall>;
    using ConnectionPointer = std::weak_ptr<ControllerConnection>;

    // Time.
    [[nodiscard]] Duration now() const { return clock_.monotonic(); }
    void at(Duration when, std::function<void()> event);
    void catch_up();
    [[nodiscard]] Duration between(Duration least, Duration most);
    [[nodiscard]] Duration hop() { return between(options_.least_hop, options_.most_hop); }

    // Requests.
    struct Arrival {
        std::size_t server = 0;
        bool catalog = false;
        std::shared_ptr<const DirectoryRequest> request;
        ConnectionPointer connection;
        CallPointer call;
    };
    void submit(const std::shared_ptr<ControllerConnection>& connection, const CallPointer& call,
                DirectoryRequest request);
    void arrive(const Arrival& arrival);
    void obey(const Arrival& arrival);
    void answer(const Arrival& arrival, LdapReply reply);
    [[nodiscard]] LdapReply perform(const Arrival& arrival, bool answered);
    [[nodiscard]] LdapReply search(const Arrival& arrival);
    [[nodiscard]] DirectoryFault fault_of(std::size_t server, const DirectoryRequest& request);
    [[nodiscard]] Duration cost_of(const DirectoryRequest& request) const;
    [[nodiscard]] std::size_t server_at(const std::string& url) const;
    // The outcome of a connect; nothing: no answer.
    [[nodiscard]] std::optional<Result<Done>> let_in(const std::string& url);
    [[nodiscard]] fakes::TreeCaller daemon_on(std::size_t server) const;

    // Writes.
    fakes::TreeAnswer write(std::size_t server, WrittenBy by, const DirectoryRequest& request,
                            bool answered);
    void wrote(std::size_t server, std::vector<fakes::TreeDelta> deltas);
    void tell_effects(TreeWrite& write, const fakes::DirectoryTree& tree) const;

    // Replication and notification.
    [[nodiscard]] Line& line(std::size_t from, std::size_t to);
    [[nodiscard]] bool runs(std::size_t from, std::size_t to) const;
    void deliver(std::size_t from, std::size_t to);
    void deliver_everywhere();
    void changed(std::size_t server, const std::vector<ObjectGuid>& objects);
    [[nodiscard]] std::vector<std::shared_ptr<ControllerConnection>> connections(
        std::size_t server);

    Clock& clock_;
    DomainControllerOptions options_;
    fakes::ModelRandom random_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::map<std::pair<std::size_t, std::size_t>, Line> lines_;
    std::function<void(const TreeWrite&)> observer_;
    bool accepts_binds_ = true;
    bool replicating_ = true;
    bool stopped_ = false;
    std::uint64_t fail_in_ = 0;
    DirectoryFault nth_fault_ = DirectoryFault::none;
    std::uint64_t requests_ = 0;
    std::uint64_t writes_ = 0;
    std::vector<fakes::TreeDelta> effects_;  // of the write that is being done

    std::map<std::pair<Duration, std::uint64_t>, std::function<void()>> events_;
    std::uint64_t events_made_ = 0;
    bool catching_up_ = false;
    std::unique_ptr<Alarm> due_;
};

}  // namespace writeback::simulation
