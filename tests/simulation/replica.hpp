// One domain controller's tree, and how new each cell of it is: the part of a domain controller
// that others' writes go through.
//
// Purpose: writes of several domain controllers meet cell by cell (an object's place, one
// attribute, one value of a link), and of two writes of one cell the newer stands in the end, in
// whatever order they come. Two objects that want one name keep apart as Active Directory does it:
// the older claim gets "CNF:" and its GUID behind its name, an account name "$DUPLICATE-" and the
// RID. Failures: none. Limits: what speaks of an object that is not known yet waits. Ownership: the
// tree must outlive it. Threads: one.
#pragma once

#include "fakes/directory_tree.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace writeback::simulation {

// Of a write: when, and where among those of one instant.
struct ReplicationStamp {
    std::int64_t at = 0;
    std::size_t server = 0;
    std::uint64_t number = 0;
    friend auto operator<=>(const ReplicationStamp&, const ReplicationStamp&) = default;
};

struct ReplicatedWrite {
    ReplicationStamp stamp;
    std::vector<fakes::TreeDelta> deltas;
};

class Replica {
 public:
    explicit Replica(fakes::DirectoryTree& tree) : tree_(tree) {}

    // A write that was made here.
    void wrote(const ReplicatedWrite& write);
    // One that was made elsewhere.
    void take(const ReplicatedWrite& write);

 private:
    struct Waiting {
        ReplicationStamp stamp;
        fakes::TreeDelta delta;
    };
    // What is stamped: an object's place, its life, one attribute, one value of a link.
    struct Cell {
        fakes::EntryNumber object = 0;
        fakes::EntryNumber target = 0;
        std::size_t name = 0;
        friend bool operator==(const Cell&, const Cell&) = default;
    };
    struct CellHash {
        std::size_t operator()(const Cell& cell) const noexcept;
    };
    [[nodiscard]] Cell cell_of(const ObjectGuid& object, const std::string& name,
                               const ObjectGuid& target = ObjectGuid());
    [[nodiscard]] ReplicationStamp known(const Cell& cell) const;
    // False when what stands here is newer.
    bool advance(const Cell& cell, const ReplicationStamp& stamp);
    bool take_one(const ReplicationStamp& stamp, fakes::TreeDelta delta);
    void take_placed(const ReplicationStamp& stamp, fakes::TreeDelta delta);
    void settle_account_name(const ObjectGuid& object);

    fakes::DirectoryTree& tree_;
    std::unordered_map<Cell, ReplicationStamp, CellHash> cells_;  // never iterated
    std::map<std::string, std::size_t> names_;
    std::vector<Waiting> waiting_;
};

// The first difference between two trees that ought to be equal, in words; empty when there is
// none.
[[nodiscard]] std::string difference(const fakes::DirectoryTree& one,
                                     const fakes::DirectoryTree& other);

}  // namespace writeback::simulation
