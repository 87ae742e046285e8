#include "sync/plan_recorder.hpp"

#include "core/distinguished_name.hpp"

#include <utility>

namespace writeback {

PlanRecorder::PlanRecorder(Random& random) : random_(random) {}

void PlanRecorder::carried_out(const GroupId& group, const std::string& name,
                               const Operation& operation) {
    operations_.push_back({group, name, operation});
}

Async<Result<CreatedGroup>> PlanRecorder::create(DesiredGroup group,
                                                 std::vector<AdIdentity> /*members*/) {
    CreatedGroup created;
    created.guid = ObjectGuid(random_.guid());
    created.sid = Sid("S-1-5-21-0-0-0-" + std::to_string(1'000 + random_.below(1'000'000'000)));
    created.dn = dn_in(group.container, group.cn);
    co_return created;
}

Async<Result<Done>> PlanRecorder::modify(WriteTarget /*target*/,
                                         std::vector<AttributeChange> /*changes*/) {
    co_return Done{};
}

Async<Result<Dn>> PlanRecorder::rename(WriteTarget target, std::string new_cn) {
    co_return dn_in(parent_of(target.dn), new_cn);
}

Async<Result<Dn>> PlanRecorder::move(WriteTarget target, Dn new_container) {
    const auto& dn = target.dn.text();
    const auto own_part = dn.size() - parent_of(target.dn).text().size();
    co_return Dn(dn.substr(0, own_part) + new_container.text());
}

Async<Result<Done>> PlanRecorder::convert(WriteTarget /*target*/, std::int32_t /*from*/,
                                          std::int32_t /*to*/) {
    co_return Done{};
}

Async<Result<Done>> PlanRecorder::add_members(WriteTarget /*target*/,
                                              std::vector<AdIdentity> /*members*/) {
    co_return Done{};
}

Async<Result<Done>> PlanRecorder::remove_members(WriteTarget /*target*/,
                                                 std::vector<AdIdentity> /*members*/) {
    co_return Done{};
}

Async<Result<Done>> PlanRecorder::remove(WriteTarget /*target*/) {
    co_return Done{};
}

Async<Result<CreatedGroup>> PlanRecorder::reanimate(DeletedGroup deleted, DesiredGroup desired) {
    CreatedGroup back;
    back.guid = deleted.guid;
    back.sid = deleted.sid;
    back.dn = dn_in(desired.container, desired.cn);
    co_return back;
}

Async<Result<Done>> PlanRecorder::replace_mark(ObjectGuid /*guid*/, Dn /*dn*/,
                                               std::string /*before*/, std::string /*after*/) {
    co_return Done{};
}

}  // namespace writeback
