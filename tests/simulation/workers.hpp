// Runs histories in processes of their own, several at once, and tells their verdicts in the order
// of their seeds: whatever the number of processes, the telling is the same.
//
// Failures: a worker that dies or does not end is the verdict of its seed ("ended", "hang"); what
// the system refuses (fork, socketpair) throws std::system_error. Limits: `jobs` workers, and
// `longest` of the machine's time for one history. Ownership: the workers are this object's
// children; they are ended with it. Threads: one.
#pragma once

#include "simulation/verdict.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace writeback::simulation {

class Workers {
 public:
    using RunOne = std::function<Verdict(std::uint64_t seed)>;

    Workers(int jobs, RunOne run, std::chrono::seconds longest = std::chrono::minutes(5));
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // `tell` is called with each verdict in order, until it gives false.
    void run(std::uint64_t first, std::uint64_t last,
             const std::function<bool(const Verdict&)>& tell);

 private:
    struct Worker {
        int process = 0;
        int socket = -1;
        bool busy = false;
        std::uint64_t seed = 0;
        std::chrono::steady_clock::time_point since{};
    };

    void start(Worker& worker);
    void end(Worker& worker);
    [[noreturn]] void work(int socket) const;
    void give(Worker& worker, std::uint64_t seed);
    void take(Worker& worker);
    void wait();
    void end_the_slow();

    RunOne run_;
    std::chrono::seconds longest_;
    std::vector<Worker> workers_;
    std::map<std::uint64_t, Verdict> done_;
};

}  // namespace writeback::simulation
