// A directory that says yes to everything and writes nothing: with it, a run of the story is a
// plan. It invents GUID and SID for the groups that would be created, so that what depends on them
// (nesting) is planned as well, and keeps the operations in the order in which they would be done.
//
// Threads: one. Ownership: the recorder keeps copies.
#pragma once

#include "sync/ports.hpp"

#include <writeback/directory.hpp>
#include <writeback/plan.hpp>
#include <writeback/random.hpp>

#include <string>
#include <vector>

namespace writeback {

struct RecordedOperation {
    GroupId group;
    std::string name;  // the group's display name
    Operation operation;
};

class PlanRecorder final : public DirectoryWriter, public OperationWitness {
 public:
    explicit PlanRecorder(Random& random);

    [[nodiscard]] const std::vector<RecordedOperation>& operations() const { return operations_; }

    void carried_out(const GroupId& group, const std::string& name,
                     const Operation& operation) override;

    Async<Result<CreatedGroup>> create(DesiredGroup group,
                                       std::vector<AdIdentity> members) override;
    Async<Result<Done>> modify(WriteTarget target, std::vector<AttributeChange> changes) override;
    Async<Result<Dn>> rename(WriteTarget target, std::string new_cn) override;
    Async<Result<Dn>> move(WriteTarget target, Dn new_container) override;
    Async<Result<Done>> convert(WriteTarget target, std::int32_t from, std::int32_t to) override;
    Async<Result<Done>> add_members(WriteTarget target, std::vector<AdIdentity> members) override;
    Async<Result<Done>> remove_members(WriteTarget target,
                                       std::vector<AdIdentity> members) override;
    Async<Result<Done>> remove(WriteTarget target) override;
    Async<Result<CreatedGroup>> reanimate(DeletedGroup deleted, DesiredGroup desired) override;
    Async<Result<Done>> replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                     std::string after) override;

 private:
    Random& random_;
    std::vector<RecordedOperation> operations_;
};

}  // namespace writeback
