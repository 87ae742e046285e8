// DirectoryWriter over a DirectorySession.
//
// In two files: the writes of one group (group_writer), and restoring and the exchange of marks
// with what explains a refusal (group_writer_marks).
//
// Failures: those of the port. When the directory refuses a write and the group has a source of
// authority (msDS-ObjectSoa), the failure is `enforcement`. A member or owner of another domain is
// written by its name, which the global catalog tells: `unreachable` without one. Limits: one write
// is one LDAP operation, with one or two small reads around it where the port says so.
// Ownership: shares the session. Threads and cancellation: the session's.
#pragma once

#include "directory/directory_session.hpp"
#include "directory/forest_principals.hpp"
#include "directory/group_changes.hpp"

#include <writeback/directory.hpp>

#include <memory>
#include <string>
#include <vector>

namespace writeback {

class GroupWriter final : public DirectoryWriter {
 public:
    GroupWriter(std::shared_ptr<DirectorySession> session,
                std::shared_ptr<ForestPrincipals> principals)
        : session_(std::move(session)), principals_(std::move(principals)) {}

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
    // What a write of members or of attributes that name objects needs to know.
    struct Names {
        std::shared_ptr<const ServerFacts> facts;
        ForeignNames foreign;
    };
    Async<Result<Names>> names_for(std::vector<AdIdentity> identities);
    // Of what is to be removed: the GUID does where no name is to be had.
    Async<Result<Names>> names_for_removal(std::vector<AdIdentity>& members);
    // A refused name may be old: forgets these, and says whether others came in their place.
    Async<Result<bool>> renew(Names& names);

    Async<Result<CreatedGroup>> add(std::uint64_t connection, DesiredGroup group,
                                    std::vector<AdIdentity> members, Names names);
    Async<Result<CreatedGroup>> read_created(Dn dn);
    Async<Result<Done>> write(DirectoryAction action, WriteTarget target,
                              std::vector<LdapChange> changes);
    Async<Result<Done>> change_members(DirectoryAction action, WriteTarget target,
                                       std::vector<AdIdentity> members, Names names);
    // The sAMAccountName to write with a restored group; empty: it keeps the one it had.
    Async<Result<std::string>> name_for_restored(DeletedGroup deleted, std::string otherwise);
    Async<Result<bool>> is_free(std::string sam_account_name);
    // That the object of this name is the target and bears its mark.
    Async<Result<Done>> prove(DirectoryAction action, WriteTarget target);
    // The object of this name, which must be the one with this GUID.
    Async<Result<LdapEntry>> read_same(DirectoryAction action, ObjectGuid guid, Dn dn);
    Async<Failure> explain(Failure refusal, Dn dn);

    std::shared_ptr<DirectorySession> session_;
    std::shared_ptr<ForestPrincipals> principals_;
};

}  // namespace writeback
