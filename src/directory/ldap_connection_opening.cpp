#include "directory/ldap_connection_opening.hpp"

#include "directory/kerberos_ticket.hpp"
#include "directory/ldap_errors.hpp"
#include "platform/secret_file.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url/parse.hpp>
#include <ldap.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netinet/tcp.h>
#include <openldap.h>
#include <sasl/sasl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace writeback {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr const char* system_certificates = "/etc/ssl/certs/ca-certificates.crt";

struct Address {
    std::string host;  // without brackets
    std::string port;
    bool ldaps = false;
    std::string plain_url;  // "ldap://host:port", for ldap_init_fd
};

Result<Address> read_address(const LdapEndpoint& endpoint) {
    const auto url = boost::urls::parse_uri(endpoint.url);
    if (!url || (url->scheme() != "ldap" && url->scheme() != "ldaps") || url->host().empty()) {
        return failure(FailureKind::invalid_configuration,
                       "The directory server \"" + endpoint.url +
                           "\" is no ldap:// or ldaps:// URL; write ldaps://dc1.contoso.com.");
    }
    Address address;
    address.ldaps = url->scheme() == "ldaps";
    address.host = url->host_address();
    address.port = url->has_port() ? std::string(url->port()) : (address.ldaps ? "636" : "389");
    address.plain_url = "ldap://" + std::string(url->encoded_host()) + ":" + address.port;
    return address;
}

// An idle connection that a firewall has forgotten is noticed within two minutes.
void keep_alive(int descriptor) {
    const int on = 1;
    const int idle_seconds = 60;
    const int interval_seconds = 15;
    const int probes = 4;
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct Unbind {
    void operator()(LDAP* handle) const { ldap_unbind_ext(handle, nullptr, nullptr); }
};
using Handle = std::unique_ptr<LDAP, Unbind>;

std::string diagnostic_of(LDAP* handle) {
    char* text = nullptr;
    ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    std::string diagnostic = text == nullptr ? "" : text;
    ldap_memfree(text);
    return diagnostic;
}

// GSSAPI asks at most for an authorization name, where the default is right.
int answer_nothing(LDAP*, unsigned, void*, void* asked) {
    for (auto* prompt = static_cast<sasl_interact_t*>(asked); prompt->id != SASL_CB_LIST_END;
         ++prompt) {
        prompt->result = prompt->defresult == nullptr ? "" : prompt->defresult;
        prompt->len = static_cast<unsigned>(std::strlen(static_cast<const char*>(prompt->result)));
    }
    return LDAP_SUCCESS;
}

// The blocking part, on its thread: everything from the connected socket to the bound handle.
class Binding {
 public:
    Binding(const LdapEndpoint& endpoint, const LdapCredentials& credentials,
            const LdapLimits& limits)
        : endpoint_(endpoint), credentials_(credentials), limits_(limits) {}

    Result<Handle> make(int descriptor, const std::string& plain_url, bool ldaps) {
        LDAP* raw = nullptr;
        const int code = ldap_init_fd(descriptor, LDAP_PROTO_TCP, plain_url.c_str(), &raw);
        if (code != LDAP_SUCCESS) {
            ::close(descriptor);
            return failure(FailureKind::internal, "libldap refused the connection to " +
                                                      endpoint_.url + ": " + ldap_err2string(code));
        }
        Handle handle(raw);
        set_options(raw);
        const bool secured = ldaps || endpoint_.start_tls;
        if (secured) {
            if (auto done = secure(raw, ldaps); !done) return done.error();
        }
        auto done =
            credentials_.bind == Bind::simple ? bind_simple(raw) : bind_gssapi(raw, secured);
        if (!done) return done.error();
        return handle;
    }

 private:
    void set_options(LDAP* handle) const {
        const int version = LDAP_VERSION3;
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits_.connect_timeout);
        const timeval timeout{seconds.count(), 0};
        ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
        ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
        ldap_set_option(handle, LDAP_OPT_TIMEOUT, &timeout);
        // The service's name is the host of the URL, not what reverse DNS makes of it.
        ldap_set_option(handle, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON);
        Sockbuf* buffer = nullptr;
        ldap_get_option(handle, LDAP_OPT_SOCKBUF, &buffer);
        ber_len_t largest = limits_.reply;
        if (buffer != nullptr) ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &largest);
    }

    Result<Done> secure(LDAP* handle, bool ldaps) const {
        const int demand = LDAP_OPT_X_TLS_DEMAND;
        const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
        const int as_client = 0;
        const char* ca_file =
            endpoint_.ca_file.empty() ? system_certificates : endpoint_.ca_file.c_str();
        ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, ca_file);
        ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
        ldap_set_option(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest);
        if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &as_client) != LDAP_OPT_SUCCESS) {
            return failure(FailureKind::invalid_configuration,
                           std::string("The certificates in ") + ca_file +
                               " cannot be used; check directory.ca_file.");
        }
        const int code =
            ldaps ? ldap_install_tls(handle) : ldap_start_tls_s(handle, nullptr, nullptr);
        if (code == LDAP_SUCCESS) return Done{};
        auto reason = printable(diagnostic_of(handle));
        if (reason.empty() || reason == "(unknown error code)") {
            reason =
                "the certificate cannot be trusted for this name, or the server speaks no TLS "
                "here";
        }
        if (endpoint_.url.find("//localhost") != std::string::npos)
            reason += "; libldap takes localhost for the machine's own name, write 127.0.0.1";
        return failure(FailureKind::tls,
                       "No TLS with " + endpoint_.url + ": " + reason +
                           ". Check directory.ca_file and that the certificate names the host.",
                       "LDAP " + std::to_string(code));
    }

    Result<Done> bind_simple(LDAP* handle) const {
        auto secret = read_secret(credentials_.secret_file);
        if (!secret) return secret.error();
        berval value{secret->size(), secret->data()};
        const int code = ldap_sasl_bind_s(handle, credentials_.name.c_str(), LDAP_SASL_SIMPLE,
                                          &value, nullptr, nullptr, nullptr);
        explicit_bzero(secret->data(), secret->size());
        return outcome(handle, code);
    }

    Result<Done> bind_gssapi(LDAP* handle, bool secured) const {
        const auto ticket =
            KerberosTicket::from_keytab(credentials_.secret_file, credentials_.name);
        if (!ticket) return ticket.error();
        // Active Directory refuses a second layer inside TLS, and demands one without TLS.
        const ber_len_t no_layer = 0;
        if (secured) ldap_set_option(handle, LDAP_OPT_X_SASL_SSF_MAX, &no_layer);
        return outcome(handle,
                       ldap_sasl_interactive_bind_s(handle, nullptr, "GSSAPI", nullptr, nullptr,
                                                    LDAP_SASL_QUIET, answer_nothing, nullptr));
    }

    Result<Done> outcome(LDAP* handle, int code) const {
        if (code == LDAP_SUCCESS) return Done{};
        const auto diagnostic = diagnostic_of(handle);
        if (code > 0) {
            return directory_failure(DirectoryAction::bind, endpoint_.url, {code, diagnostic});
        }
        const auto kind = code == LDAP_TIMEOUT ? FailureKind::timed_out : FailureKind::unreachable;
        std::string detail = "The bind to " + endpoint_.url + " failed: " + ldap_err2string(code);
        if (!diagnostic.empty()) detail += " (" + printable(diagnostic) + ")";
        return failure(kind, detail + ".", "LDAP " + std::to_string(code));
    }

    const LdapEndpoint& endpoint_;
    const LdapCredentials& credentials_;
    const LdapLimits& limits_;
};

constexpr auto grace = std::chrono::seconds(1);

struct Descriptor {
    explicit Descriptor(int open) : number(open) {}
    ~Descriptor() { ::close(number); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number;
};

void set_blocking(int descriptor) {
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
}

}  // namespace

// What the loop waits with; it never leaves the loop.
struct LdapOpening::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<Result<Handle>> outcome;
};

// What the blocking thread holds; it may outlive the attempt and the executor.
struct LdapOpening::Errand {
    LdapEndpoint endpoint;
    LdapCredentials credentials;
    LdapLimits limits;
    asio::any_io_executor executor;
    std::weak_ptr<Waiting> waiting;
    std::mutex mutex;
    bool given_up = false;  // guarded: nobody waits, the executor may be gone

    void run(int descriptor, const std::string& plain_url, bool ldaps) {
        auto outcome = std::make_shared<Result<Handle>>(
            Binding(endpoint, credentials, limits).make(descriptor, plain_url, ldaps));
        const std::lock_guard lock(mutex);
        if (given_up) return;
        asio::post(executor, [waiting = waiting, outcome] {
            const auto there = waiting.lock();
            if (!there) return;
            there->outcome.emplace(std::move(*outcome));
            there->timer.cancel();
        });
    }
};

LdapOpening::LdapOpening(asio::any_io_executor executor, LdapEndpoint endpoint,
                         LdapCredentials credentials, LdapLimits limits)
    : executor_(std::move(executor)),
      endpoint_(std::move(endpoint)),
      credentials_(std::move(credentials)),
      limits_(limits) {}

LdapOpening::~LdapOpening() = default;

void LdapOpening::cancel() {
    cancelled_ = true;
    if (interrupt_) interrupt_();
}

Failure LdapOpening::ended() const {
    if (cancelled_) return failure(FailureKind::cancelled, "The connection attempt was ended.");
    return failure(FailureKind::timed_out, endpoint_.url + " did not let us in within " +
                                               std::to_string(limits_.connect_timeout.count()) +
                                               " ms.");
}

Async<Result<std::shared_ptr<LdapConnection>>> LdapOpening::run() {
    static const auto ignored_for_good = std::signal(SIGPIPE, SIG_IGN);
    static_cast<void>(ignored_for_good);
    deadline_ = steady_clock::now() + limits_.connect_timeout;
    auto address = read_address(endpoint_);
    if (!address) co_return address.error();
    auto descriptor = co_await connect_socket(address->host, address->port);
    if (!descriptor) co_return descriptor.error();
    co_return co_await secure_and_bind(*descriptor, address->plain_url, address->ldaps);
}

// Interrupts the step that has begun with interrupt_, unless a later one has begun meanwhile.
void LdapOpening::interrupt_at(asio::steady_timer& deadline) {
    deadline.async_wait([self = shared_from_this(), step = ++step_](const error_code& error) {
        if (!error && self->step_ == step && self->interrupt_) self->interrupt_();
    });
}

Async<Result<int>> LdapOpening::connect_socket(std::string host, std::string port) {
    if (cancelled_) co_return ended();
    tcp::resolver resolver(executor_);
    interrupt_ = [&] { resolver.cancel(); };
    asio::steady_timer deadline(executor_, deadline_);
    interrupt_at(deadline);
    error_code error;
    const auto found = co_await resolver.async_resolve(
        host, port, asio::redirect_error(asio::use_awaitable, error));
    interrupt_ = nullptr;
    deadline.cancel();
    std::string step = "its name cannot be resolved";
    auto left = static_cast<int>(found.size());
    for (const auto& address : found) {
        step = "it cannot be reached";
        const auto now = steady_clock::now();
        if (cancelled_ || now >= deadline_) break;
        // A name may have many addresses, and the first may be dead: each gets its share.
        const auto until = now + (deadline_ - now) / left--;
        tcp::socket socket(executor_);
        error = co_await connect_one(socket, address.endpoint(), until);
        if (error) continue;
        keep_alive(socket.native_handle());
        const int descriptor = socket.release();
        set_blocking(descriptor);
        co_return descriptor;
    }
    if (cancelled_ || steady_clock::now() >= deadline_) co_return ended();
    co_return failure(FailureKind::unreachable,
                      endpoint_.url + ": " + step + " (" + error.message() + ").");
}

Async<error_code> LdapOpening::connect_one(tcp::socket& socket, tcp::endpoint address,
                                           steady_clock::time_point until) {
    interrupt_ = [&] {
        error_code ignored;
        socket.close(ignored);
    };
    asio::steady_timer deadline(executor_, until);
    interrupt_at(deadline);
    error_code error;
    co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    interrupt_ = nullptr;
    if (!error && !socket.is_open()) error = asio::error::timed_out;
    co_return error;
}

Async<Result<std::shared_ptr<LdapConnection>>> LdapOpening::secure_and_bind(int descriptor,
                                                                            std::string plain_url,
                                                                            bool ldaps) {
    const auto waiting = std::make_shared<Waiting>(executor_);
    const auto errand = std::make_shared<Errand>();
    errand->endpoint = endpoint_;
    errand->credentials = credentials_;
    errand->limits = limits_;
    errand->executor = executor_;
    errand->waiting = waiting;
    // A descriptor of our own: the thread may close its own at any time.
    const Descriptor socket(::dup(descriptor));
    std::thread([errand, descriptor, plain_url, ldaps] {
        errand->run(descriptor, plain_url, ldaps);
    }).detach();

    ++step_;
    waiting->timer.expires_at(cancelled_ ? steady_clock::now() : deadline_);
    interrupt_ = [waiting] { waiting->timer.cancel(); };
    error_code ignored;
    co_await waiting->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    interrupt_ = nullptr;
    if (!waiting->outcome) {
        // Wakes the thread from whatever it waits for on this socket; only Kerberos waits
        // elsewhere.
        ::shutdown(socket.number, SHUT_RDWR);
        waiting->timer.expires_after(grace);
        co_await waiting->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const std::lock_guard lock(errand->mutex);
        errand->given_up = true;
        co_return ended();
    }
    if (!*waiting->outcome) co_return waiting->outcome->error();
    LDAP* handle = (*waiting->outcome)->release();
    int bound = -1;
    ldap_get_option(handle, LDAP_OPT_DESC, &bound);
    auto connection = std::make_shared<LdapConnection>(executor_, handle, bound, limits_);
    connection->listen();
    co_return connection;
}

}  // namespace writeback
