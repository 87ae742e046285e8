// The server's reading of requests, as the webhook and the admin pages use it: one connection, its
// bytes whatever they are.
//
// The input's first byte says how the bytes are cut, the rest is what the peer sends. Properties:
// what was read does not depend on the cutting; every handed-over request is within the limits;
// each gets one answer, and after an answer that ends the connection comes nothing more; no place
// of the body budget is kept. Only whether a request that never came to its end is told to be wrong
// depends on how much of it was seen at once.
#include "platform/http_connection.hpp"
#include "property.hpp"
#include "scripted_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

namespace http = boost::beast::http;

constexpr std::string_view continuing = "HTTP/1.1 100 Continue\r\n\r\n";

HttpLimits small_limits() {
    HttpLimits limits;
    limits.max_head = 512;
    limits.max_body = 1024;
    limits.max_body_total = 4096;
    return limits;
}

class PlainListener final : public Listener {
 public:
    Async<Result<std::unique_ptr<ByteStream>>> accept() override {
        co_return failure(FailureKind::cancelled, "Nobody else comes.");
    }
    Async<Result<Done>> handshake(ByteStream&) override { co_return Done{}; }
    [[nodiscard]] std::string address() const override { return "a script"; }
    void stop() override {}
};

struct Conversation {
    std::vector<HttpRequest> requests;
    std::string answers;
};

Conversation conversation(const std::string& bytes, Pieces pieces) {
    Conversation told;
    boost::asio::io_context context;
    Silence log;
    PlainListener listener;
    const HttpLimits limits = small_limits();
    HttpBodyBudget budget{limits.max_body_total, 0};
    const HttpHandler handler = [&](HttpRequest request) -> Async<HttpResponse> {
        told.requests.push_back(std::move(request));
        co_return HttpResponse{202, "", "", {}};
    };
    auto stream = std::make_unique<ScriptedStream>(bytes, pieces, told.answers);
    auto connection = std::make_shared<HttpConnection>(std::move(stream), context.get_executor(),
                                                       handler, limits, budget, log);
    boost::asio::co_spawn(
        context,
        [&]() -> Async<void> {
            co_await connection->serve(listener);
            connection->end();
        },
        boost::asio::detached);
    context.run();
    require(budget.used == 0, "the body budget is given back");
    return told;
}

struct Answer {
    unsigned status = 0;
    bool keeps = false;
};

std::vector<Answer> answers_of(const Conversation& told) {
    std::string_view rest = told.answers;
    std::vector<Answer> answers;
    while (!rest.empty()) {
        if (rest.starts_with(continuing)) {
            rest.remove_prefix(continuing.size());
            continue;
        }
        http::response_parser<http::string_body> parser;
        // An answer to HEAD has no body, whatever length it tells; ours to what is handled are
        // empty.
        parser.eager(true);
        boost::system::error_code error;
        const auto used = parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
        require(!error && parser.is_done(), "every answer is whole HTTP", rest);
        answers.push_back({parser.get().result_int(), parser.get().keep_alive()});
        rest.remove_prefix(used);
    }
    return answers;
}

void check(const Conversation& told) {
    const auto limits = small_limits();
    for (const auto& request : told.requests) {
        require(!request.method.empty(), "a request has a method");
        require(request.path.find('?') == std::string::npos, "a path holds no query", request.path);
        require(is_one_line(request.path) && is_one_line(request.query), "a target is one line");
        require(request.path.size() + request.query.size() <= limits.max_head,
                "a head is no longer than its limit");
        require(request.body.size() <= limits.max_body, "a body is no longer than its limit");
    }
    const auto answers = answers_of(told);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        accepted += answers[i].status == 202;
        require(answers[i].keeps || i + 1 == answers.size(),
                "nothing follows an answer that ends the connection", told.answers);
    }
    require(accepted == told.requests.size(), "each request gets one answer", told.answers);
    require(answers.size() <= told.requests.size() + 1, "at most one fault is answered");
}

std::string print(const Conversation& told) {
    std::string text;
    for (const auto& request : told.requests) {
        text += request.method + " " + request.path + " ? " + request.query + "\n" + request.body +
                "\n--\n";
    }
    for (const auto& answer : answers_of(told)) {
        if (answer.status != 202) continue;
        text += std::to_string(answer.status) + (answer.keeps ? " keeps\n" : " ends\n");
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string bytes(text_of(data + 1, size - 1));
    const auto whole = conversation(bytes, Pieces::whole());
    const auto cut = conversation(bytes, Pieces::odd(data[0]));
    check(whole);
    check(cut);
    require(print(whole) == print(cut), "what is read does not depend on how the bytes come",
            print(whole) + "=====\n" + print(cut));
    return 0;
}
