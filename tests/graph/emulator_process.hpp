// The emulator as a process of its own, on a free port, ended by its id.
#pragma once

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace emulated {

class EmulatorProcess {
 public:
    explicit EmulatorProcess(std::vector<std::string> options) {
        std::array<int, 2> pipe{};
        if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
        options.insert(options.begin(), {GRAPH_EMULATOR, "--listen", "127.0.0.1:0"});
        std::vector<char*> arguments;
        for (auto& option : options)
            arguments.push_back(option.data());
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, pipe[0]);
        const int failed =
            ::posix_spawn(&pid_, GRAPH_EMULATOR, &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        if (failed != 0) throw std::runtime_error("the emulator can't be started");
        url_ = url_in(pipe[0]);
        ::close(pipe[0]);
        if (url_.empty()) throw std::runtime_error("the emulator told no address");
    }
    EmulatorProcess(const EmulatorProcess&) = delete;
    EmulatorProcess& operator=(const EmulatorProcess&) = delete;
    ~EmulatorProcess() {
        ::kill(pid_, SIGTERM);
        for (int i = 0; i < 100; ++i) {
            if (::waitpid(pid_, nullptr, WNOHANG) == pid_) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] const std::string& url() const { return url_; }

 private:
    // "graph-emulator: listening on http://127.0.0.1:41234"; nothing when it ends without.
    static std::string url_in(int descriptor) {
        std::string line;
        char c = 0;
        while (::read(descriptor, &c, 1) == 1 && c != '\n')
            line.push_back(c);
        const auto begin = line.find("http://");
        return begin == std::string::npos ? std::string() : line.substr(begin);
    }

    pid_t pid_ = 0;
    std::string url_;
};

}  // namespace emulated
