// The service in the test's own process, on a time that the test moves by hand and with webhooks
// that are functions: hours pass in a blink, and nothing is left to the machine.
//
// Failures: std::runtime_error where a request is still unanswered after a day. Threads: one.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <graph_emulator/service.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace json = boost::json;

/// Pauses end in the order of their time, those of one moment in the order in which they began.
class ForeignTime final : public emulator::Time {
 public:
    struct Wait;

    ForeignTime();
    ~ForeignTime() override;

    emulator::TimePoint machine() override { return start_ + steady_ + jumped_; }
    emulator::Duration steady() override { return steady_; }
    boost::asio::awaitable<void> pause(emulator::Duration time) override;

    /// Moves to the end of the next pause that ends by `limit`, or to `limit` where none does.
    /// False then.
    bool step(emulator::Duration limit);
    /// The machine's time jumps; pauses do not follow.
    void jump(emulator::Duration by) { jumped_ += by; }

 private:
    emulator::TimePoint start_;
    emulator::Duration steady_{0};
    emulator::Duration jumped_{0};
    std::uint64_t begun_ = 0;
    std::map<std::pair<emulator::Duration, std::uint64_t>, std::unique_ptr<Wait>> waiting_;
};

struct Delivered {
    emulator::Duration at;
    std::string url;
    std::string body;
    std::chrono::milliseconds deadline;
};

/// Echoes validation tokens, and answers notifications as the test says.
class ForeignPoster final : public emulator::Poster {
 public:
    struct Manner {
        int status = 202;
        std::chrono::milliseconds takes{0};
    };

    explicit ForeignPoster(ForeignTime& time) : time_(time) {}

    boost::asio::awaitable<emulator::PostOutcome> post(emulator::WebAddress address,
                                                       std::string content_type, std::string body,
                                                       std::chrono::milliseconds deadline) override;

    std::function<Manner(const std::string& url)> manner = [](const std::string&) {
        return Manner{};
    };
    std::vector<Delivered> delivered;  ///< every attempt, when it began

 private:
    ForeignTime& time_;
};

class ServiceOnForeignTime {
 public:
    explicit ServiceOnForeignTime(emulator::Settings settings = {}, std::uint64_t life = 1);
    ~ServiceOnForeignTime();

    emulator::Response ask(const std::string& method, const std::string& target,
                           const json::value& body = {});
    /// Without a token, but with these headers.
    emulator::Response ask_with(const std::string& method, const std::string& target,
                                const emulator::Headers& headers);
    /// A call of the Graph API with a token that is fetched when there is none.
    emulator::Response call(const std::string& method, const std::string& below_version,
                            const json::value& body = {});
    json::object get(const std::string& below_version);
    std::string create_group(const std::string& name);
    std::string subscribe(const std::string& url, const std::string& lifecycle_url = {});
    /// Lets time pass, with all that falls due in it.
    void pass(emulator::Duration time);
    void sign_in();

    bool sign_in_patiently = false;  ///< again and again while the token endpoint fails

    boost::asio::io_context context{1};
    ForeignTime time;
    ForeignPoster poster{time};
    std::unique_ptr<emulator::Service> service;
    bool behind_tls = false;  ///< requests come through a proxy that ends TLS
    std::string everything;   ///< all bytes that came out, with their moments

 private:
    void poll();
    emulator::Response answer_to(emulator::Request request);

    std::string token_;
};
