#include "platform/audit_file.hpp"
#include "platform/json_log.hpp"
#include "platform/json_text.hpp"
#include "platform/loopback.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace writeback;
namespace json = boost::json;

namespace {

class StandingClock final : public Clock {
 public:
    [[nodiscard]] Instant now() const override { return Instant(Duration(1767225600007)); }
    [[nodiscard]] Duration monotonic() const override { return Duration(0); }
    [[nodiscard]] std::unique_ptr<Alarm> alarm() override { return nullptr; }
    Async<void> sleep(Duration) override { co_return; }
};

// A pipe whose reading end the test holds.
struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
    ~Pipe() {
        ::close(ends[0]);
        if (ends[1] >= 0) ::close(ends[1]);
    }
    std::string read_all() {
        ::close(ends[1]);
        ends[1] = -1;
        return read_some(std::string::npos);
    }
    std::string read_some(std::size_t most) {
        std::string text;
        char buffer[4096];
        while (text.size() < most) {
            const auto got = ::read(ends[0], buffer, std::min(sizeof buffer, most - text.size()));
            if (got <= 0) break;
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }
    int ends[2] = {-1, -1};
};

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string as_json(std::string_view text, std::size_t limit = 4096) {
    std::string line;
    append_json_text(line, text, limit);
    return line;
}

AuditLine audit_line() {
    AuditLine line;
    line.at = Instant(Duration(1767225600000));
    line.group = GroupId("11111111-2222-3333-4444-555555555555");
    line.name = "Sales \"East\"";
    line.operation = "add-members";
    line.dn = "CN=Sales,DC=x";
    line.cause = "hint";
    line.result = "done";
    line.members_before = 2;
    line.members_after = 3;
    return line;
}

}  // namespace

TEST_CASE("a log line has its fields in a fixed order and is JSON whatever it holds") {
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    log.write(LogLevel::warning, "delta-round-failed",
              {{"stream", std::string_view("gro\"ups\n")},
               {"attempt", std::int64_t{3}},
               {"seconds", 0.25},
               {"again", true}});
    const auto text = pipe.read_all();
    CHECK(text ==
          "{\"ts\":\"2026-01-01T00:00:00.007Z\",\"level\":\"warning\",\"event\":"
          "\"delta-round-failed\",\"stream\":\"gro\\\"ups\\n\",\"attempt\":3,\"seconds\":0.25,"
          "\"again\":true}\n");
}

TEST_CASE("what is below the level is not written") {
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::warning, clock);
    log.write(LogLevel::info, "quiet", {});
    log.write(LogLevel::error, "loud", {});
    const auto text = pipe.read_all();
    CHECK(text.find("quiet") == std::string::npos);
    CHECK(text.find("loud") != std::string::npos);
    CHECK(log_level("warning") == LogLevel::warning);
    CHECK_FALSE(log_level("Warning"));
}

TEST_CASE("bytes that are no UTF-8 and control characters never break a line") {
    CHECK(as_json("B\xc3\xbcro") == "\"B\xc3\xbcro\"");
    CHECK(as_json("a\xff"
                  "b") ==
          "\"a\xef\xbf\xbd"
          "b\"");
    CHECK(as_json("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    CHECK(as_json(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\\u007f\"");
    CHECK(as_json("\xc3") == "\"\xef\xbf\xbd\"");
    CHECK(as_json("abcdef", 3) == "\"abc…\"");
    CHECK(as_json("ab\xc3\xbc", 3) == "\"ab…\"");
}

TEST_CASE("lines of many threads do not mix") {
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    {
        std::vector<std::jthread> writers;
        for (std::int64_t writer = 0; writer < 4; ++writer) {
            writers.emplace_back([&log, writer] {
                for (int i = 0; i < 100; ++i)
                    log.write(LogLevel::info, "line", {{"writer", writer}});
            });
        }
    }
    std::istringstream lines(pipe.read_all());
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        CHECK(json::parse(line).is_object());
    CHECK(count == 400);
}

TEST_CASE("a reader that stands still costs lines, not the daemon, and is told how many") {
    Pipe pipe;
    StandingClock clock;
    // Two pages, and each of these lines needs one of its own.
    REQUIRE(::fcntl(pipe.ends[1], F_SETPIPE_SZ, 8192) == 8192);
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    const std::string filler(3000, 'x');
    for (int i = 0; i < 4; ++i)
        log.write(LogLevel::info, "line", {{"text", std::string_view(filler)}});
    std::string text;
    while (std::count(text.begin(), text.end(), '\n') < 2)
        text += pipe.read_some(1);
    log.write(LogLevel::info, "after", {});
    const auto rest = pipe.read_all();
    CHECK(rest.find("\"log-lines-dropped\",\"lines\":2") != std::string::npos);
    CHECK(rest.find("\"event\":\"after\"") != std::string::npos);
}

TEST_CASE("the audit file gets one JSON line for each write and keeps what it had") {
    const loopback::Directory folder;
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    const auto path = folder.write("audit.jsonl", "{\"old\":1}\n");
    auto audit = AuditFile::open(path, log);
    REQUIRE(audit.has_value());
    (*audit)->record(audit_line());
    CHECK(
        content(path) ==
        "{\"old\":1}\n{\"at\":\"2026-01-01T00:00:00Z\",\"group_id\":"
        "\"11111111-2222-3333-4444-555555555555\",\"name\":\"Sales "
        "\\\"East\\\"\",\"operation\":\"add-members\",\"dn\":\"CN=Sales,DC=x\",\"cause\":\"hint\","
        "\"result\":\"done\",\"members_before\":2,\"members_after\":3}\n");
}

TEST_CASE("a rotated audit file is opened anew under its name") {
    const loopback::Directory folder;
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    const auto path = folder.file("audit.jsonl");
    auto audit = AuditFile::open(path, log);
    REQUIRE(audit.has_value());
    (*audit)->record(audit_line());
    std::filesystem::rename(path, path + ".1");
    (*audit)->record(audit_line());
    std::filesystem::remove(path);
    auto refused = audit_line();
    refused.code = "LDAP 68";
    (*audit)->record(refused);
    CHECK(content(path + ".1").find("LDAP 68") == std::string::npos);
    const auto now = content(path);
    CHECK(std::count(now.begin(), now.end(), '\n') == 1);
    CHECK(json::parse(now).at("code") == "LDAP 68");
}

TEST_CASE("an audit file that cannot be opened says why and what to do") {
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    const auto audit = AuditFile::open("/nowhere/audit.jsonl", log);
    REQUIRE(audit.has_error());
    CHECK(audit.error().detail.find("/nowhere/audit.jsonl") != std::string::npos);
    CHECK(audit.error().detail.find("log.audit_file") != std::string::npos);
}

TEST_CASE("an audit file that cannot be written is told in the log, once") {
    Pipe pipe;
    StandingClock clock;
    JsonLog log(pipe.ends[1], LogLevel::info, clock);
    auto audit = AuditFile::open("/dev/full", log);
    REQUIRE(audit.has_value());
    (*audit)->record(audit_line());
    (*audit)->record(audit_line());
    const auto text = pipe.read_all();
    CHECK(text.find("audit-write-failed") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}
