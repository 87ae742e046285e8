// The program itself: its ready line, its refusals, its end.
#include "http_conversation.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

/// The emulator as a child process; ended by its id.
class Program {
 public:
    explicit Program(std::vector<std::string> arguments) {
        const char* path = std::getenv("GRAPH_EMULATOR");
        REQUIRE_MESSAGE(path != nullptr, "GRAPH_EMULATOR must name the executable");
        int output[2];
        REQUIRE(::pipe2(output, O_CLOEXEC) == 0);
        arguments.insert(arguments.begin(), path);
        std::vector<char*> pointers;
        for (auto& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            ::dup2(output[1], STDOUT_FILENO);
            ::dup2(output[1], STDERR_FILENO);
            ::execv(path, pointers.data());
            ::_exit(127);
        }
        ::close(output[1]);
        output_ = output[0];
    }
    ~Program() {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
        ::close(output_);
    }

    /// The next line of stdout or stderr; empty at the end or after 20 seconds.
    std::string line() {
        std::string text;
        char c = 0;
        pollfd waiting{output_, POLLIN, 0};
        while (::poll(&waiting, 1, 20000) == 1 && ::read(output_, &c, 1) == 1 && c != '\n')
            text += c;
        return text;
    }

    int end(int signal_number = 0) {
        if (signal_number != 0) ::kill(process_, signal_number);
        int status = -1;
        ::waitpid(process_, &status, 0);
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

 private:
    pid_t process_ = -1;
    int output_ = -1;
};

}  // namespace

TEST_CASE("it says where it listens, answers there, and SIGTERM ends it at once with exit code 0") {
    Program program({"--listen", "127.0.0.1:0", "--generate", "groups=5,users=10,members=20"});
    const std::string line = program.line();
    const std::string expected = "graph-emulator: listening on http://127.0.0.1:";
    REQUIRE(line.starts_with(expected));
    Conversation conversation(static_cast<std::uint16_t>(std::stoi(line.substr(expected.size()))));
    CHECK(conversation.ask("GET", "/emulator/state").json().at("groups").as_array().size() == 5);
    CHECK(program.end(SIGTERM) == 0);
}

TEST_CASE("it refuses to listen beyond loopback, and says why") {
    Program program({"--listen", "0.0.0.0:0"});
    CHECK(program.line().find("refusing to listen on 0.0.0.0") != std::string::npos);
    CHECK(program.end() == 1);
}

TEST_CASE("a wrong command line ends with exit code 2, a wrong tenant with 1") {
    CHECK(Program({"--listen", "here"}).end() == 2);
    CHECK(Program({"--nonsense"}).end() == 2);
    CHECK(Program({"--version"}).end() == 0);
    CHECK(Program({"--help"}).end() == 0);
    Program program({"--listen", "127.0.0.1:0", "--tenant", "/nonexistent.json"});
    CHECK(program.line() == "graph-emulator: /nonexistent.json: can't be opened");
    CHECK(program.end() == 1);
}

TEST_CASE("a scenario that makes no sense is named with its step at the start") {
    char name[] = "/tmp/scenario-XXXXXX";
    const int file = mkstemp(name);
    const std::string text = R"({"steps": [{"request": "GET /v1.0/groups", "nth": 3}]})";
    REQUIRE(write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    close(file);
    Program program({"--listen", "127.0.0.1:0", "--scenario", name});
    CHECK(program.line() == "graph-emulator: " + std::string(name) + ": step 1: 'nth' needs 'on'");
    CHECK(program.end() == 1);
    unlink(name);
}

TEST_CASE("with --verbose each request is one JSON line on stderr") {
    Program program({"--listen", "127.0.0.1:0", "--verbose"});
    const std::string line = program.line();
    Conversation conversation(
        static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1))));
    conversation.ask("GET", "/v1.0/groups");
    const auto logged = boost::json::parse(program.line()).as_object();
    CHECK(logged.at("event").as_string() == "request");
    CHECK(logged.at("status").as_int64() == 401);
}
