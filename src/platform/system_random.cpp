#include "platform/system_random.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace writeback {

namespace {

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
    std::array<unsigned char, N> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(N)) != 1) {
        throw std::runtime_error("the system gives no random numbers");
    }
    return bytes;
}

std::uint64_t random_number() {
    std::uint64_t number = 0;
    for (const unsigned char byte : random_bytes<8>())
        number = number << 8 | byte;
    return number;
}

}  // namespace

std::uint64_t SystemRandom::below(std::uint64_t below) {
    // The numbers under 2^64 mod `below` would make the small results likelier.
    const std::uint64_t uneven = (0 - below) % below;
    while (true) {
        const std::uint64_t number = random_number();
        if (number >= uneven) return number % below;
    }
}

std::string SystemRandom::secret(std::size_t length) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    text.reserve(length);
    while (text.size() < length)
        text += letters[below(letters.size())];
    return text;
}

std::string SystemRandom::guid() {
    auto bytes = random_bytes<16>();
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits;
    }
    return text;
}

}  // namespace writeback
