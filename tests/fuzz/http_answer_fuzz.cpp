// The client's reading of answers, from the bytes of a connection to what the answer means for the
// call, with the connection taken from a script.
//
// The input's first byte says how the bytes are cut and which kind of call it is, the rest is what
// the peer sends. Properties: what was read does not depend on the cutting; an answer is within the
// limits; a failure says what it is; a wait that the peer asks for is never negative and has an
// end; only 2xx is success; no Location leads off the origin.
#include "graph/graph_error.hpp"
#include "graph/http_client.hpp"
#include "property.hpp"
#include "scripted_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

const WebOrigin origin{false, "127.0.0.1", "8401"};

std::string incoming;
Pieces cutting = Pieces::whole();
std::string sent;

GraphConfig small_limits() {
    GraphConfig config;
    config.max_head = 1024;
    config.max_response = 2048;
    return config;
}

Result<HttpAnswer> answer_to_get() {
    Result<HttpAnswer> answer = failure(FailureKind::internal, "never sent");
    boost::asio::io_context context;
    const auto config = small_limits();
    HttpClient client(config);
    boost::asio::co_spawn(
        context,
        [&]() -> Async<void> {
            ClientRequest request;
            request.address = {origin, "/v1.0/groups/delta?$skiptoken=x"};
            answer = co_await client.send(request);
            client.stop();
        },
        boost::asio::detached);
    context.run();
    return answer;
}

std::string print(const Result<HttpAnswer>& answer) {
    if (!answer) return std::string(name_of(answer.error().kind)) + ": " + answer.error().detail;
    std::string text = std::to_string(answer->status) + "\n";
    for (const auto& [name, value] : answer->headers)
        text += name + "=" + value + "\n";
    return text + "\n" + answer->body;
}

void check_verdict(const HttpAnswer& answer, std::uint8_t kind) {
    CallFacts call;
    call.kind = static_cast<CallKind>(kind % call_kinds);
    call.what = "read the groups stream";
    call.permission = "Group.Read.All";
    call.target = "/v1.0/groups/delta?$skiptoken=x";
    call.idempotent = kind % 8 < 4;
    const Instant now(Duration(1'700'000'000'000));
    const auto verdict = judge(call, answer, origin, now);
    const bool good = answer.status >= 200 && answer.status < 300;
    require((verdict.next == Next::done) == good, "2xx alone is success");
    if (good) return;
    const auto& why = verdict.failure;
    require(!why.detail.empty() && why.detail.size() < 2048, "a failure is a sentence", why.detail);
    require(is_one_line(why.detail) && is_one_line(why.code), "a failure is one line", why.detail);
    if (why.retry_after) {
        require(why.retry_after->count() >= 0, "no wait is negative");
        require(*why.retry_after <= std::chrono::hours(24 * 366), "every wait has an end");
    }
    if (!why.location.empty()) {
        require(on_origin(origin, why.location).has_value(), "no Location leads off the origin",
                why.location);
    }
}

}  // namespace

// The client connects by this name; here it finds the script.
namespace writeback {

Async<Result<std::unique_ptr<ByteStream>>> connect(ConnectRequest) {
    co_return std::unique_ptr<ByteStream>(
        std::make_unique<ScriptedStream>(incoming, cutting, sent));
}

Result<std::shared_ptr<boost::asio::ssl::context>> client_tls(const std::string&) {
    return failure(FailureKind::tls, "There is none in a script.");
}

}  // namespace writeback

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    incoming = text_of(data + 1, size - 1);
    cutting = Pieces::whole();
    const auto whole = answer_to_get();
    cutting = Pieces::odd(data[0]);
    const auto cut = answer_to_get();
    require(print(whole) == print(cut), "what is read does not depend on how the bytes come",
            print(whole) + "\n=====\n" + print(cut));
    sent.clear();
    if (!whole) {
        require(!whole.error().detail.empty(), "a failure is a sentence");
        return 0;
    }
    require(whole->body.size() <= small_limits().max_response, "a body is within its limit");
    require(whole->status / 100 != 1, "an interim answer is no answer");
    check_verdict(*whole, data[0]);
    return 0;
}
