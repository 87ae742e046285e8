// Makes up a tenant of any size; the same description gives the same tenant.
//
// Failures: what is wrong with the description. Limits: a million users, 100,000 groups. Threads:
// one.
#pragma once

#include "tenant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace emulator {

struct GeneratorSettings {
    std::size_t groups = 0;
    std::size_t users = 0;
    std::size_t members = 0;
    std::uint64_t seed = 1;
    double cloud_only = 0.05;    ///< of the users
    double nested = 0.05;        ///< of the groups hold another group
    double microsoft365 = 0.20;  ///< of the groups
    std::string domain_sid = "S-1-5-21-1111111111-2222222222-3333333333";
    std::uint32_t first_rid = 1103;
};

/// Reads "groups=500,users=2000,members=25000,cloud_only=5%"; on failure `problem` says why.
std::optional<GeneratorSettings> parse_generator(std::string_view text, std::string& problem);

void generate(const GeneratorSettings& settings, Tenant& tenant, TimePoint now);

}  // namespace emulator
