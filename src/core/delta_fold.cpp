#include "core/delta_fold.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace writeback {

namespace {

// A group while a page is folded: as it was, as it is now, and what the page said of its members.
struct Draft {
    std::optional<MirrorGroup> before;
    MirrorGroup now;
    std::map<MemberId, MemberChange> members;  // the last word about each
    std::map<MemberId, MemberChange> owners;
    bool owners_shown = false;
    bool restored = false;  // by the page
};

// What a mark must say, before cause and hint are known.
struct Change {
    bool matters = false;
    bool whole = false;
};

template <class T, class U>
void apply(const Patch<T>& patch, U& value) {
    if (patch.present) value = patch.value.value_or(T{});
}

template <class T>
void apply(const Patch<T>& patch, std::optional<T>& value) {
    if (patch.present) value = patch.value;
}

// A property that is told anew takes what was known of its parts with it.
void apply_further(const GroupItem& item, CloudGroup& group) {
    for (const auto& [name, patch] : item.further) {
        if (!patch.present) continue;
        std::erase_if(group.further, [part_of = name + "."](const auto& known) {
            return known.first.starts_with(part_of);
        });
        group.further.erase(name);
        if (patch.value && !patch.value->empty()) group.further.emplace(name, *patch.value);
    }
}

void apply_properties(const GroupItem& item, CloudGroup& group) {
    apply(item.display_name, group.display_name);
    apply(item.description, group.description);
    apply(item.mail, group.mail);
    apply(item.mail_nickname, group.mail_nickname);
    apply(item.visibility, group.visibility);
    apply(item.mail_enabled, group.mail_enabled);
    apply(item.security_enabled, group.security_enabled);
    apply(item.on_premises_sync_enabled, group.on_premises_sync_enabled);
    apply(item.group_types, group.group_types);
    apply(item.proxy_addresses, group.proxy_addresses);
    const auto& sid = item.on_premises_security_identifier;
    if (sid.present) group.on_premises_security_identifier = Sid(sid.value.value_or(""));
    apply_further(item, group);
}

bool is_gone_or_unread(const MirrorGroup& row) {
    const bool unread = !row.unreadable.empty() && !is_scope_fault(row.unreadable);
    return row.group.state != CloudState::active || unread;
}

// A group that is shown after it was gone, or after an item that could not be read, has members
// that no stream need repeat: they must be read whole.
void show_active(const GroupItem& item, MirrorGroup& row) {
    if (is_gone_or_unread(row)) row.members_unread = true;
    row.group.state = CloudState::active;
    row.unreadable.clear();
    apply_properties(item, row.group);
}

// Removed items carry nothing but the id that may be believed: a soft-deleted security group shows
// securityEnabled = false.
void apply_item(const GroupItem& item, MirrorGroup& row) {
    row.unwatched = false;
    if (!item.unreadable.empty()) {
        row.unreadable = item.unreadable;
    } else if (item.removal == Removal::no) {
        show_active(item, row);
    } else {
        row.unreadable.clear();
        row.members_unread = false;  // a restore asks for them again
        row.owners_unread = false;
        row.group.state =
            item.removal == Removal::changed ? CloudState::soft_deleted : CloudState::deleted;
    }
}

// Groups that are gone keep their scope, so that a restore finds it and a deletion is followed. So
// do those whose scope cannot be told: not knowing is no evidence.
void settle_scope(MirrorGroup& row, const FoldContext& context) {
    if (is_scope_fault(row.unreadable)) row.unreadable.clear();
    row.scope_unknown = false;
    if (row.group.state != CloudState::active || !row.unreadable.empty()) return;
    const Scope scope = context.scope(row.group);
    if (scope.told) row.in_scope = scope.in_scope;
    if (scope.fault) row.unreadable = scope.reason;
    row.scope_unknown = scope.fault;
}

// Whether another kind of group may take other members: contacts, where mail is distributed.
bool takes_others(const CloudGroup& before, const CloudGroup& now) {
    const auto type = [](const CloudGroup& group) {
        const auto found = group.further.find("writebackConfiguration.onPremisesGroupType");
        return found == group.further.end() ? std::vector<std::string>() : found->second;
    };
    return before.mail_enabled != now.mail_enabled || type(before) != type(now);
}

Change change_of(const std::optional<MirrorGroup>& before, const MirrorGroup& now) {
    if (!before) return {now.in_scope || !now.unreadable.empty(), true};
    MirrorGroup same = *before;
    same.generation = now.generation;
    same.owners_unread = now.owners_unread;  // the read marks what it changes
    same.unwatched = now.unwatched;
    if (same == now) return {};
    const bool whole = before->in_scope != now.in_scope || before->group.state != now.group.state ||
                       before->members_unread != now.members_unread ||
                       before->unreadable != now.unreadable ||
                       takes_others(before->group, now.group) ||
                       before->group.on_premises_sync_enabled != now.group.on_premises_sync_enabled;
    return {whole || now.in_scope, whole};
}

// True when the group resolves otherwise as a member of another group.
bool counts_differently(const std::optional<MirrorGroup>& before, const MirrorGroup& now) {
    return !before || before->in_scope != now.in_scope ||
           before->group.on_premises_sync_enabled != now.group.on_premises_sync_enabled ||
           before->group.on_premises_security_identifier !=
               now.group.on_premises_security_identifier;
}

void add_mark(MirrorChanges& changes, const GroupId& group, bool whole,
              const FoldContext& context) {
    Mark mark{group, context.cause, whole, false, std::nullopt};
    if (const auto hint = context.hinted.find(group); hint != context.hinted.end()) {
        mark.cause = Cause::hint;
        mark.hinted_at = hint->second;
    }
    changes.marks.push_back(std::move(mark));
}

// Adds what changed of a group's row, without its members.
Change emit_row(MirrorChanges& changes, const std::optional<MirrorGroup>& before,
                const MirrorGroup& now) {
    if (before != now) changes.groups.push_back(now);
    if (counts_differently(before, now)) changes.parents_of.push_back(now.group.id);
    return change_of(before, now);
}

// Adds the memberships that changed, and in a crawl those that were shown; true when one changed
// that the group's plan depends on. A removal always does: even a group outside the scope must lose
// at once whom an administrator removed.
bool emit_members(MirrorChanges& changes, const Draft& draft, const MirrorExcerpt& known,
                  const FoldContext& context) {
    const GroupId& group = draft.now.group.id;
    bool matters = false;
    for (const auto& [member, change] : draft.members) {
        const bool existed = known.members.contains({group, member});
        if (change.removed ? existed : !existed || context.crawl) {
            changes.members.push_back({group, member, change.type, !change.removed,
                                       change.removed ? Evidence::removed : Evidence::none});
        }
        matters = matters || (change.removed ? existed : !existed && draft.now.in_scope);
    }
    return matters;
}

// The same for owners; in a crawl those shown are listed, so that their generation is touched.
bool emit_owners(MirrorChanges& changes, const Draft& draft, const MirrorExcerpt& known,
                 const FoldContext& context) {
    const GroupId& group = draft.now.group.id;
    bool matters = false;
    for (const auto& [owner, change] : draft.owners) {
        const bool changed = known.owners.contains({group, owner}) == change.removed;
        matters = matters || (changed && draft.now.in_scope);
        if (!changed && (change.removed || !context.crawl)) continue;
        changes.owners.push_back({group, owner, change.type, !change.removed,
                                  change.removed ? Evidence::removed : Evidence::none});
    }
    return matters;
}

// What the stream need not have shown of a group is to be read.
void settle_unread(Draft& draft, bool owners_told, const FoldContext& context) {
    MirrorGroup& now = draft.now;
    if (now.group.state != CloudState::active || !now.unreadable.empty()) return;
    const bool first_seen = !draft.before && !context.crawl;
    if (!context.selection.owners) return;
    const bool first_in_crawl =
        context.crawl && (!draft.before || draft.before->generation != context.generation);
    const bool kept_back =
        !draft.owners_shown && !owners_told && (first_in_crawl || !context.crawl);
    if (first_seen || draft.restored || kept_back) now.owners_unread = true;
}

using Drafts = std::map<GroupId, Draft>;

// The draft of an item's group; nothing for an unknown group that is deleted for good, which needs
// no row. An unknown group that is soft-deleted is remembered, so that its restore is known as one.
Draft* draft_of(Drafts& drafts, const GroupItem& item, const MirrorExcerpt& known) {
    if (const auto found = drafts.find(item.id); found != drafts.end()) return &found->second;
    Draft draft;
    if (const auto row = known.groups.find(item.id); row != known.groups.end()) {
        draft.before = row->second;
        draft.now = row->second;
    } else if (item.removal == Removal::deleted) {
        return nullptr;
    }
    draft.now.group.id = item.id;
    return &drafts.emplace(item.id, std::move(draft)).first->second;
}

}  // namespace

MirrorChanges fold_groups(const GroupPage& page, const MirrorExcerpt& known,
                          const FoldContext& context) {
    Drafts drafts;
    for (const GroupItem& item : page.items) {
        if (item.id.empty()) continue;  // unreadable, and nobody knows which group it was
        Draft* const draft = draft_of(drafts, item, known);
        if (draft == nullptr) continue;
        draft->now.generation = context.generation;
        const bool was_gone = is_gone_or_unread(draft->now);
        apply_item(item, draft->now);
        if (!item.unreadable.empty()) continue;
        draft->restored =
            (draft->restored || was_gone) && draft->now.group.state == CloudState::active;
        draft->owners_shown = draft->owners_shown || item.owners_shown;
        for (const MemberChange& change : item.members) {
            draft->members.insert_or_assign(change.member, change);
        }
        for (const MemberChange& change : item.owners) {
            draft->owners.insert_or_assign(change.member, change);
        }
    }
    MirrorChanges changes;
    changes.owners_shown = std::any_of(page.items.begin(), page.items.end(),
                                       [](const GroupItem& item) { return item.owners_shown; });
    for (auto& [group, draft] : drafts) {
        settle_unread(draft, known.owners_shown || changes.owners_shown, context);
        settle_scope(draft.now, context);
        const Change change = emit_row(changes, draft.before, draft.now);
        const bool members = emit_members(changes, draft, known, context);
        const bool owners = emit_owners(changes, draft, known, context);
        if (change.matters || members || owners) add_mark(changes, group, change.whole, context);
    }
    return changes;
}

MirrorChanges fold_unseen(const Store::Unseen& unseen, const FoldContext& context) {
    MirrorChanges changes;
    std::map<GroupId, bool> marks;  // group -> whole
    const std::set<GroupId> watched(context.selection.only.begin(), context.selection.only.end());
    for (MirrorGroup row : unseen.groups) {
        if (!watched.empty() && !watched.contains(row.group.id)) {
            row.unwatched = true;
            changes.groups.push_back(std::move(row));
            continue;
        }
        row.group.state = CloudState::absent;
        row.members_unread = false;  // a restore asks for them again
        row.owners_unread = false;
        marks[row.group.id] = true;
        changes.groups.push_back(std::move(row));
    }
    for (const auto& [group, member] : unseen.members) {
        changes.members.push_back({group, member, MemberType::unknown, false, Evidence::absent});
        marks.try_emplace(group, false);
    }
    for (const auto& [group, owner] : unseen.owners) {
        changes.owners.push_back({group, owner, MemberType::unknown, false, Evidence::absent});
        marks.try_emplace(group, false);
    }
    for (const auto& [group, whole] : marks)
        add_mark(changes, group, whole, context);
    return changes;
}

MirrorChanges fold_read(const MirrorGroup& known, const GroupRead& read,
                        const FoldContext& context) {
    MirrorChanges changes;
    if (known.group.state != CloudState::absent) return changes;
    MirrorGroup now = known;
    if (read.state == CloudState::active) {
        GroupItem shown = read.item;
        shown.removal = Removal::no;
        apply_item(shown, now);
        now.group.state = CloudState::active;
        now.members_unread = true;
        now.owners_unread = context.selection.owners;
        settle_scope(now, context);
    } else {
        now.group.state = read.state;
    }
    const Change change = emit_row(changes, known, now);
    if (change.matters) add_mark(changes, now.group.id, change.whole, context);
    return changes;
}

MirrorChanges rescope(const std::vector<MirrorGroup>& groups, const FoldContext& context) {
    MirrorChanges changes;
    for (const MirrorGroup& row : groups) {
        MirrorGroup now = row;
        now.unwatched = false;  // a crawl tells anew what the stream is not asked for
        settle_scope(now, context);
        emit_row(changes, row, now);
        changes.marks.push_back({row.group.id, Cause::configuration, true, false, std::nullopt});
    }
    return changes;
}

}  // namespace writeback
