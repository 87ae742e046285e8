// Ways in and out: TLS, StartTLS, Kerberos, wrong certificates and passwords, servers that stop,
// stand still and come back.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace writeback;
using namespace writeback::testing;

namespace {

// Reads the facts; a failure's sentence otherwise.
std::string outcome(Laboratory& lab) {
    auto facts = lab.loop.run(lab.reader().facts());
    return facts ? "bound" : std::string(name_of(facts.error().kind)) + " " + facts.error().detail;
}

std::string outcome(DirectoryConfig config) {
    Laboratory lab(std::move(config));
    return outcome(lab);
}

class PasswordFile {
 public:
    explicit PasswordFile(const std::string& password)
        : path("/tmp/live-password." + std::to_string(::getpid())) {
        write(password);
    }
    ~PasswordFile() { std::filesystem::remove(path); }
    void write(const std::string& password) const { std::ofstream(path) << password << "\n"; }
    const std::string path;
};

std::string service_password() {
    std::ifstream file(setting("SAMBA_PASSWORD_FILE"));
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("ldaps and StartTLS are bound by a simple bind") {
    CHECK(outcome(Laboratory::config()) == "bound");
    auto config = Laboratory::config();
    config.servers = {setting("SAMBA_PLAIN_URL")};
    config.start_tls = true;
    CHECK(outcome(config) == "bound");
}

TEST_CASE("a certificate of another authority is refused") {
    auto config = Laboratory::config();
    config.ca_file.clear();  // the system's
    auto text = outcome(config);
    CHECK(text.starts_with("tls "));
    config.servers = {setting("SAMBA_PLAIN_URL")};
    config.start_tls = true;
    text = outcome(config);
    CHECK(text.starts_with("tls "));
    config.ca_file = "/nowhere.pem";
    CHECK(outcome(config).find("/nowhere.pem") != std::string::npos);
}

TEST_CASE("a certificate for another name is refused") {
    auto config = Laboratory::config();
    // The machine answers to this address too, but the certificate doesn't name it.
    config.servers = {"ldaps://0" + setting("SAMBA_ADDRESS").substr(3)};
    const auto text = outcome(config);
    CHECK_MESSAGE(text.starts_with("tls "), text);
}

TEST_CASE("a refused password pauses all attempts until the file changes") {
    const PasswordFile password("wrong");
    auto config = Laboratory::config();
    config.password_file = password.path;
    // The second server must not be asked: each attempt counts towards the lock-out.
    config.servers.push_back(setting("SAMBA_PLAIN_URL"));
    Laboratory lab(config);
    const auto first = outcome(lab);
    CHECK(first.starts_with("credentials "));
    CHECK(first.find("name or password is wrong") != std::string::npos);
    CHECK(first.find("wrong\n") == std::string::npos);
    CHECK(outcome(lab).find("next attempt") != std::string::npos);
    CHECK_FALSE(lab.directory->credentials_changed());
    password.write(service_password());
    CHECK(lab.directory->credentials_changed());
    CHECK(outcome(lab) == "bound");
    CHECK_FALSE(lab.directory->credentials_changed());
}

TEST_CASE("servers are tried in order, and each failure is told when none is left") {
    auto config = Laboratory::config();
    config.servers = {"ldaps://127.0.0.9:9", setting("SAMBA_URL")};
    Laboratory lab(config);
    CHECK(outcome(lab) == "bound");
    CHECK(lab.directory->server() == setting("SAMBA_URL"));
    config.servers = {"ldaps://127.0.0.9:9", "ldaps://no-such-host.invalid"};
    const auto text = outcome(config);
    CHECK(text.starts_with("unreachable "));
    CHECK(text.find("127.0.0.9:9") != std::string::npos);
    CHECK(text.find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE("many operations share the connection") {
    auto config = Laboratory::config();
    config.window = 4;
    Laboratory lab(config);
    std::vector<std::shared_ptr<std::optional<Result<CreatedGroup>>>> results;
    for (int i = 0; i < 40; ++i) {
        results.push_back(lab.loop.start(lab.writer().create(lab.new_group("many"), {})));
    }
    lab.loop.run_until([&] {
        return std::all_of(results.begin(), results.end(),
                           [](const auto& result) { return result->has_value(); });
    });
    for (const auto& result : results)
        CHECK((*result)->has_value());
    CHECK(lab.log.count("directory-connected") == 1);
    CHECK(lab.metrics.counters["add success"] == 40);
    CHECK(lab.metrics.observations >= 80);
}

TEST_CASE("a server that restarts: calls fail at once while it is down, and it is found again") {
    auto config = Laboratory::config();
    config.reconnect_least = std::chrono::milliseconds(50);
    config.reconnect_most = std::chrono::milliseconds(200);
    Laboratory lab(config);
    bool bound = false;
    lab.directory->on_change([&](bool now) { bound = now; });
    const auto target = lab.create(lab.new_group("restart"));
    CHECK(bound);

    // Writes are under way when it dies.
    std::vector<std::shared_ptr<std::optional<Result<CreatedGroup>>>> writes;
    for (int i = 0; i < 64; ++i) {
        writes.push_back(lab.loop.start(lab.writer().create(lab.new_group("mid-flight"), {})));
    }
    lab.loop.run_until([&] { return writes.front()->has_value(); });
    samba_dc("stop --now");
    lab.loop.run_until([&] {
        return std::all_of(writes.begin(), writes.end(),
                           [](const auto& write) { return write->has_value(); });
    });
    lab.loop.run_until([&] { return !bound; });  // the answers may all have come before
    CHECK_FALSE(lab.directory->bound());
    CHECK_FALSE(lab.directory->problem().empty());
    std::size_t unknown = 0;
    for (const auto& write : writes) {
        if ((*write)->has_value()) continue;
        const auto kind = (*write)->error().kind;
        unknown += kind == FailureKind::disconnected || kind == FailureKind::timed_out ? 1 : 0;
        CHECK((kind == FailureKind::disconnected || kind == FailureKind::timed_out ||
               kind == FailureKind::unreachable));
    }
    CHECK(unknown <= 64);
    auto down = lab.loop.run(lab.reader().identify(target.guid));
    REQUIRE(down.has_error());
    CHECK(down.error().kind == FailureKind::unreachable);
    CHECK(lab.log.count("directory-lost") == 1);
    lab.loop.run_until([&] {
        static_cast<void>(lab.loop.run(lab.reader().identify(target.guid)));
        return lab.log.count("directory-not-connected") >= 1;
    });

    // With nothing to do it is found again as well.
    auto keeping = std::make_shared<bool>(true);
    boost::asio::co_spawn(lab.loop.context, lab.directory->keep_connected(),
                          [keeping](std::exception_ptr) { *keeping = false; });
    samba_dc("start");
    lab.loop.run_until([&] { return bound; });
    CHECK(lab.read(target.guid).guid == target.guid);
    CHECK(*keeping);
    lab.loop.run(lab.directory->stop());
    lab.loop.run_until([&] { return !*keeping; });
    auto stopped = lab.loop.run(lab.reader().identify(target.guid));
    REQUIRE(stopped.has_error());
    CHECK(stopped.error().kind == FailureKind::cancelled);
}

TEST_CASE("a server that stands still is given up after the timeout, and the outcome is unknown") {
    auto config = Laboratory::config();
    config.operation_timeout = std::chrono::milliseconds(500);
    config.connect_timeout = std::chrono::milliseconds(500);
    config.reconnect_least = std::chrono::milliseconds(10);
    config.reconnect_most = std::chrono::milliseconds(50);
    // A busy machine may take longer than the short timeouts: only the silence is to meet them.
    Laboratory patient;
    const auto target = patient.create(patient.new_group("silence"));
    Laboratory lab(config);
    lab.loop.run_until([&] { return lab.loop.run(lab.reader().facts()).has_value(); });
    samba_dc("pause");
    auto written = lab.loop.run(lab.writer().modify(target, {{"mail", {}, {"a"}}}));
    REQUIRE(written.has_error());
    CHECK(written.error().kind == FailureKind::timed_out);
    CHECK_FALSE(lab.directory->bound());
    auto again = lab.loop.run(lab.writer().modify(target, {{"mail", {}, {"a"}}}));
    REQUIRE(again.has_error());
    CHECK(again.error().kind == FailureKind::unreachable);
    samba_dc("resume");
    lab.loop.run_until([&] { return lab.loop.run(lab.reader().facts()).has_value(); });
    CHECK(patient.read(target.guid).guid == target.guid);
}
