// DirectoryWriter over a DirectorySession.
//
// Failures: those of the port. When the directory refuses a write for want of rights and the group
// has a foreign source of authority (msDS-ObjectSoa), the failure is `enforcement`. Limits: one
// write is one LDAP operation, with one or two small reads around it where the port says so.
// Ownership: shares the session. Threads and cancellation: the session's.
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/directory.hpp>

#include <memory>
#include <string>
#include <vector>

namespace writeback {

class GroupWriter final : public DirectoryWriter {
 public:
    explicit GroupWriter(std::shared_ptr<DirectorySession> session)
        : session_(std::move(session)) {}

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
    Async<Result<CreatedGroup>> read_created(Dn dn);
    Async<Result<Done>> write(DirectoryAction action, WriteTarget target,
                              std::vector<LdapChange> changes);
    Async<Result<Done>> change_members(DirectoryAction action, WriteTarget target,
                                       std::vector<AdIdentity> members);
    // That the object of this name is the target and bears its mark.
    Async<Result<Done>> prove(DirectoryAction action, WriteTarget target);
    Async<Failure> explain(Failure refusal, Dn dn);

    std::shared_ptr<DirectorySession> session_;
};

}  // namespace writeback
