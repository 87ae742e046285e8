#include "platform/byte_stream.hpp"

#include "loopback.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <utility>

using namespace writeback;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

ConnectRequest to(const Listener& listener, const std::string& host = "127.0.0.1") {
    return {host, port_of(listener.address()), "", nullptr, 10s};
}

Async<std::string> read_until(ByteStream& stream, std::string end) {
    std::string text;
    std::array<char, 1024> piece{};
    while (text.find(end) == std::string::npos) {
        const auto got = co_await stream.read_some(asio::buffer(piece));
        if (got.error) co_return text + "<" + got.error.message() + ">";
        text.append(piece.data(), got.bytes);
    }
    co_return text;
}

// Answers each connection with what it sent, up to a newline.
Async<void> echo(Listener& listener) {
    for (;;) {
        auto accepted = co_await listener.accept();
        if (accepted.has_error()) co_return;
        ByteStream& stream = **accepted;
        stream.expires_after(10s);
        if ((co_await listener.handshake(stream)).has_error()) continue;
        const std::string line = co_await read_until(stream, "\n");
        co_await stream.write(asio::buffer(line));
        co_await stream.shutdown();
    }
}

Async<std::string> said_back(ConnectRequest request) {
    auto connected = co_await connect(std::move(request));
    if (connected.has_error()) co_return connected.error().detail;
    ByteStream& stream = **connected;
    stream.expires_after(10s);
    const std::string line = "hello\n";
    const auto sent = co_await stream.write(asio::buffer(line));
    if (sent.error) co_return sent.error.message();
    co_return co_await read_until(stream, "\n");
}

// Grants or refuses a CONNECT, and passes on what follows to the address that was asked for.
Async<void> proxy(Listener& listener, std::string answer, std::string& asked) {
    auto accepted = co_await listener.accept();
    if (accepted.has_error()) co_return;
    ByteStream& client = **accepted;
    client.expires_after(10s);
    asked = co_await read_until(client, "\r\n\r\n");
    co_await client.write(asio::buffer(answer));
    const std::string target = asked.substr(8, asked.find(' ', 8) - 8);
    const ConnectRequest onward{target.substr(0, target.rfind(':')), port_of(target), "", nullptr,
                                10s};
    auto server = co_await connect(onward);
    if (server.has_error()) co_return;
    (*server)->expires_after(10s);
    std::array<char, 4096> piece{};
    const auto question = co_await client.read_some(asio::buffer(piece));
    co_await (*server)->write(asio::buffer(piece.data(), question.bytes));
    const auto reply = co_await (*server)->read_some(asio::buffer(piece));
    co_await client.write(asio::buffer(piece.data(), reply.bytes));
    co_await client.shutdown();
}

std::unique_ptr<Listener> listening(asio::io_context& context, const std::string& address,
                                    std::shared_ptr<asio::ssl::context> tls = nullptr) {
    auto opened = listen(context.get_executor(), address, std::move(tls));
    REQUIRE_MESSAGE(opened.has_value(), (opened.has_error() ? opened.error().detail : ""));
    return std::move(*opened);
}

}  // namespace

TEST_CASE("bytes go both ways over TCP, and the listener tells the port that it took") {
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0");
    CHECK(port_of(listener->address()) != "0");
    asio::co_spawn(context, echo(*listener), asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        CHECK(co_await said_back(to(*listener)) == "hello\n");
        CHECK(co_await said_back(to(*listener, "localhost")) == "hello\n");
    }());
}

TEST_CASE("a unix socket replaces a stale file, keeps to mode 0660, and is removed at the end") {
    const loopback::Directory directory;
    const std::string path = directory.file("hook.sock");
    asio::io_context context;
    { asio::local::stream_protocol::acceptor left_behind(context, path); }
    auto listener = listening(context, "unix:" + path);
    CHECK(listener->address() == "unix:" + path);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);

    SUBCASE("while somebody listens, a second one is refused") {
        const auto second = listen(context.get_executor(), "unix:" + path, nullptr);
        REQUIRE(second.has_error());
        CHECK(second.error().detail.find("another process listens") != std::string::npos);
    }
    SUBCASE("bytes go through it") {
        asio::co_spawn(context, echo(*listener), asio::detached);
        loopback::run(context, [&]() -> Async<void> {
            asio::local::stream_protocol::socket client(context);
            client.connect(path);
            asio::write(client, asio::buffer("hello\n", 6));
            std::string answer(6, '\0');
            co_await asio::async_read(client, asio::buffer(answer), asio::use_awaitable);
            CHECK(answer == "hello\n");
        }());
    }
    listener->stop();
    CHECK(::stat(path.c_str(), &status) != 0);
}

TEST_CASE("a file that is no socket is never replaced") {
    const loopback::Directory directory;
    const std::string path = directory.write("precious", "content");
    asio::io_context context;
    const auto opened = listen(context.get_executor(), "unix:" + path, nullptr);
    REQUIRE(opened.has_error());
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("an address that is taken is no wrong setting: it may be had later") {
    asio::io_context context;
    const auto first = listen(context.get_executor(), "127.0.0.1:0", nullptr);
    REQUIRE(first.has_value());
    const auto second = listen(context.get_executor(), (*first)->address(), nullptr);
    REQUIRE(second.has_error());
    CHECK(second.error().kind == FailureKind::unavailable);
}

TEST_CASE("an address that is none is refused with what it must look like") {
    asio::io_context context;
    for (const char* address :
         {"localhost:80", "127.0.0.1", "127.0.0.1:99999", "::1:80", "unix:"}) {
        const auto opened = listen(context.get_executor(), address, nullptr);
        REQUIRE(opened.has_error());
        CHECK(opened.error().kind == FailureKind::invalid_configuration);
        CHECK(opened.error().detail.find(address) != std::string::npos);
    }
}

TEST_CASE("TLS carries bytes when the certificate is trusted and names the host") {
    const loopback::Directory directory;
    loopback::make_certificate(directory, "server", "IP:127.0.0.1,DNS:localhost");
    auto server = server_tls(directory.file("server.pem"), directory.file("server.key"));
    REQUIRE(server.has_value());
    auto client = client_tls(directory.file("server.pem"));
    REQUIRE(client.has_value());
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0", *server);
    asio::co_spawn(context, echo(*listener), asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        for (const char* host : {"127.0.0.1", "localhost"}) {
            auto request = to(*listener, host);
            request.tls = *client;
            CHECK(co_await said_back(request) == "hello\n");
        }
    }());
}

TEST_CASE("TLS refuses a certificate for another name, and one of an unknown issuer") {
    const loopback::Directory directory;
    loopback::make_certificate(directory, "other", "DNS:other.example");
    loopback::make_certificate(directory, "stranger", "IP:127.0.0.1");
    auto server = server_tls(directory.file("other.pem"), directory.file("other.key"));
    REQUIRE(server.has_value());
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0", *server);
    asio::co_spawn(context, echo(*listener), asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        for (const char* ca : {"other.pem", "stranger.pem"}) {
            auto client = client_tls(directory.file(ca));
            for (const char* host : {"127.0.0.1", "localhost"}) {
                auto request = to(*listener, host);
                request.tls = *client;
                const auto connected = co_await connect(request);
                REQUIRE(connected.has_error());
                CHECK(connected.error().kind == FailureKind::tls);
                CHECK(connected.error().detail.find("not trusted") != std::string::npos);
            }
        }
    }());
}

TEST_CASE("certificate files that can't be used are named") {
    const loopback::Directory directory;
    loopback::make_certificate(directory, "one", "DNS:one");
    loopback::make_certificate(directory, "two", "DNS:two");
    const auto absent = client_tls(directory.file("absent.pem"));
    REQUIRE(absent.has_error());
    CHECK(absent.error().detail.find("absent.pem") != std::string::npos);
    const auto mixed = server_tls(directory.file("one.pem"), directory.file("two.key"));
    REQUIRE(mixed.has_error());
    CHECK(mixed.error().detail.find("two.key") != std::string::npos);
}

TEST_CASE("a silent peer is given up at the deadline, in reading and in the TLS handshake") {
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0");
    loopback::run(context, [&]() -> Async<void> {
        auto connected = co_await connect(to(*listener));
        REQUIRE(connected.has_value());
        (*connected)->expires_after(50ms);
        char byte = 0;
        const auto got = co_await (*connected)->read_some(asio::buffer(&byte, 1));
        CHECK(got.error == asio::error::timed_out);

        auto request = to(*listener);
        request.tls = *client_tls("");
        request.timeout = 50ms;
        const auto silent = co_await connect(request);
        REQUIRE(silent.has_error());
        CHECK(silent.error().kind == FailureKind::unreachable);
    }());
}

TEST_CASE("a deadline that is set later again replaces the earlier one") {
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0");
    asio::co_spawn(context, echo(*listener), asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        auto connected = co_await connect(to(*listener));
        REQUIRE(connected.has_value());
        (*connected)->expires_after(30ms);
        (*connected)->expires_after(10s);
        asio::steady_timer pause(co_await asio::this_coro::executor, 100ms);
        co_await pause.async_wait(asio::use_awaitable);
        co_await (*connected)->write(asio::buffer("hello\n", 6));
        CHECK(co_await read_until(**connected, "\n") == "hello\n");
    }());
}

TEST_CASE("a port where nobody listens is unreachable") {
    asio::io_context context;
    loopback::run(context, [&]() -> Async<void> {
        auto listener = listening(context, "127.0.0.1:0");
        const auto request = to(*listener);
        listener->stop();
        const auto connected = co_await connect(request);
        REQUIRE(connected.has_error());
        CHECK(connected.error().kind == FailureKind::unreachable);
        CHECK(connected.error().detail.find("127.0.0.1:" + request.port) != std::string::npos);
    }());
}

TEST_CASE("stop() ends a waiting accept with cancelled") {
    asio::io_context context;
    const auto listener = listening(context, "127.0.0.1:0");
    asio::post(context, [&] { listener->stop(); });
    loopback::run(context, [&]() -> Async<void> {
        const auto accepted = co_await listener->accept();
        REQUIRE(accepted.has_error());
        CHECK(accepted.error().kind == FailureKind::cancelled);
    }());
}

TEST_CASE("a proxy is asked by CONNECT, and the tunnel carries bytes") {
    asio::io_context context;
    const auto target = listening(context, "127.0.0.1:0");
    const auto gate = listening(context, "127.0.0.1:0");
    std::string asked;
    asio::co_spawn(context, echo(*target), asio::detached);
    asio::co_spawn(context, proxy(*gate, "HTTP/1.1 200 Connection established\r\n\r\n", asked),
                   asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        auto request = to(*target);
        request.proxy = "http://" + gate->address();
        CHECK(co_await said_back(request) == "hello\n");
        CHECK(asked.starts_with("CONNECT " + target->address() + " HTTP/1.1\r\nHost: "));
    }());
}

TEST_CASE("a proxy's no is told, and a proxy address with credentials is refused") {
    asio::io_context context;
    const auto gate = listening(context, "127.0.0.1:0");
    std::string asked;
    asio::co_spawn(context, proxy(*gate, "HTTP/1.1 407 Authenticate\r\n\r\n", asked),
                   asio::detached);
    loopback::run(context, [&]() -> Async<void> {
        ConnectRequest request{"127.0.0.1", "9", "http://" + gate->address(), nullptr, 10s};
        const auto refused = co_await connect(request);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == FailureKind::refused);
        CHECK(refused.error().code == "HTTP 407");
        request.proxy = "http://user:secret@127.0.0.1:3128";
        const auto wrong = co_await connect(request);
        REQUIRE(wrong.has_error());
        CHECK(wrong.error().kind == FailureKind::invalid_configuration);
        CHECK(wrong.error().detail.find("secret") == std::string::npos);
    }());
}
