// Pages of both delta streams and of the lists beside them, and what a groups page does to the
// mirror.
//
// The input is one body; it is read as every kind of page. Properties: links stay on the origin;
// ids are canonical; what was read, written as Graph writes it and read again is the same; folding
// a page names only groups of the page, makes a removal only where one was shown, and folding it a
// second time (pages are replayed) changes nothing.
#include "core/delta_fold.hpp"
#include "graph/delta_page.hpp"
#include "page_text.hpp"
#include "property.hpp"

using namespace writeback;
using namespace writeback::fuzz;

namespace {

const WebOrigin origin{false, "127.0.0.1", "8401"};
const Properties further_properties{"isAssignableToRole", "writebackConfiguration", "theme"};

void check_link(const std::string& url) {
    require(on_origin(origin, url).has_value(), "no link leads off the origin", url);
}

template <class Page>
void check_page(const Page& page) {
    check_link(page.link.url);
    for (const auto& item : page.items) {
        require(item.id.empty() || canonical_guid(item.id.text()) == item.id.text(),
                "an id is canonical", item.id.text());
        require(!item.id.empty() || !item.unreadable.empty(), "an item without id says so");
    }
}

MirrorExcerpt excerpt_of(const GroupPage& page) {
    MirrorExcerpt known;
    bool odd = false;
    for (const auto& item : page.items) {
        odd = !odd;
        if (item.id.empty() || odd) continue;
        MirrorGroup row;
        row.group.id = item.id;
        row.group.display_name = "as it was";
        row.in_scope = true;
        known.groups[item.id] = row;
        for (const auto& change : item.members)
            known.members.insert({item.id, change.member});
    }
    return known;
}

void apply(MirrorExcerpt& known, const MirrorChanges& changes) {
    for (const auto& row : changes.groups)
        known.groups[row.group.id] = row;
    for (const auto& change : changes.members) {
        if (change.present) {
            known.members.insert({change.group, change.member});
        } else {
            known.members.erase({change.group, change.member});
        }
    }
    for (const auto& change : changes.owners) {
        if (change.present) {
            known.owners.insert({change.group, change.member});
        } else {
            known.owners.erase({change.group, change.member});
        }
    }
    known.owners_shown = known.owners_shown || changes.owners_shown;
}

bool shows(const GroupPage& page, const GroupId& group) {
    for (const auto& item : page.items) {
        if (item.id == group) return true;
    }
    return false;
}

bool shows_removal(const GroupPage& page, const MembershipChange& change) {
    for (const auto& item : page.items) {
        if (item.id != change.group) continue;
        for (const auto& member : item.members) {
            if (member.member == change.member && member.removed) return true;
        }
        for (const auto& owner : item.owners) {
            if (owner.member == change.member && owner.removed) return true;
        }
    }
    return false;
}

void check_changes(const GroupPage& page, const MirrorChanges& changes) {
    for (const auto& row : changes.groups) {
        require(!row.group.id.empty(), "no row is without id");
        require(shows(page, row.group.id), "only what a page shows changes");
    }
    for (const auto& mark : changes.marks)
        require(shows(page, mark.group), "only what a page shows is marked");
    for (const auto* list : {&changes.members, &changes.owners}) {
        for (const auto& change : *list) {
            require(shows(page, change.group), "a membership changes where its group is shown");
            require(change.present || shows_removal(page, change), "absence is not deletion");
        }
    }
}

void check_fold(const GroupPage& page, bool crawl) {
    auto known = excerpt_of(page);
    const std::map<GroupId, Instant> hinted;
    const auto scope = [](const CloudGroup& group) { return Scope{group.security_enabled, ""}; };
    const FoldContext context{7, crawl, crawl ? Cause::resync : Cause::poll, hinted, scope};
    const auto changes = fold_groups(page, known, context);
    check_changes(page, changes);
    apply(known, changes);
    const auto again = fold_groups(page, known, context);
    // A page may say of one group that it is gone and that it is there: its members are then
    // asked for again, each time it is read.
    for (const auto& change : again.members) {
        require(change.present == known.members.contains({change.group, change.member}),
                "a replayed page changes no membership");
    }
    auto replayed = known;
    apply(replayed, again);
    require(replayed.members == known.members && replayed.owners == known.owners,
            "a replayed page leaves the mirror as it is");
}

void check_groups(std::string_view body) {
    const auto page = parse_groups_page(body, origin, further_properties);
    if (!page) return;
    check_page(*page);
    const auto text = print(*page);
    const auto again = parse_groups_page(text, origin, further_properties);
    require(again.has_value(), "a page that was read can be written and read", text);
    require(print(*again) == text, "what was read reads back as itself",
            text + "\n=====\n" + print(*again));
    check_fold(*page, false);
    check_fold(*page, true);
}

void check_users(std::string_view body) {
    const auto page = parse_users_page(body, origin);
    if (!page) return;
    check_page(*page);
    const auto text = print(*page);
    const auto again = parse_users_page(text, origin);
    require(again.has_value() && print(*again) == text, "what was read reads back as itself", text);
}

void check_lists(std::string_view body) {
    if (const auto members = parse_members_page(body, origin)) {
        if (!members->next.empty()) check_link(members->next);
        for (const auto& member : members->members)
            require(!member.id.empty(), "every member has an id");
    }
    if (const auto assigned = parse_assignments_page(body, origin)) {
        if (!assigned->next.empty()) check_link(assigned->next);
        for (const auto& group : assigned->groups)
            require(canonical_guid(group.text()) == group.text(), "an assigned id is canonical");
    }
    if (const auto group = parse_group(body, further_properties)) {
        require(!group->id.empty(), "a group that was read has an id");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = text_of(data, size);
    check_groups(body);
    check_users(body);
    check_lists(body);
    return 0;
}
