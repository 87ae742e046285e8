// The only file with the templates of Asio's sockets and TLS streams. One socket type serves TCP
// and unix sockets, so that each template is compiled once.
#include "platform/byte_stream.hpp"

#include "platform/setting_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace writeback {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t largest_proxy_head = 8192;  // bytes

// The state outlives the stream while an operation or the deadline's timer still holds it.
struct Connection : std::enable_shared_from_this<Connection> {
    explicit Connection(Socket socket)
        : socket(std::move(socket)), timer(this->socket.get_executor()) {}

    Socket socket;
    std::optional<ssl::stream<Socket&>> tls;
    asio::steady_timer timer;
    SteadyTime deadline = SteadyTime::max();
    bool timer_waits = false;
    bool timed_out = false;

    // One pending wait serves many deadlines: a later deadline only moves the point in time, which
    // the wait looks at when it wakes.
    void expires_after(Duration duration) {
        deadline = std::chrono::steady_clock::now() + duration;
        if (!timer_waits || timer.expiry() > deadline) arm();
    }
    void arm() {
        timer_waits = true;
        timer.expires_at(deadline);
        timer.async_wait([weak = weak_from_this()](const error_code& error) {
            const auto self = weak.lock();
            if (error || !self) return;  // armed anew, or gone
            if (std::chrono::steady_clock::now() < self->deadline) return self->arm();
            self->timer_waits = false;
            self->timed_out = true;
            self->close();
        });
    }
    void close() {
        error_code ignored;
        socket.close(ignored);
    }
    [[nodiscard]] error_code told(error_code error) const {
        return error && timed_out ? error_code(asio::error::timed_out) : error;
    }
};

class SocketStream : public ByteStream {
 public:
    explicit SocketStream(std::shared_ptr<Connection> connection)
        : connection_(std::move(connection)) {}
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;
    ~SocketStream() override {
        connection_->close();
        connection_->timer.cancel();
    }

    Async<Transfer> read_some(asio::mutable_buffer buffer) override {
        const auto held = connection_;
        error_code error;
        std::size_t bytes = 0;
        if (held->tls) {
            std::tie(error, bytes) = co_await held->tls->async_read_some(buffer, as_values);
        } else {
            std::tie(error, bytes) = co_await held->socket.async_read_some(buffer, as_values);
        }
        co_return Transfer{bytes, held->told(error)};
    }

    Async<Transfer> write(asio::const_buffer buffer) override {
        const auto held = connection_;
        error_code error;
        std::size_t bytes = 0;
        if (held->tls) {
            std::tie(error, bytes) = co_await asio::async_write(*held->tls, buffer, as_values);
        } else {
            std::tie(error, bytes) = co_await asio::async_write(held->socket, buffer, as_values);
        }
        co_return Transfer{bytes, held->told(error)};
    }

    Async<void> shutdown() override {
        const auto held = connection_;
        if (held->tls) co_await held->tls->async_shutdown(as_values);
        error_code ignored;
        held->socket.shutdown(Socket::shutdown_send, ignored);
    }

    void expires_after(Duration duration) override { connection_->expires_after(duration); }
    void close() override { connection_->close(); }

    [[nodiscard]] const std::shared_ptr<Connection>& connection() const { return connection_; }

 private:
    std::shared_ptr<Connection> connection_;
};

Duration left_until(SteadyTime deadline) {
    const auto left = deadline - std::chrono::steady_clock::now();
    return std::max(Duration(0), std::chrono::ceil<Duration>(left));
}

std::string in_brackets(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string without_brackets(const std::string& host) {
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

Failure unreachable(const std::string& what, const std::string& why) {
    return failure(FailureKind::unreachable, what + ": " + why + ".");
}

// ---- client: from a name to a connected socket

// getaddrinfo can't be interrupted, so the wait for it ends at the deadline while the look-up
// itself may go on in Asio's resolver thread.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
    tcp::resolver resolver;
    asio::steady_timer done;
    bool finished = false;
    error_code error;
    std::vector<tcp::endpoint> endpoints;
};

Async<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::string port,
                                                  SteadyTime deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->done.expires_at(deadline);
    lookup->resolver.async_resolve(
        host, port, [lookup](const error_code& error, const tcp::resolver::results_type& results) {
            lookup->finished = true;
            lookup->error = error;
            for (const auto& result : results)
                lookup->endpoints.push_back(result.endpoint());
            lookup->done.cancel();
        });
    co_await lookup->done.async_wait(as_values);
    const std::string what = "The name " + host + " could not be resolved";
    if (!lookup->finished) co_return unreachable(what, "the name servers did not answer in time");
    if (lookup->error) co_return unreachable(what, lookup->error.message());
    co_return std::move(lookup->endpoints);
}

// The addresses are tried in turn, each with its share of the time, so that one that swallows
// packets leaves time for the next.
Async<Result<std::shared_ptr<Connection>>> connect_tcp(std::string host, std::string port,
                                                       SteadyTime deadline) {
    const auto executor = co_await asio::this_coro::executor;
    auto endpoints = co_await resolve(host, port, deadline);
    if (endpoints.has_error()) co_return endpoints.error();
    const std::string what = "No connection to " + in_brackets(host) + ":" + port;
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < endpoints->size(); ++i) {
        const auto attempts_left = static_cast<int>(endpoints->size() - i);
        auto connection = std::make_shared<Connection>(Socket(executor));
        connection->expires_after(left_until(deadline) / attempts_left);
        const auto [error] = co_await connection->socket.async_connect(
            Protocol::endpoint((*endpoints)[i]), as_values);
        if (!error) {
            error_code ignored;
            connection->socket.set_option(tcp::no_delay(true), ignored);
            connection->expires_after(left_until(deadline));
            co_return connection;
        }
        last = connection->told(error);
        connection->timer.cancel();
    }
    co_return unreachable(what, last.message());
}

Async<Result<Done>> ask_proxy(SocketStream& stream, const ConnectRequest& request) {
    const std::string target = in_brackets(request.host) + ":" + request.port;
    const std::string what = "The proxy " + request.proxy + " gave no way to " + target;
    const std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
    const auto sent = co_await stream.write(asio::buffer(head));
    if (sent.error) co_return unreachable(what, sent.error.message());
    // Byte by byte: what follows the head belongs to the tunnel.
    std::string answer;
    while (!answer.ends_with("\r\n\r\n")) {
        char byte = 0;
        const auto got = co_await stream.read_some(asio::buffer(&byte, 1));
        if (got.error) co_return unreachable(what, got.error.message());
        answer.push_back(byte);
        if (answer.size() > largest_proxy_head) {
            co_return failure(FailureKind::refused, what + ": its answer has no end.");
        }
    }
    const std::string line = answer.substr(0, answer.find("\r\n"));
    if (line.starts_with("HTTP/1.") && line.size() >= 12 && line[9] == '2') co_return Done{};
    if (line.starts_with("HTTP/1.") && line.size() >= 12 && line.substr(9, 3) == "407") {
        co_return failure(FailureKind::refused,
                          what +
                              ": it asks for credentials, which are not supported; let it "
                              "allow this host by address.",
                          "HTTP 407");
    }
    co_return failure(FailureKind::refused,
                      what + ": it answered \"" + line.substr(0, 200) + "\".");
}

Async<Result<Done>> start_tls(SocketStream& stream, const ConnectRequest& request) {
    const auto connection = stream.connection();
    connection->tls.emplace(connection->socket, *request.tls);
    auto* handle = connection->tls->native_handle();
    error_code not_an_address;
    asio::ip::make_address(request.host, not_an_address);
    auto* parameters = SSL_get0_param(handle);
    bool ready = true;
    if (not_an_address) {
        // NOLINTNEXTLINE: OpenSSL's macro casts in the C way.
        ready = SSL_set_tlsext_host_name(handle, request.host.c_str()) == 1 &&
                X509_VERIFY_PARAM_set1_host(parameters, request.host.c_str(), 0) == 1;
    } else {
        ready = X509_VERIFY_PARAM_set1_ip_asc(parameters, request.host.c_str()) == 1;
    }
    const std::string what =
        "No TLS connection to " + in_brackets(request.host) + ":" + request.port;
    if (!ready) co_return failure(FailureKind::tls, what + ": the name can't be verified.");
    const auto [error] =
        co_await connection->tls->async_handshake(ssl::stream_base::client, as_values);
    if (!error) co_return Done{};
    const long verdict = SSL_get_verify_result(handle);
    if (verdict != X509_V_OK) {
        co_return failure(FailureKind::tls, what + ": its certificate is not trusted (" +
                                                X509_verify_cert_error_string(verdict) +
                                                "). Check ca_file and the host name.");
    }
    const error_code told = connection->told(error);
    if (told.category() == asio::error::get_ssl_category()) {
        co_return failure(FailureKind::tls, what + ": " + told.message() + ".");
    }
    co_return unreachable(what, told.message());
}

// ---- server

struct Acceptance {
    explicit Acceptance(const asio::any_io_executor& executor)
        : acceptor(executor), pause(executor) {}
    // Out of descriptors or memory: the next try needs somebody to have finished first. Several may
    // wait, and the one who comes later must not end the pause of the others, who would come anew.
    Async<void> wait_a_little() {
        if (pause.expiry() <= std::chrono::steady_clock::now()) pause.expires_after(Duration(100));
        co_await pause.async_wait(as_values);
    }

    Acceptor acceptor;
    asio::steady_timer pause;
    bool stopped = false;
};

class SocketListener : public Listener {
 public:
    SocketListener(std::shared_ptr<Acceptance> acceptance, std::string address,
                   std::string socket_file, std::shared_ptr<ssl::context> tls)
        : acceptance_(std::move(acceptance)),
          address_(std::move(address)),
          socket_file_(std::move(socket_file)),
          tls_(std::move(tls)) {}
    SocketListener(const SocketListener&) = delete;
    SocketListener& operator=(const SocketListener&) = delete;
    ~SocketListener() override { stop(); }

    Async<Result<std::unique_ptr<ByteStream>>> accept() override {
        const auto held = acceptance_;
        const std::string address = address_;
        while (!held->stopped) {
            auto [error, socket] = co_await held->acceptor.async_accept(as_values);
            if (!error) {
                error_code ignored;
                socket.set_option(tcp::no_delay(true), ignored);
                co_return std::make_unique<SocketStream>(
                    std::make_shared<Connection>(std::move(socket)));
            }
            if (!held->stopped && error != asio::error::connection_aborted) {
                co_await held->wait_a_little();
            }
        }
        co_return failure(FailureKind::cancelled, "The listener on " + address + " was stopped.");
    }

    Async<Result<Done>> handshake(ByteStream& stream) override {
        if (!tls_) co_return Done{};
        const auto context = tls_;
        const auto connection = dynamic_cast<SocketStream&>(stream).connection();
        connection->tls.emplace(connection->socket, *context);
        const auto [error] =
            co_await connection->tls->async_handshake(ssl::stream_base::server, as_values);
        if (!error) co_return Done{};
        const error_code told = connection->told(error);
        co_return failure(
            told == asio::error::timed_out ? FailureKind::timed_out : FailureKind::tls,
            "A client's TLS handshake failed: " + told.message() + ".");
    }

    [[nodiscard]] std::string address() const override { return address_; }

    void stop() override {
        if (acceptance_->stopped) return;
        acceptance_->stopped = true;
        error_code ignored;
        acceptance_->acceptor.close(ignored);
        acceptance_->pause.cancel();
        if (!socket_file_.empty()) ::unlink(socket_file_.c_str());
    }

 private:
    std::shared_ptr<Acceptance> acceptance_;
    std::string address_;
    std::string socket_file_;
    std::shared_ptr<ssl::context> tls_;
};

// An address that is taken, or not there yet, may be had later: a service manager tries again then.
Failure not_listening(const std::string& address, const std::string& why,
                      FailureKind kind = FailureKind::invalid_configuration) {
    return failure(kind, "Can't listen on " + address + ": " + why);
}

// A socket file that nobody answers on was left behind by a process that died.
Result<Done> clear_stale_socket(const asio::any_io_executor& executor, const std::string& address,
                                const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return Done{};
    if (!S_ISSOCK(status.st_mode)) {
        return not_listening(address,
                             "the path exists and is no socket. Remove it or choose another.");
    }
    Socket probe(executor);
    error_code error;
    probe.connect(Protocol::endpoint(asio::local::stream_protocol::endpoint(path)), error);
    if (error != asio::error::connection_refused) {
        return not_listening(address, "another process listens there.", FailureKind::unavailable);
    }
    if (::unlink(path.c_str()) != 0) {
        return not_listening(address, std::string("the stale socket can't be removed: ") +
                                          std::strerror(errno) + ".");
    }
    return Done{};
}

Result<Done> open(Acceptor& acceptor, const Protocol::endpoint& endpoint,
                  const std::string& address, const std::string& socket_file) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error && socket_file.empty()) {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) acceptor.bind(endpoint, error);
    if (error) return not_listening(address, error.message() + ".", FailureKind::unavailable);
    // The rights are set before anyone can connect.
    if (!socket_file.empty() && ::chmod(socket_file.c_str(), 0660) != 0) {
        return not_listening(address,
                             std::string("its rights can't be set: ") + std::strerror(errno) + ".");
    }
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return not_listening(address, error.message() + ".", FailureKind::unavailable);
    return Done{};
}

std::string text_of(const Protocol::endpoint& endpoint) {
    tcp::endpoint tcp_endpoint;
    if (endpoint.size() > tcp_endpoint.capacity()) return {};
    std::memcpy(tcp_endpoint.data(), endpoint.data(), endpoint.size());
    return in_brackets(tcp_endpoint.address().to_string()) + ":" +
           std::to_string(tcp_endpoint.port());
}

}  // namespace

Async<Result<std::unique_ptr<ByteStream>>> connect(ConnectRequest request) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + request.timeout;
    std::string host = request.host;
    std::string port = request.port;
    if (!request.proxy.empty()) {
        const auto proxy = read_web_address(request.proxy);
        if (proxy.has_error() || proxy->scheme != "http" || proxy->port.empty()) {
            co_return failure(
                FailureKind::invalid_configuration,
                "The proxy's address must read http://HOST:PORT, without credentials.");
        }
        host = without_brackets(proxy->host);
        port = proxy->port;
    }
    auto connection = co_await connect_tcp(host, port, deadline);
    if (connection.has_error()) co_return connection.error();
    auto stream = std::make_unique<SocketStream>(*connection);
    if (!request.proxy.empty()) {
        const auto asked = co_await ask_proxy(*stream, request);
        if (asked.has_error()) co_return asked.error();
    }
    if (request.tls) {
        const auto started = co_await start_tls(*stream, request);
        if (started.has_error()) co_return started.error();
    }
    co_return std::move(stream);
}

Result<std::unique_ptr<Listener>> listen(asio::any_io_executor executor, const std::string& address,
                                         std::shared_ptr<ssl::context> tls) {
    const auto read = read_listen_address(address);
    if (read.has_error()) return not_listening(address, "it " + read.error().detail + ".");
    Protocol::endpoint endpoint;
    if (read->path.empty()) {
        endpoint = tcp::endpoint(asio::ip::make_address(read->host), read->port);
    } else {
        const auto cleared = clear_stale_socket(executor, address, read->path);
        if (cleared.has_error()) return cleared.error();
        endpoint = asio::local::stream_protocol::endpoint(read->path);
    }
    const std::string& socket_file = read->path;
    auto acceptance = std::make_shared<Acceptance>(executor);
    const auto opened = open(acceptance->acceptor, endpoint, address, socket_file);
    if (opened.has_error()) return opened.error();
    const std::string told =
        socket_file.empty() ? text_of(acceptance->acceptor.local_endpoint()) : address;
    return std::make_unique<SocketListener>(std::move(acceptance), told, socket_file,
                                            std::move(tls));
}

}  // namespace writeback
