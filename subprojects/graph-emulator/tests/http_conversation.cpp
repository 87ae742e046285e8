#include "http_conversation.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

std::string Answer::error_code() const {
    return std::string(json().at("error").at("code").as_string());
}

std::string Answer::error_message() const {
    return std::string(json().at("error").at("message").as_string());
}

Conversation::~Conversation() {
    close();
}

void Conversation::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    received_.clear();
}

void Conversation::connect() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close();
        throw std::runtime_error("can't connect to the emulator");
    }
}

void Conversation::send_all(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;  // The answer, if any, says more than the broken pipe.
        sent += static_cast<std::size_t>(count);
    }
}

bool Conversation::receive_more() {
    char buffer[65536];
    const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
}

Answer Conversation::ask(const std::string& method, const std::string& target,
                         const std::string& body, const HeaderList& headers) {
    if (socket_ < 0) connect();
    std::string request =
        method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
    for (const auto& [name, value] : headers)
        request += name + ": " + value + "\r\n";
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send_all(request + "\r\n" + body);
    return read_answer(method != "HEAD");
}

Answer Conversation::read_answer(bool has_body) {
    while (received_.find("\r\n\r\n") == std::string::npos) {
        if (!receive_more()) {
            close();
            throw std::runtime_error("the emulator closed the connection without an answer");
        }
    }
    Answer answer;
    const auto head_end = received_.find("\r\n\r\n");
    const std::string head = received_.substr(0, head_end);
    received_.erase(0, head_end + 4);
    answer.status = std::stoi(head.substr(9, 3));
    for (auto line = head.find("\r\n"); line != std::string::npos;) {
        const auto next = head.find("\r\n", line + 2);
        const std::string field = head.substr(line + 2, next - line - 2);
        const auto colon = field.find(": ");
        if (colon != std::string::npos) {
            answer.headers[lowered(field.substr(0, colon))] = field.substr(colon + 2);
        }
        line = next;
    }
    std::size_t length = 0;
    if (has_body && answer.headers.contains("content-length")) {
        length = std::stoul(answer.headers["content-length"]);
    }
    while (received_.size() < length && receive_more()) {
    }
    answer.complete = received_.size() >= length;
    answer.body = received_.substr(0, length);
    received_.erase(0, std::min(length, received_.size()));
    if (!answer.complete || answer.headers["connection"] == "close") close();
    return answer;
}

std::string Conversation::send_raw(const std::string& bytes) {
    close();
    connect();
    const timeval patience{0, 300000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    send_all(bytes);
    ::shutdown(socket_, SHUT_WR);
    while (receive_more()) {
    }
    std::string all = received_;
    close();
    return all;
}
