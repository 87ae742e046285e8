// Chance from OpenSSL's generator, fit for secrets. Throws std::runtime_error when the machine has
// no entropy, which is no state to go on in. Threads: any.
#pragma once

#include <writeback/random.hpp>

namespace writeback {

class SystemRandom final : public Random {
 public:
    [[nodiscard]] std::uint64_t below(std::uint64_t below) override;
    [[nodiscard]] std::string secret(std::size_t length) override;
    [[nodiscard]] std::string guid() override;
};

}  // namespace writeback
