// BER as the LDAP models read and write it, on liblber.
//
// Failures: bytes that cannot be written throw; what is read wrongly gives empty values. Threads:
// pure.
#pragma once

#include <lber.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace writeback::fakes {

using Ber = std::unique_ptr<BerElement, void (*)(BerElement*)>;

inline void free_ber(BerElement* ber) {
    ber_free(ber, 1);
}

inline Ber new_ber() {
    return {ber_alloc_t(LBER_USE_DER), free_ber};
}

// Reads the bytes, a copy of which it keeps.
inline Ber ber_of(const std::string& bytes) {
    berval whole{bytes.size(), const_cast<char*>(bytes.data())};
    return {ber_init(&whole), free_ber};
}

inline std::string bytes_of_ber(BerElement* ber) {
    berval value{};
    if (ber_flatten2(ber, &value, 0) != 0) throw std::logic_error("BER cannot be written");
    return {value.bv_val, value.bv_len};
}

inline std::string text_of(const berval& value) {
    return value.bv_val == nullptr ? std::string() : std::string(value.bv_val, value.bv_len);
}

// The length of the first whole message, or 0 while it is not there yet.
inline std::size_t ber_message_length(const std::string& bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2) return 0;
    std::size_t header = 2;
    std::size_t length = byte(1);
    if (length >= 0x80) {
        const std::size_t count = length & 0x7fU;
        header += count;
        if (bytes.size() < header) return 0;
        length = 0;
        for (std::size_t i = 0; i < count; ++i)
            length = length * 256 + byte(2 + i);
    }
    return bytes.size() >= header + length ? header + length : 0;
}

}  // namespace writeback::fakes
