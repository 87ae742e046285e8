#include "platform/http_server.hpp"

#include "platform/loopback.hpp"
#include "platform/raw_client.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
using loopback::body_of;
using loopback::RawClient;
namespace asio = boost::asio;

namespace {

class CountingLog final : public Log {
 public:
    void write(LogLevel, std::string_view event, std::initializer_list<LogField>) override {
        const std::lock_guard lock(mutex_);
        events_.emplace(event);
    }
    std::size_t count(const std::string& event) const {
        const std::lock_guard lock(mutex_);
        return events_.count(event);
    }

 private:
    mutable std::mutex mutex_;
    std::multiset<std::string> events_;
};

// A server on a thread of its own. It tells each request back as "METHOD path query length:body";
// "/wait" is answered after let_go(), "/throw" never by itself.
class Server {
 public:
    explicit Server(HttpLimits limits = {}, std::shared_ptr<asio::ssl::context> tls = nullptr,
                    const std::string& address = "127.0.0.1:0")
        : gate_(context_),
          listener_(*listen(context_.get_executor(), address, std::move(tls))),
          server_(
              *listener_, [this](HttpRequest request) { return handle(std::move(request)); },
              limits, log) {
        gate_.expires_at(std::chrono::steady_clock::time_point::max());
        asio::co_spawn(context_, server_.run(), [this](std::exception_ptr) { ended = true; });
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~Server() { stop(0ms); }

    void stop(Duration grace) {
        asio::post(context_, [this, grace] { server_.stop(grace); });
        if (grace == 0ms) {
            let_go();
            if (thread_.joinable()) thread_.join();
        }
    }
    void let_go() {
        asio::post(context_, [this] {
            gone_ = true;
            gate_.cancel();
        });
    }
    void join() { thread_.join(); }
    [[nodiscard]] std::string address() const { return listener_->address(); }
    RawClient client() const { return RawClient(address()); }
    std::string ask(const std::string& request) const {
        auto one = client();
        one.send(request);
        return one.answer();
    }

    CountingLog log;
    std::atomic<bool> ended = false;
    std::atomic<int> waiting = 0;

 private:
    Async<HttpResponse> handle(HttpRequest request) {
        if (request.path == "/throw") throw std::runtime_error("a bug");
        if (request.path == "/large") {
            co_return HttpResponse{200, "text/plain", std::string(32 << 20, 'x'), {}};
        }
        if (request.path == "/wait") {
            ++waiting;
            while (!gone_) {
                boost::system::error_code ignored;
                co_await gate_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
        }
        co_return HttpResponse{200,
                               "text/plain",
                               request.method + " " + request.path + " " + request.query + " " +
                                   std::to_string(request.body.size()) + ":" +
                                   request.body.substr(0, 20),
                               {}};
    }

    asio::io_context context_;
    asio::steady_timer gate_;
    bool gone_ = false;
    std::unique_ptr<Listener> listener_;
    HttpServer server_;
    std::jthread thread_;
};

std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string post(const std::string& target, const std::string& body) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

bool status(const std::string& answer, int code) {
    const bool right = answer.starts_with("HTTP/1.1 " + std::to_string(code) + " ");
    if (!right) MESSAGE("answered: " << answer.substr(0, 200));
    return right;
}

HttpLimits small_limits() {
    HttpLimits limits;
    limits.max_head = 1024;
    limits.max_body = 2048;
    limits.head_timeout = 200ms;
    limits.body_timeout = 200ms;
    limits.idle_timeout = 200ms;
    return limits;
}

}  // namespace

TEST_CASE("a request comes to the handler as it was sent, and its answer goes back") {
    const Server server;
    const auto answer = server.ask(post("/a%20b?x=1&y=%2F", "hello"));
    CHECK(status(answer, 200));
    CHECK(body_of(answer) == "POST /a%20b x=1&y=%2F 5:hello");
    CHECK(answer.find("\r\nDate: ") != std::string::npos);
    CHECK(answer.find("\r\nContent-Type: text/plain\r\n") != std::string::npos);
    CHECK(body_of(server.ask(get("http://example.com/p?q"))) == "GET /p q 0:");
}

TEST_CASE("a connection carries one request after the other") {
    const Server server;
    auto client = server.client();
    for (int i = 0; i < 20; ++i) {
        client.send(post("/n", std::to_string(i)));
        CHECK(body_of(client.answer()).ends_with(":" + std::to_string(i)));
    }
}

TEST_CASE("pipelined requests are answered in their order, however the bytes are cut") {
    const Server server;
    std::string all;
    for (int i = 0; i < 50; ++i)
        all += post("/n", std::to_string(i));
    for (const std::size_t piece : {all.size(), std::size_t{7}}) {
        auto client = server.client();
        for (std::size_t at = 0; at < all.size(); at += piece)
            client.send(all.substr(at, piece));
        for (int i = 0; i < 50; ++i)
            CHECK(body_of(client.answer()).ends_with(":" + std::to_string(i)));
    }
}

TEST_CASE("a request that comes byte by byte is whole in the end") {
    const Server server;
    auto client = server.client();
    for (const char byte : post("/slow", "body"))
        client.send(std::string(1, byte));
    CHECK(body_of(client.answer()) == "POST /slow  4:body");
}

TEST_CASE("chunked bodies are put together, trailers and extensions are passed over") {
    const Server server;
    const auto answer = server.ask(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n");
    CHECK(body_of(answer) == "POST /c  5:abcde");
}

TEST_CASE("HEAD gets the head of the answer only") {
    const Server server;
    auto client = server.client();
    client.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.answer(true);
    CHECK(status(answer, 200));
    CHECK(answer.find("Content-Length: 11\r\n") != std::string::npos);
    client.send(get("/next"));
    CHECK(body_of(client.answer()) == "GET /next  0:");
}

TEST_CASE("a client that asks for it is told to go on before it sends the body") {
    const Server server;
    auto client = server.client();
    client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.answer(true) == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    CHECK(body_of(client.answer()) == "POST /e  4:body");
    CHECK(status(server.ask("POST /e HTTP/1.1\r\nContent-Length: 4\r\nExpect: wonders\r\n\r\n"),
                 417));
}

TEST_CASE("a body over the limit is refused before it is sent, and its client gets the answer") {
    HttpLimits limits = small_limits();
    limits.body_timeout = 10s;
    const Server server(limits);
    CHECK(status(server.ask("POST / HTTP/1.1\r\nContent-Length: 2049\r\n\r\n"), 413));
    CHECK(status(server.ask("POST / HTTP/1.1\r\nContent-Length: 9999999999999\r\nExpect: "
                            "100-continue\r\n\r\n"),
                 413));
    CHECK(status(server.ask(post("/", std::string(2048, 'x'))), 200));
    CHECK(status(server.ask(post("/", std::string(500'000, 'x'))), 413));
    auto chunked = server.client();
    chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; ++i)
        chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
    CHECK(status(chunked.answer(), 413));
}

TEST_CASE("a head over the limit is refused, also one without end") {
    HttpLimits limits = small_limits();
    limits.head_timeout = 10s;
    const Server server(limits);
    CHECK(status(server.ask("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"), 431));
    CHECK(status(server.ask("GET /" + std::string(2000, 'x')), 431));
    CHECK(status(server.ask("GET / HTTP/1.1\r\nX: " + std::string(900, 'x') + "\r\n\r\n"), 200));
}

TEST_CASE("what is no HTTP/1.1 is refused by its own status, and the connection ends") {
    const Server server;
    const std::vector<std::pair<std::string, int>> refused = {
        {"rubbish\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\n\r\n", 505},
        {"GET / HTTP/1.1\r\nbroken header\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), 400},
    };
    for (const auto& [request, code] : refused) {
        auto client = server.client();
        client.send(request);
        const auto answer = client.answer();
        CHECK(status(answer, code));
        CHECK(answer.find("Connection: close\r\n") != std::string::npos);
        client.end_sending();
        CHECK(client.ended());
    }
}

TEST_CASE("a chunk's head may not grow without end") {
    const Server server;
    auto client = server.client();
    client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;");
    for (int i = 0; i < 100; ++i)
        client.send(std::string(1000, 'x'));
    CHECK(status(client.answer(), 400));
}

TEST_CASE("a head, a body, and a pause between requests each have their time") {
    const Server server(small_limits());
    SUBCASE("a head that drips is cut off with 408") {
        auto client = server.client();
        std::string answer;
        std::jthread dripping([&](const std::stop_token& stop) {
            client.send("GET / HTTP/1.1\r\n");
            while (!stop.stop_requested() && client.send("X: y\r\n"))
                std::this_thread::sleep_for(5ms);
        });
        CHECK(status(client.answer(), 408));
    }
    SUBCASE("a body that drips is cut off with 408") {
        auto client = server.client();
        client.send("POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n");
        std::jthread dripping([&](const std::stop_token& stop) {
            while (!stop.stop_requested() && client.send("x"))
                std::this_thread::sleep_for(5ms);
        });
        CHECK(status(client.answer(), 408));
    }
    SUBCASE("a client that says nothing is let go without a word") {
        auto client = server.client();
        CHECK(client.ended());
    }
    SUBCASE("an idle connection is let go without a word") {
        auto client = server.client();
        client.send(get("/"));
        CHECK(status(client.answer(), 200));
        CHECK(client.ended());
    }
}

TEST_CASE("a client that does not read its answer is let go after the time for writing") {
    HttpLimits limits;
    limits.write_timeout = 200ms;
    limits.max_connections = 1;
    const Server server(limits);
    auto client = server.client();
    client.send(get("/large"));
    CHECK_FALSE(client.silent_for(20s));
    // Once the only place is free again, the rest of the answer never comes.
    std::string next;
    for (int tries = 0; tries < 500 && !next.starts_with("HTTP/1.1 200"); ++tries) {
        next = server.ask(get("/"));
        std::this_thread::sleep_for(20ms);
    }
    CHECK(status(next, 200));
    const auto answer = client.answer();
    CHECK(status(answer, 200));
    CHECK(answer.size() < 32 << 20);
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection after the answer") {
    const Server server;
    for (const auto* request :
         {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}) {
        auto client = server.client();
        client.send(request);
        const auto answer = client.answer();
        CHECK(status(answer, 200));
        CHECK(answer.find("Connection: close\r\n") != std::string::npos);
        CHECK(client.ended());
    }
    auto client = server.client();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.answer().find("Connection: keep-alive\r\n") != std::string::npos);
    client.send(get("/again"));
    CHECK(status(client.answer(), 200));
}

TEST_CASE("a handler that throws is answered 500 and touches nobody else") {
    const Server server;
    auto other = server.client();
    other.send("GET /hal");
    CHECK(status(server.ask(get("/throw")), 500));
    CHECK(server.log.count("http-request-failed") == 1);
    other.send("f HTTP/1.1\r\n\r\n");
    CHECK(body_of(other.answer()) == "GET /half  0:");
}

TEST_CASE("clients that vanish in the middle touch nobody else") {
    const Server server;
    for (const auto* beginning :
         {"", "G", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"}) {
        auto client = server.client();
        client.send(beginning);
    }
    auto half = server.client();
    half.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
    half.end_sending();
    CHECK(half.ended());
    CHECK(status(server.ask(get("/")), 200));
}

TEST_CASE("at the limit of connections an idle one makes room, and a busy crowd is told 503") {
    HttpLimits limits;
    limits.max_connections = 2;
    Server server(limits);
    auto idle = server.client();
    idle.send(get("/"));
    CHECK(status(idle.answer(), 200));
    auto first = server.client();
    first.send(get("/wait"));
    auto second = server.client();
    second.send(get("/wait"));
    CHECK(idle.ended());
    while (server.waiting < 2)
        std::this_thread::sleep_for(1ms);
    auto refused = server.client();
    const auto answer = refused.answer();
    CHECK(status(answer, 503));
    CHECK(answer.find("Retry-After: 5\r\n") != std::string::npos);
    refused.end_sending();
    CHECK(refused.ended());
    CHECK(server.log.count("http-connections-refused") == 1);
    server.let_go();
    CHECK(status(first.answer(), 200));
    CHECK(status(second.answer(), 200));
}

TEST_CASE("requests that do not come on make room for those that do") {
    HttpLimits limits;
    limits.max_connections = 1;
    const Server server(limits);
    auto slow = server.client();
    slow.send("GET / HT");
    std::string answer;
    for (int tries = 0; tries < 200 && !answer.starts_with("HTTP/1.1 200"); ++tries) {
        answer = server.ask(get("/"));
        std::this_thread::sleep_for(20ms);
    }
    CHECK(status(answer, 200));
    CHECK(slow.ended());
}

TEST_CASE("a crowd that comes at once holds no more connections than the limit") {
    HttpLimits limits;
    limits.max_connections = 8;
    const Server server(limits);
    std::vector<RawClient> crowd;
    for (int i = 0; i < 8; ++i)
        crowd.push_back(server.client());
    std::this_thread::sleep_for(100ms);
    // They wait at the door together, so that one turn of the loop accepts them all.
    for (int i = 0; i < 100; ++i)
        crowd.push_back(server.client());
    std::string answer;
    for (int tries = 0; tries < 200 && !answer.starts_with("HTTP/1.1 200"); ++tries) {
        answer = server.ask(get("/"));
        std::this_thread::sleep_for(20ms);
    }
    CHECK(status(answer, 200));
    // Whoever hears nothing is still held; the others were ended, or told to come again.
    std::ptrdiff_t held = 108;
    for (int tries = 0; tries < 200 && held > 8; ++tries) {
        std::this_thread::sleep_for(20ms);
        held = std::count_if(crowd.begin(), crowd.end(),
                             [](const RawClient& one) { return one.silent_for(0ms); });
    }
    CHECK(held <= 8);
}

TEST_CASE("large bodies share a budget, small ones never wait for it") {
    HttpLimits limits;
    limits.max_body = 200'000;
    limits.max_body_total = 250'000;
    Server server(limits);
    auto holder = server.client();
    holder.send(post("/wait", std::string(200'000, 'x')));
    while (server.waiting < 1)
        std::this_thread::sleep_for(1ms);
    const auto refused = server.ask(post("/", std::string(200'000, 'x')));
    CHECK(status(refused, 503));
    CHECK(refused.find("Retry-After: 5\r\n") != std::string::npos);
    auto chunked = server.client();
    chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
                 std::string(100'000, 'x') + "\r\n0\r\n\r\n");
    CHECK(status(chunked.answer(), 503));
    CHECK(status(server.ask(post("/", std::string(60'000, 'x'))), 200));
    server.let_go();
    CHECK(status(holder.answer(), 200));
    CHECK(status(server.ask(post("/", std::string(200'000, 'x'))), 200));
}

TEST_CASE("stopping lets the idle go, lets the busy finish, and then ends") {
    Server server;
    auto idle = server.client();
    idle.send(get("/"));
    CHECK(status(idle.answer(), 200));
    auto busy = server.client();
    busy.send(get("/wait"));
    while (server.waiting < 1)
        std::this_thread::sleep_for(1ms);
    server.stop(20s);
    CHECK(idle.ended());
    CHECK_THROWS(server.client());
    CHECK_FALSE(server.ended);
    server.let_go();
    const auto answer = busy.answer();
    CHECK(status(answer, 200));
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    server.join();
    CHECK(server.ended);
}

TEST_CASE("what is not done after the grace is closed") {
    Server server;
    auto reading = server.client();
    reading.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(status(server.ask(get("/")), 200));
    server.stop(100ms);
    CHECK(status(reading.answer(), 408));
    server.join();
    CHECK(server.ended);
}

TEST_CASE("a unix socket serves as well") {
    const loopback::Directory folder;
    const Server server({}, nullptr, "unix:" + folder.file("http.sock"));
    CHECK(status(server.ask(get("/")), 200));
}

TEST_CASE("TLS serves as well, and noise on its port touches nobody") {
    const loopback::Directory folder;
    loopback::make_certificate(folder, "server", "IP:127.0.0.1");
    const Server server({}, *server_tls(folder.file("server.pem"), folder.file("server.key")));
    auto noise = server.client();
    noise.send(get("/"));
    const auto silent = server.client();

    asio::io_context context;
    loopback::run(context, [&]() -> Async<void> {
        const auto colon = server.address().rfind(':');
        ConnectRequest request{"127.0.0.1", server.address().substr(colon + 1), "",
                               *client_tls(folder.file("server.pem")), 10s};
        auto stream = co_await connect(std::move(request));
        REQUIRE(stream.has_value());
        (*stream)->expires_after(10s);
        for (const std::size_t size : {std::size_t{3}, std::size_t{300'000}}) {
            const auto text = post("/tls", std::string(size, 'x'));
            co_await (*stream)->write(asio::buffer(text));
            std::string answer(4096, '\0');
            const auto got = co_await (*stream)->read_some(asio::buffer(answer));
            answer.resize(got.bytes);
            CHECK(status(answer, 200));
            CHECK(answer.find("POST /tls  " + std::to_string(size) + ":") != std::string::npos);
        }
    }());
}

TEST_CASE("a client that begins no TLS handshake is let go like one that says nothing") {
    const loopback::Directory folder;
    loopback::make_certificate(folder, "server", "IP:127.0.0.1");
    const Server server(small_limits(),
                        *server_tls(folder.file("server.pem"), folder.file("server.key")));
    auto silent = server.client();
    CHECK(silent.ended());
}
