#include "store/sqlite_store.hpp"

namespace writeback {

namespace {

Failure not_yet(const char* what) {
    return failure(FailureKind::internal, std::string(what) + " is not answered by this store.");
}

}  // namespace

Result<std::vector<WrittenGroup>> SqliteStore::written_after(GroupId, std::size_t) {
    return not_yet("written_after");
}
Result<std::vector<AdIdentity>> SqliteStore::written_members(GroupId) {
    return not_yet("written_members");
}
Result<std::vector<WrittenGroup>> SqliteStore::written_by_guid(const std::vector<ObjectGuid>&) {
    return not_yet("written_by_guid");
}
Result<std::vector<GroupId>> SqliteStore::dirty_among(const std::vector<GroupId>&) {
    return not_yet("dirty_among");
}
Result<std::int64_t> SqliteStore::mark_all_written(Cause, Instant) {
    return not_yet("mark_all_written");
}
Result<Done> SqliteStore::release(GroupId, Instant) {
    return not_yet("release");
}
Result<std::vector<GroupId>> SqliteStore::find_groups(std::string) {
    return not_yet("find_groups");
}
Result<std::vector<MemberId>> SqliteStore::find_members(std::string) {
    return not_yet("find_members");
}
Result<std::optional<MemberStanding>> SqliteStore::member_standing(GroupId, MemberId) {
    return not_yet("member_standing");
}
Result<std::vector<GroupId>> SqliteStore::owners_unread(std::size_t) {
    return std::vector<GroupId>{};
}
Result<Done> SqliteStore::replace_owners(GroupId, const std::vector<MemberId>&,
                                         const std::vector<MemberType>&, std::int64_t, Instant) {
    return not_yet("replace_owners");
}

}  // namespace writeback
