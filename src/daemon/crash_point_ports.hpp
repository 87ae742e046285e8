// The ports through which something is left in the directory or in Graph, with a crash point before
// each call and one after its yes. What the calls mean, their failures and threads: see the ports.
// Ownership: what they stand before must outlive them.
#pragma once

#include <writeback/crash_point.hpp>
#include <writeback/directory.hpp>
#include <writeback/subscription_service.hpp>

#include <string>
#include <vector>

namespace writeback {

class CrashPointWriter final : public DirectoryWriter {
 public:
    explicit CrashPointWriter(DirectoryWriter& writer) : writer_(writer) {}

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
    DirectoryWriter& writer_;
};

class CrashPointSubscriptions final : public SubscriptionService {
 public:
    explicit CrashPointSubscriptions(SubscriptionService& service) : service_(service) {}

    Async<Result<Subscription>> create(NewSubscription request) override;
    Async<Result<Subscription>> renew(SubscriptionId id, Instant expires) override;
    Async<Result<Done>> remove(SubscriptionId id) override;
    Async<Result<std::vector<Subscription>>> list() override;

 private:
    SubscriptionService& service_;
};

}  // namespace writeback
