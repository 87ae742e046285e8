// A connection in memory: what the peer sends is known beforehand and comes in pieces of chosen
// sizes, and what is written is kept. Nothing of it waits, so one run of an io_context is a whole
// conversation.
#pragma once

#include "platform/byte_stream.hpp"

#include <writeback/log.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace writeback::fuzz {

// How the peer's bytes are cut: at once, or by a small generator that the input seeds.
class Pieces {
 public:
    static Pieces whole() { return Pieces(0); }
    static Pieces odd(unsigned seed) { return Pieces(seed | 1); }

    std::size_t next() {
        if (state_ == 0) return static_cast<std::size_t>(-1);
        state_ = state_ * 1103515245U + 12345U;
        const unsigned choice = state_ >> 16;
        return choice % 4 == 0 ? 1 : choice / 4 % 61 + 1;
    }

 private:
    explicit Pieces(unsigned state) : state_(state) {}
    unsigned state_;
};

class ScriptedStream final : public ByteStream {
 public:
    // `written` receives what is written and outlives the stream.
    ScriptedStream(std::string incoming, Pieces pieces, std::string& written)
        : incoming_(std::move(incoming)), pieces_(pieces), written_(written) {}

    Async<Transfer> read_some(boost::asio::mutable_buffer buffer) override {
        if (closed_) co_return Transfer{0, boost::asio::error::operation_aborted};
        const auto left = incoming_.size() - taken_;
        if (left == 0) co_return Transfer{0, boost::asio::error::eof};
        const auto count = std::min({left, buffer.size(), pieces_.next()});
        std::memcpy(buffer.data(), incoming_.data() + taken_, count);
        taken_ += count;
        co_return Transfer{count, {}};
    }
    Async<Transfer> write(boost::asio::const_buffer buffer) override {
        if (closed_) co_return Transfer{0, boost::asio::error::operation_aborted};
        written_.append(static_cast<const char*>(buffer.data()), buffer.size());
        co_return Transfer{buffer.size(), {}};
    }
    Async<void> shutdown() override { co_return; }
    void expires_after(Duration) override {}
    void close() override { closed_ = true; }

 private:
    std::string incoming_;
    std::size_t taken_ = 0;
    Pieces pieces_;
    std::string& written_;
    bool closed_ = false;
};

// For code that logs beside its work: nobody reads it.
class Silence final : public Log {
 public:
    void write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace writeback::fuzz
