#include "delta_token.hpp"

#include "../base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>

namespace emulator {
namespace {

constexpr std::string_view sealing_key = "graph-emulator delta token, version 1";
constexpr std::size_t check_size = 12;

std::string digest(std::string_view bytes) {
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), sealing_key.data(), static_cast<int>(sealing_key.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), value, &size);
    return std::string(reinterpret_cast<char*>(value), size);
}

/// Makes the content unreadable, so that no client comes to depend on it. Its own inverse.
void scramble(std::string& bytes, std::string_view check) {
    std::string stream;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i % 32 == 0) stream = digest(std::string(check) + std::to_string(i));
        bytes[i] = static_cast<char>(bytes[i] ^ stream[i % 32]);
    }
}

class Writer {
 public:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            bytes_ += static_cast<char>((value & 0x7F) | 0x80);
        bytes_ += static_cast<char>(value);
    }
    void texts(const std::vector<std::string>& values) {
        number(values.size());
        for (const auto& value : values) {
            number(value.size());
            bytes_ += value;
        }
    }
    std::string take() { return std::move(bytes_); }

 private:
    std::string bytes_;
};

class Reader {
 public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if ((byte & 0x80) == 0) return value;
        }
        failed_ = true;
        return 0;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> values;
        for (auto count = number(); count > 0 && !failed_; --count) {
            const auto size = number();
            if (size > bytes_.size()) {
                failed_ = true;
                break;
            }
            values.emplace_back(bytes_.substr(0, size));
            bytes_.remove_prefix(size);
        }
        return values;
    }
    bool complete() const { return !failed_ && bytes_.empty(); }

 private:
    std::string_view bytes_;
    bool failed_ = false;
};

}  // namespace

std::string seal(const DeltaToken& token) {
    Writer writer;
    writer.number(static_cast<std::uint64_t>(token.kind));
    writer.number(token.ends_round * 1 + token.minimal * 2 + token.after_empty_page * 4 +
                  token.beta * 8);
    writer.number(token.tenant);
    writer.number(token.serial);
    writer.number(static_cast<std::uint64_t>(token.issued.time_since_epoch().count()));
    writer.number(token.from);
    writer.number(token.to);
    writer.number(token.pass);
    writer.number(token.position);
    writer.number(token.part_size);
    writer.texts(token.selection);
    writer.texts(token.ids);
    std::string content = writer.take();
    const std::string check = digest(content).substr(0, check_size);
    scramble(content, check);
    return base64url(check + content);
}

std::optional<DeltaToken> open(std::string_view text) {
    const auto bytes = base64url_decoded(text);
    if (!bytes || bytes->size() <= check_size) return std::nullopt;
    const std::string check = bytes->substr(0, check_size);
    std::string content = bytes->substr(check_size);
    scramble(content, check);
    if (digest(content).compare(0, check_size, check) != 0) return std::nullopt;

    Reader reader(content);
    DeltaToken token;
    token.kind = static_cast<Kind>(reader.number());
    const auto flags = reader.number();
    token.ends_round = (flags & 1) != 0;
    token.minimal = (flags & 2) != 0;
    token.after_empty_page = (flags & 4) != 0;
    token.beta = (flags & 8) != 0;
    token.tenant = reader.number();
    token.serial = reader.number();
    token.issued = TimePoint(Duration(static_cast<std::int64_t>(reader.number())));
    token.from = reader.number();
    token.to = reader.number();
    token.pass = static_cast<std::uint32_t>(reader.number());
    token.position = static_cast<std::uint32_t>(reader.number());
    token.part_size = static_cast<std::uint32_t>(reader.number());
    token.selection = reader.texts();
    token.ids = reader.texts();
    if (!reader.complete()) return std::nullopt;
    return token;
}

}  // namespace emulator
