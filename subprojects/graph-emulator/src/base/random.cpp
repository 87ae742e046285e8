#include "random.hpp"

#include <cstdio>

namespace emulator {

std::string Random::guid() {
    const std::uint64_t high = (engine_() & ~0xF000ULL) | 0x4000ULL;
    const std::uint64_t low = (engine_() & ~(3ULL << 62)) | (2ULL << 62);
    char text[37];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx",
                  static_cast<unsigned>(high >> 32), static_cast<unsigned>((high >> 16) & 0xFFFF),
                  static_cast<unsigned>(high & 0xFFFF), static_cast<unsigned>(low >> 48),
                  static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
    return text;
}

}  // namespace emulator
