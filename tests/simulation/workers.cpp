#include "simulation/workers.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace writeback::simulation {

namespace {

constexpr int poll_milliseconds = 1'000;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

bool write_all(int socket, const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool read_all(int socket, void* data, std::size_t size) {
    char* at = static_cast<char*>(data);
    while (size > 0) {
        const ssize_t received = read(socket, at, size);
        if (received < 0 && errno == EINTR) continue;
        if (received <= 0) return false;
        at += received;
        size -= static_cast<std::size_t>(received);
    }
    return true;
}

// What travels: the numbers as they are, then the two texts.
struct Letter {
    std::uint64_t seed, hash, events;
    std::int64_t seconds, lives, writes;
    std::uint64_t broken_size, sentence_size;
};

bool send_verdict(int socket, const Verdict& verdict) {
    const Letter letter{verdict.seed,          verdict.hash,           verdict.events,
                        verdict.seconds,       verdict.lives,          verdict.writes,
                        verdict.broken.size(), verdict.sentence.size()};
    const std::string text = verdict.broken + verdict.sentence;
    return write_all(socket, &letter, sizeof letter) && write_all(socket, text.data(), text.size());
}

std::optional<Verdict> receive_verdict(int socket) {
    Letter letter{};
    if (!read_all(socket, &letter, sizeof letter)) return std::nullopt;
    std::string text(letter.broken_size + letter.sentence_size, '\0');
    if (!read_all(socket, text.data(), text.size())) return std::nullopt;
    return Verdict{letter.seed,
                   text.substr(0, letter.broken_size),
                   text.substr(letter.broken_size),
                   letter.hash,
                   letter.events,
                   letter.seconds,
                   letter.lives,
                   letter.writes};
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) {
        return std::string("The program was ended by a signal: ") + strsignal(WTERMSIG(status));
    }
    return "The program ended with exit code " + std::to_string(WEXITSTATUS(status)) + ".";
}

}  // namespace

Workers::Workers(int jobs, RunOne run, std::chrono::seconds longest)
    : run_(std::move(run)), longest_(longest), workers_(static_cast<std::size_t>(jobs)) {}

Workers::~Workers() {
    for (Worker& worker : workers_)
        end(worker);
}

void Workers::start(Worker& worker) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
    const pid_t process = fork();
    if (process < 0) fail("fork");
    if (process == 0) {
        close(sockets[0]);
        // The others' ends are the parent's alone, so that each worker sees the parent end.
        for (const Worker& other : workers_)
            if (other.process != 0) close(other.socket);
        work(sockets[1]);
    }
    close(sockets[1]);
    worker.process = process;
    worker.socket = sockets[0];
    worker.busy = false;
}

void Workers::end(Worker& worker) {
    if (worker.process == 0) return;
    close(worker.socket);
    kill(worker.process, SIGKILL);
    waitpid(worker.process, nullptr, 0);
    worker = {};
}

void Workers::work(int socket) const {
    std::uint64_t seed = 0;
    while (read_all(socket, &seed, sizeof seed)) {
        if (!send_verdict(socket, run_(seed))) break;
    }
    std::_Exit(0);
}

void Workers::give(Worker& worker, std::uint64_t seed) {
    if (worker.process == 0) start(worker);
    worker.busy = true;
    worker.seed = seed;
    worker.since = std::chrono::steady_clock::now();
    static_cast<void>(write_all(worker.socket, &seed, sizeof seed));
}

void Workers::take(Worker& worker) {
    worker.busy = false;
    if (auto verdict = receive_verdict(worker.socket)) {
        done_.insert_or_assign(worker.seed, std::move(*verdict));
        return;
    }
    int status = 0;
    waitpid(worker.process, &status, 0);
    Verdict verdict;
    verdict.seed = worker.seed;
    verdict.broken = "ended";
    verdict.sentence = how_it_ended(status);
    done_.insert_or_assign(worker.seed, std::move(verdict));
    close(worker.socket);
    worker = {};
}

void Workers::end_the_slow() {
    const auto now = std::chrono::steady_clock::now();
    for (Worker& worker : workers_) {
        if (!worker.busy || now - worker.since < longest_) continue;
        Verdict verdict;
        verdict.seed = worker.seed;
        verdict.broken = "hang";
        verdict.sentence = "The history did not end.";
        end(worker);
        done_.insert_or_assign(verdict.seed, std::move(verdict));
    }
}

void Workers::wait() {
    std::vector<pollfd> sockets;
    for (const Worker& worker : workers_)
        if (worker.busy) sockets.push_back({worker.socket, POLLIN, 0});
    if (poll(sockets.data(), sockets.size(), poll_milliseconds) < 0 && errno != EINTR) fail("poll");
    for (const pollfd& ready : sockets) {
        if (ready.revents == 0) continue;
        const auto worker = std::find_if(workers_.begin(), workers_.end(),
                                         [&](const Worker& one) { return one.socket == ready.fd; });
        take(*worker);
    }
    end_the_slow();
}

void Workers::run(std::uint64_t first, std::uint64_t last,
                  const std::function<bool(const Verdict&)>& tell) {
    done_.clear();
    std::uint64_t next = first;
    std::uint64_t told = first;
    while (told <= last) {
        for (Worker& worker : workers_) {
            if (!worker.busy && next <= last) give(worker, next++);
        }
        wait();
        for (auto done = done_.find(told); done != done_.end(); done = done_.find(++told)) {
            const bool go_on = tell(done->second);
            done_.erase(done);
            if (!go_on) {
                // What still runs is of no interest; its answer must not be taken for another's.
                for (Worker& worker : workers_)
                    if (worker.busy) end(worker);
                return;
            }
        }
    }
}

}  // namespace writeback::simulation
