#include "sync/name_conflict.hpp"

#include "core/distinguished_name.hpp"
#include "core/projection.hpp"

#include <algorithm>
#include <utility>

namespace writeback {

namespace {

// Longer circles than this are left to the waiting of their members.
constexpr int longest_circle = 16;

// Where one of our groups is to stand, when that is elsewhere than at present.
Result<std::optional<Dn>> destination(SyncPorts& ports, const BoundDirectory& bound,
                                      const GroupId& group, const Dn& present) {
    auto cloud = ports.store.mirror_group(group);
    if (!cloud) return cloud.error();
    if (!*cloud || !(*cloud)->in_scope || (*cloud)->group.state != CloudState::active ||
        !bound.bound()) {
        return std::optional<Dn>{};
    }
    auto desired = project((*cloud)->group, bound.projection());
    if (!desired) return std::optional<Dn>{};
    Dn wanted = dn_in(desired->container, desired->cn);
    if (is_same_name(wanted, present)) return std::optional<Dn>{};
    return std::optional<Dn>{std::move(wanted)};
}

NameConflict taken(NameConflict::Kind kind, DirectoryGroup holder, const Dn& wanted) {
    NameConflict conflict{kind, {}, std::move(holder)};
    const auto& other = conflict.holder;
    conflict.detail =
        other.mark ? "The name " + wanted.text() + " belongs to another written group (" +
                         other.mark->text() + "). Give one of the two another name in the cloud."
                   : "The name " + wanted.text() +
                         " belongs to an object without our mark. Rename or remove that object, "
                         "or give the group another name in the cloud.";
    return conflict;
}

}  // namespace

Async<Result<NameConflict>> look_at_name(SyncPorts& ports, const BoundDirectory& bound,
                                         GroupId group, ObjectGuid own, Dn wanted) {
    auto first = co_await ports.directory.read_named(wanted);
    if (!first) co_return first.error();
    if (!*first) co_return NameConflict{NameConflict::Kind::free, {}, {}};
    const DirectoryGroup holder = **first;
    if (!own.empty() && holder.guid == own) {
        co_return NameConflict{NameConflict::Kind::circle, {}, holder};
    }

    auto kind = NameConflict::Kind::foreign;
    GroupId lowest = group;
    DirectoryGroup step = holder;
    for (int i = 0; i < longest_circle; ++i) {
        if (!step.mark) break;
        auto written = ports.store.written_group(*step.mark);
        if (!written) co_return written.error();
        if (*written && (*written)->guid != step.guid) break;
        auto cloud = ports.store.mirror_group(*step.mark);
        if (!cloud) co_return cloud.error();
        // One that was made a moment ago, and is not remembered yet, is ours as well.
        if (!*written && !(*cloud && (*cloud)->in_scope)) break;
        if (i == 0) kind = NameConflict::Kind::ours;
        lowest = std::min(lowest, *step.mark);
        auto next = destination(ports, bound, *step.mark, step.dn);
        if (!next) co_return next.error();
        if (!*next) break;
        auto in_the_way = co_await ports.directory.read_named(**next);
        if (!in_the_way) co_return in_the_way.error();
        if (!*in_the_way || (*in_the_way)->guid == step.guid) {
            co_return NameConflict{NameConflict::Kind::leaving, {}, holder};
        }
        if (!own.empty() && (*in_the_way)->guid == own) {
            // One of a circle steps aside, the others wait for it.
            const bool mine = lowest == group;
            co_return NameConflict{
                mine ? NameConflict::Kind::circle : NameConflict::Kind::leaving, {}, holder};
        }
        step = **in_the_way;
    }
    co_return taken(kind, holder, wanted);
}

std::string temporary_name(const GroupId& group) {
    return "~" + group.text();
}

}  // namespace writeback
