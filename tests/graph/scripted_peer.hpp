// A small HTTP server on loopback that answers as a test tells it, also wrongly: cut, slow,
// mislabelled.
#pragma once

#include "platform/byte_stream.hpp"

#include <writeback/async.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace scripted {

struct Question {
    std::string head;  // request line and headers
    std::string body;
    int connection = 0;  // which of the accepted ones

    [[nodiscard]] std::string line() const { return head.substr(0, head.find("\r\n")); }
    [[nodiscard]] std::string target() const {
        const auto begin = head.find(' ') + 1;
        return head.substr(begin, head.find(' ', begin) - begin);
    }
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto begin = head.find("\r\n" + name + ": ");
        if (begin == std::string::npos) return {};
        const auto value = begin + name.size() + 4;
        return head.substr(value, head.find("\r\n", value) - value);
    }
};

struct Reply {
    std::string bytes;
    bool close = false;   // after the bytes
    bool silent = false;  // never answers
};

inline Reply answer(int status, const std::string& body, const std::string& headers = {}) {
    return {"HTTP/1.1 " + std::to_string(status) + " -\r\nContent-Type: application/json\r\n" +
            headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

inline Reply error(int status, const std::string& code, const std::string& headers = {}) {
    return answer(status,
                  R"({"error":{"code":")" + code +
                      R"(","message":"Told so.","innerError":{"request-id":"r-1"}}})",
                  headers);
}

class Peer {
 public:
    using Script = std::function<Reply(const Question&)>;

    Peer(boost::asio::io_context& context, Script script,
         std::shared_ptr<boost::asio::ssl::context> tls = nullptr)
        : context_(context), script_(std::move(script)), scheme_(tls ? "https://" : "http://") {
        auto opened = writeback::listen(context.get_executor(), "127.0.0.1:0", std::move(tls));
        if (opened.has_error()) throw std::runtime_error(opened.error().detail);
        listener_ = std::move(*opened);
        boost::asio::co_spawn(context, serve(), boost::asio::detached);
    }

    [[nodiscard]] std::string url() const { return scheme_ + listener_->address(); }
    [[nodiscard]] int connections() const { return connections_; }

    std::vector<Question> questions;

 private:
    writeback::Async<void> serve() {
        for (;;) {
            auto accepted = co_await listener_->accept();
            if (accepted.has_error()) co_return;
            boost::asio::co_spawn(context_, converse(std::move(*accepted), ++connections_),
                                  boost::asio::detached);
        }
    }

    writeback::Async<void> converse(std::unique_ptr<writeback::ByteStream> stream, int connection) {
        stream->expires_after(std::chrono::seconds(20));
        if ((co_await listener_->handshake(*stream)).has_error()) co_return;
        std::string buffer;
        for (;;) {
            Question question;
            question.connection = connection;
            while (!complete(buffer, question)) {
                std::array<char, 8192> piece{};
                const auto got = co_await stream->read_some(boost::asio::buffer(piece));
                if (got.error) co_return;
                buffer.append(piece.data(), got.bytes);
            }
            questions.push_back(question);
            const Reply reply = script_(question);
            if (!reply.silent) co_await stream->write(boost::asio::buffer(reply.bytes));
            if (reply.close) {
                co_await stream->shutdown();
                co_return;
            }
        }
    }

    // Takes one whole request off the buffer.
    static bool complete(std::string& buffer, Question& question) {
        const auto end = buffer.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        question.head = buffer.substr(0, end + 2);
        const std::string length = question.header("Content-Length");
        const std::size_t size = length.empty() ? 0 : std::stoul(length);
        if (buffer.size() < end + 4 + size) return false;
        question.body = buffer.substr(end + 4, size);
        buffer.erase(0, end + 4 + size);
        return true;
    }

    boost::asio::io_context& context_;
    Script script_;
    std::string scheme_;
    std::unique_ptr<writeback::Listener> listener_;
    int connections_ = 0;
};

}  // namespace scripted
