// The identity source: who a cloud object is on premises, asked in batches by getByIds.
//
// Failures: as GraphCaller; internal for more than most_ids ids. An id that is no GUID isn't asked
// for and has no answer, like an object that Graph doesn't return. Threads, cancellation: as
// GraphCaller.
#pragma once

#include "graph/graph_caller.hpp"

#include <writeback/identity_source.hpp>

#include <string_view>
#include <vector>

namespace writeback {

[[nodiscard]] Result<std::vector<IdentityAnswer>> parse_identities(std::string_view body);

// onPremisesImmutableId is the base64 of an objectGUID's 16 bytes, the first three fields of which
// are little-endian. Empty when it is something else: sites may use another attribute as anchor.
[[nodiscard]] ObjectGuid guid_of_immutable_id(std::string_view base64);

class DirectoryObjects : public IdentitySource {
 public:
    explicit DirectoryObjects(GraphCaller& caller) : caller_(caller) {}
    Async<Result<std::vector<IdentityAnswer>>> identities(std::vector<MemberId> ids) override;

 private:
    GraphCaller& caller_;
};

}  // namespace writeback
