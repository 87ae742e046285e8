// The state of a delta round, carried by the client as an opaque token.
//
// A token holds everything that a page depends on, so that the server keeps nothing and any page
// can be asked again. Failures: open() yields nothing for text that this program did not seal.
// Limits: 50 ids, 64 names. Threads: pure but for the sealing key, which is constant.
#pragma once

#include "../base/clock.hpp"
#include "../tenant/object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emulator {

struct DeltaToken {
    Kind kind = Kind::group;
    bool ends_round = false;  ///< a $deltatoken; otherwise a $skiptoken
    bool minimal = false;     ///< Prefer: return=minimal
    bool after_empty_page = false;
    bool beta = false;
    std::uint64_t tenant =
        0;  ///< which life of which emulator; another one's token has no sync state
    std::uint64_t serial = 0;  ///< makes each token's text its own
    TimePoint issued{};
    Sequence from = 0;  ///< the round shows what happened in (from, to]; 0 is an initial crawl
    Sequence to = 0;
    std::uint32_t pass =
        0;  ///< the pass over the objects: pass n shows the n-th part of their members
    std::uint32_t position = 0;
    std::uint32_t part_size = 0;
    std::vector<std::string> selection;
    std::vector<std::string> ids;  ///< $filter; empty is all
};

std::string seal(const DeltaToken& token);
std::optional<DeltaToken> open(std::string_view text);

}  // namespace emulator
