#include "daemon/crash_point_ports.hpp"

#include <utility>

namespace writeback {

namespace {

template <class T>
Async<Result<T>> between_crash_points(DurableStep step, Async<Result<T>> call) {
    crash_before(step);
    auto answer = co_await std::move(call);
    if (answer) crash_after(step);
    co_return answer;
}

}  // namespace

Async<Result<CreatedGroup>> CrashPointWriter::create(DesiredGroup group,
                                                     std::vector<AdIdentity> members) {
    return between_crash_points(DurableStep::create_group,
                                writer_.create(std::move(group), std::move(members)));
}

Async<Result<Done>> CrashPointWriter::modify(WriteTarget target,
                                             std::vector<AttributeChange> changes) {
    return between_crash_points(DurableStep::modify_group,
                                writer_.modify(std::move(target), std::move(changes)));
}

Async<Result<Dn>> CrashPointWriter::rename(WriteTarget target, std::string new_cn) {
    return between_crash_points(DurableStep::rename_group,
                                writer_.rename(std::move(target), std::move(new_cn)));
}

Async<Result<Dn>> CrashPointWriter::move(WriteTarget target, Dn new_container) {
    return between_crash_points(DurableStep::move_group,
                                writer_.move(std::move(target), std::move(new_container)));
}

Async<Result<Done>> CrashPointWriter::convert(WriteTarget target, std::int32_t from,
                                              std::int32_t to) {
    return between_crash_points(DurableStep::convert_group,
                                writer_.convert(std::move(target), from, to));
}

Async<Result<Done>> CrashPointWriter::add_members(WriteTarget target,
                                                  std::vector<AdIdentity> members) {
    return between_crash_points(DurableStep::add_members,
                                writer_.add_members(std::move(target), std::move(members)));
}

Async<Result<Done>> CrashPointWriter::remove_members(WriteTarget target,
                                                     std::vector<AdIdentity> members) {
    return between_crash_points(DurableStep::remove_members,
                                writer_.remove_members(std::move(target), std::move(members)));
}

Async<Result<Done>> CrashPointWriter::remove(WriteTarget target) {
    return between_crash_points(DurableStep::delete_group, writer_.remove(std::move(target)));
}

Async<Result<CreatedGroup>> CrashPointWriter::reanimate(DeletedGroup deleted,
                                                        DesiredGroup desired) {
    return between_crash_points(DurableStep::restore_group,
                                writer_.reanimate(std::move(deleted), std::move(desired)));
}

Async<Result<Done>> CrashPointWriter::replace_mark(ObjectGuid guid, Dn dn, std::string before,
                                                   std::string after) {
    return between_crash_points(
        DurableStep::mark_replaced,
        writer_.replace_mark(std::move(guid), std::move(dn), std::move(before), std::move(after)));
}

Async<Result<Subscription>> CrashPointSubscriptions::create(NewSubscription request) {
    return between_crash_points(DurableStep::subscription_created,
                                service_.create(std::move(request)));
}

Async<Result<Subscription>> CrashPointSubscriptions::renew(SubscriptionId id, Instant expires) {
    return between_crash_points(DurableStep::subscription_renewed,
                                service_.renew(std::move(id), expires));
}

Async<Result<Done>> CrashPointSubscriptions::remove(SubscriptionId id) {
    return between_crash_points(DurableStep::subscription_removed, service_.remove(std::move(id)));
}

Async<Result<std::vector<Subscription>>> CrashPointSubscriptions::list() {
    return service_.list();
}

}  // namespace writeback
