#include "webhook.hpp"

#include "../src/base/text.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

using namespace std::chrono_literals;

class Webhook::Stream {
 public:
    Stream(int socket, SSL* tls) : socket_(socket), tls_(tls) {}
    ~Stream() {
        if (tls_ != nullptr) SSL_free(tls_);
        ::close(socket_);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    bool secured() const { return tls_ == nullptr || SSL_accept(tls_) == 1; }
    int read(char* buffer, int size) const {
        return tls_ != nullptr ? SSL_read(tls_, buffer, size)
                               : static_cast<int>(::recv(socket_, buffer, size, 0));
    }
    void write(const std::string& bytes) const {
        if (tls_ != nullptr) {
            SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
        } else {
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
    }

 private:
    int socket_;
    SSL* tls_;
};

Webhook::Webhook(const TestCertificate* certificate) : certificate_(certificate) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool ready = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::listen(listener_, 64) == 0 &&
                       ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!ready) throw std::runtime_error("the webhook can't listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
}

Webhook::~Webhook() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& connection : connections_)
        connection.join();
}

std::string Webhook::url(const std::string& path) const {
    return (certificate_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) +
           path;
}

void Webhook::accept() {
    while (!stopping_) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const timeval patience{5, 0};
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        connections_.emplace_back([this, socket] { serve(socket); });
    }
}

void Webhook::serve(int socket) {
    SSL* tls = nullptr;
    if (certificate_ != nullptr) {
        tls = SSL_new(certificate_->server_context());
        SSL_set_fd(tls, socket);
    }
    Stream stream(socket, tls);
    if (!stream.secured()) return;
    std::string received;
    std::size_t body_size = 0;
    std::size_t head_end = std::string::npos;
    char buffer[16384];
    while (head_end == std::string::npos || received.size() < head_end + 4 + body_size) {
        const int count = stream.read(buffer, sizeof buffer);
        if (count <= 0) return;
        received.append(buffer, static_cast<std::size_t>(count));
        head_end = received.find("\r\n\r\n");
        const auto length = received.find("Content-Length: ");
        if (head_end != std::string::npos && length < head_end) {
            body_size = std::stoul(received.substr(length + 16));
        }
    }
    Post post;
    const auto lines = emulator::split(received.substr(0, head_end), '\n');
    post.target = emulator::split(lines[0], ' ').at(1);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].find(": ");
        post.headers[emulator::lower_case(lines[i].substr(0, colon))] =
            lines[i].substr(colon + 2, lines[i].find('\r') - colon - 2);
    }
    post.body = received.substr(head_end + 4);
    const auto mark = post.target.find("validationToken=");
    if (mark != std::string::npos) return answer_validation(stream, post.target.substr(mark + 16));
    answer(stream, std::move(post));
}

void Webhook::answer_validation(Stream& stream, const std::string& token) {
    ++validations_;
    const Handshake manner = handshake;
    if (manner == Handshake::silent) {
        std::this_thread::sleep_for(std::chrono::milliseconds(silence_milliseconds));
        return;
    }
    std::string body =
        manner == Handshake::undecoded ? token : emulator::percent_decoded(token, true);
    if (manner == Handshake::extra_text) body += "\n";
    const std::string type = manner == Handshake::wrong_type ? "text/html" : "text/plain";
    const std::string line =
        manner == Handshake::forbidden ? "HTTP/1.1 403 Forbidden\r\n" : "HTTP/1.1 200 OK\r\n";
    stream.write(line + "Content-Type: " + type +
                 "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void Webhook::answer(Stream& stream, Post post) {
    int code = status;
    if (failures_first > 0) {
        --failures_first;
        code = 503;
    }
    post.answered = code;
    stream.write("HTTP/1.1 " + std::to_string(code) + " Answer\r\nContent-Length: 0\r\n\r\n");
    const std::lock_guard lock(mutex_);
    posts_.push_back(std::move(post));
    changed_.notify_all();
}

std::vector<Post> Webhook::posts() const {
    const std::lock_guard lock(mutex_);
    return posts_;
}

std::vector<boost::json::object> Webhook::items() const {
    std::vector<boost::json::object> all;
    for (const auto& post : posts()) {
        if (post.answered >= 300) continue;
        for (const auto body = boost::json::parse(post.body);
             const auto& item : body.at("value").as_array()) {
            all.push_back(item.as_object());
        }
    }
    return all;
}

bool Webhook::wait_until(const std::function<bool()>& condition) const {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 20ms);
    }
    return true;
}

bool Webhook::wait_for_items(std::size_t count) const {
    return wait_until([&] { return items().size() >= count; });
}

void Webhook::forget() {
    const std::lock_guard lock(mutex_);
    posts_.clear();
}
