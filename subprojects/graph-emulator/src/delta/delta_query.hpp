// Delta query over the tenant's history: one page at a time, as awkward as Graph's own.
//
// A page depends on its token and the tenant's history alone, so a page that is asked again shows
// the same. Members of large groups come in parts, one part a pass over all objects: a group is
// repeated with equal properties, anywhere in the sequence.
//
// Failures: refusals with syncStateNotFound for tokens that are too old, withdrawn or of another
// tenant. Limits: DeltaSettings. Ownership: tenant and clock outlive the query. Threads: one.
#pragma once

#include "../base/json.hpp"
#include "../base/result.hpp"
#include "../tenant/tenant.hpp"
#include "delta_token.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace emulator {

struct DeltaSettings {
    std::size_t page_size = 100;         ///< objects
    std::size_t members_per_part = 500;  ///< membership events of one group on one page
    Duration lag{0};                     ///< a change is shown this long after it was made
    bool empty_pages = false;            ///< an empty page with a nextLink before each page
    bool replay = false;                 ///< rounds show recent changes again, and an object twice
    bool removed_in_initial = false;     ///< initial crawls show former members and deleted objects
    bool same_link_when_empty = true;    ///< a round without changes returns the link it began with
    bool members_on_restore = true;      ///< a restored group shows all its members
    bool interleave_parts = true;        ///< false: the parts of a group follow each other
    bool owners = true;                  ///< false: owners@delta is left out though selected
    Duration token_lifetime = std::chrono::hours(24 * 7);
};

struct DeltaPage {
    json::array value;
    DeltaToken next;              ///< its ends_round says which link it becomes
    bool link_unchanged = false;  ///< the deltaLink is the one that was asked with
};

class DeltaQuery {
 public:
    DeltaQuery(const Tenant& tenant, Clock& clock, std::uint64_t tenant_life)
        : tenant_(tenant), clock_(clock), tenant_life_(tenant_life) {}

    DeltaSettings settings;

    /// The token of a new round over everything, or, with `latest`, of a finished round that showed
    /// nothing. `wanted` holds the options: kind, selection, ids, minimal and beta.
    DeltaToken begin(DeltaToken wanted, bool latest);
    /// Why a token can't be used any more, or nothing.
    Verdict check(const DeltaToken& token, Kind kind);
    DeltaPage page(DeltaToken token);

    /// All tokens issued until now are refused from now on.
    void withdraw_tokens() { oldest_serial_ = next_serial_; }

 private:
    Sequence horizon();
    DeltaToken issue(DeltaToken token);
    bool begin_next_round(DeltaToken& token);
    const std::vector<ObjectIndex>& candidates(const DeltaToken& token);
    bool more_parts(const DeltaToken& token);
    std::size_t parts_of(const DirectoryObject& object, const DeltaToken& token) const;
    std::optional<json::object> entry(const DirectoryObject& object, const DeltaToken& token,
                                      std::uint32_t part) const;
    json::array links(const LinkHistory& history, std::pair<std::size_t, std::size_t> positions,
                      const DeltaToken& token, bool initial) const;
    json::array members(const DirectoryObject& group, const DeltaToken& token, Sequence since,
                        bool initial, std::uint32_t part) const;
    Sequence links_since(const DirectoryObject& group, const DeltaToken& token) const;
    void fill(DeltaPage& page, DeltaToken& token);

    const Tenant& tenant_;
    Clock& clock_;
    std::uint64_t tenant_life_;
    std::uint64_t next_serial_ = 1;
    std::uint64_t oldest_serial_ = 1;

    /// The candidates of the round that was asked last: its pages come one after another.
    struct Round {
        Kind kind = Kind::group;
        Sequence from = 0;
        Sequence to = 0;
        std::vector<ObjectIndex> objects;
        bool filled = false;
    } round_;
};

}  // namespace emulator
