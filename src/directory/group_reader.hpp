// DirectoryReader over a DirectorySession.
//
// In three files: the reads of one group and of the marks (group_reader), what the auditor asks
// (group_reader_audit), and searches of the whole domain (group_reader_domain).
//
// Failures: those of the port; a member list that did not prove its end, or that kept changing
// while it was read, is `unavailable` or `unreadable`, never a short list. Limits: page_size and
// range_size of the configuration; a list that changes is read three times. Ownership: shares the
// session. Threads and cancellation: the session's.
#pragma once

#include "directory/change_watch.hpp"
#include "directory/directory_session.hpp"
#include "directory/forest_principals.hpp"

#include <writeback/directory.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

class GroupReader final : public DirectoryReader {
 public:
    GroupReader(std::shared_ptr<DirectorySession> session,
                std::shared_ptr<ForestPrincipals> principals)
        : session_(session), principals_(std::move(principals)), watch_(std::move(session)) {}

    Async<Result<DirectoryFacts>> facts() override;
    Async<Result<std::vector<MarkedObject>>> find_marked() override;
    Async<Result<std::vector<MarkedObject>>> find_mark(GroupId group) override;
    Async<Result<std::optional<DirectoryGroup>>> read_group(
        ObjectGuid guid, std::vector<std::string> attributes) override;
    Async<Result<std::optional<DirectoryGroup>>> read_named(Dn dn) override;
    Async<Result<std::optional<AdIdentity>>> identify(ObjectGuid guid) override;
    Async<Result<ChangedGroups>> changed_since(std::int64_t usn) override;
    Async<Result<bool>> await_change(Duration at_most) override;
    Async<Result<std::optional<std::int64_t>>> usn_of(ObjectGuid guid) override;
    Async<Result<std::vector<ObjectGuid>>> existing(std::vector<ObjectGuid> guids) override;
    Async<Result<std::vector<Principal>>> look_up(std::vector<Sid> sids) override;
    Async<Result<std::vector<AdIdentity>>> find_contact(
        std::vector<std::string> addresses) override;
    Async<Result<std::vector<AdoptableGroup>>> find_adoptable(AdoptionSource source) override;
    Async<Result<std::optional<DeletedGroup>>> find_deleted(ObjectGuid guid) override;

 private:
    Async<Result<std::vector<MarkedObject>>> find(std::string filter);

    Async<Result<std::int64_t>> highest_usn();

    std::shared_ptr<DirectorySession> session_;
    std::shared_ptr<ForestPrincipals> principals_;
    ChangeWatch watch_;
};

}  // namespace writeback
