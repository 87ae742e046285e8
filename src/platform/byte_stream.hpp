// A connection as bytes: TCP, TLS over TCP, or a unix socket, behind one small interface, so that
// the costly templates of Asio's streams are compiled in one file (byte_stream.cpp) and nowhere
// else.
//
// Failures: by error code in the value; `timed_out` when the deadline set by expires_after passed.
// After a failure the stream is only good to be destroyed. Limits: the caller's, by expires_after.
// Ownership: a stream owns its socket. Threads: one, that of its executor. Cancellation: close()
// ends whatever waits.
#pragma once

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace writeback {

struct Transfer {
    std::size_t bytes = 0;
    boost::system::error_code error;
};

class ByteStream {
 public:
    virtual ~ByteStream() = default;
    // At least one byte, or an error (eof when the peer has ended).
    virtual Async<Transfer> read_some(boost::asio::mutable_buffer buffer) = 0;
    // All of the buffer, or an error.
    virtual Async<Transfer> write(boost::asio::const_buffer buffer) = 0;
    // Ends the connection in order (TLS close_notify), within the deadline.
    virtual Async<void> shutdown() = 0;
    // A deadline from now for whatever is called next, until it is set again.
    virtual void expires_after(Duration duration) = 0;
    virtual void close() = 0;
};

// Opens a client connection to host:port: resolves, connects, and with a context makes the TLS
// handshake, verifying the peer's certificate for `host`. With a proxy ("http://host:port") it asks
// that one by CONNECT first. Failures: unreachable, timed_out, tls (with what was wrong with the
// certificate), and refused for the proxy's no.
struct ConnectRequest {
    std::string host;
    std::string port;
    std::string proxy;                               // empty: none
    std::shared_ptr<boost::asio::ssl::context> tls;  // null: plain
    Duration timeout{};
};
Async<Result<std::unique_ptr<ByteStream>>> connect(ConnectRequest request);

// A client context that trusts the system's certificates, or only those of ca_file when it is not
// empty.
Result<std::shared_ptr<boost::asio::ssl::context>> client_tls(const std::string& ca_file);
// A server context with the certificate chain and key of these PEM files; TLS 1.2 and later.
Result<std::shared_ptr<boost::asio::ssl::context>> server_tls(const std::string& certificate_file,
                                                              const std::string& private_key_file);

// Accepts connections on "address:port" or "unix:/path" (a stale socket file is replaced; mode
// 0660). Port 0 takes a free one.
class Listener {
 public:
    virtual ~Listener() = default;
    // The next connection, TLS handshake not yet made. Fails with `cancelled` after stop().
    virtual Async<Result<std::unique_ptr<ByteStream>>> accept() = 0;
    // The server's TLS handshake, where the listener has a context; otherwise nothing. The stream
    // is one that accept() gave; its deadline is the caller's.
    virtual Async<Result<Done>> handshake(ByteStream& stream) = 0;
    [[nodiscard]] virtual std::string address() const = 0;  // "127.0.0.1:41234" or "unix:/path"
    virtual void stop() = 0;
};
Result<std::unique_ptr<Listener>> listen(boost::asio::any_io_executor executor,
                                         const std::string& address,
                                         std::shared_ptr<boost::asio::ssl::context> tls);

}  // namespace writeback
