#include "graph/delta_reader.hpp"

#include "graph/json_value.hpp"

#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr const char* group_permission = "Group.Read.All";
constexpr const char* user_permission = "User.Read.All";

Failure in_circles(std::string_view what) {
    return failure(FailureKind::link_refused,
                   "Graph's links for the " + std::string(what) +
                       " lead in circles: a nextLink came twice in one round. The round was not "
                       "finished, nothing was inferred from it.");
}

}  // namespace

std::string DeltaReader::fingerprint(Stream stream) const {
    // The endpoint is part of it: tokens and links of one are nothing to another.
    return endpoint_ + first_request(stream);
}

Async<Result<HttpAnswer>> DeltaReader::ask(Stream stream, const std::string& link) {
    Call call;
    call.kind = CallKind::delta;
    call.operation = std::string(name_of(stream)) + "-delta";
    call.what = "give a page of the " + std::string(name_of(stream)) + " stream";
    call.permission = stream == Stream::groups ? group_permission : user_permission;
    call.link = link.empty() ? first_request(stream) : link;
    co_return co_await caller_.call(std::move(call));
}

// A round begins with the first request or a delta token; its nextLinks carry skip tokens.
Result<Done> DeltaReader::follow(Stream stream, const std::string& from, const Link& link) {
    Trail& trail = trails_[static_cast<std::size_t>(stream)];
    if (from.empty() || has_query_parameter(from, "$deltatoken")) trail.clear();
    if (link.kind == LinkKind::delta) return Done{};
    const auto [known, is_new] = trail.emplace(link.url, from);
    if (link.url == from || (!is_new && known->second != from)) return in_circles(name_of(stream));
    return Done{};
}

template <class Page>
Async<Result<Page>> DeltaReader::page(Stream stream, std::string link,
                                      Result<Page> (*parse)(std::string_view, const Origin&)) {
    for (int repeats = 0;; ++repeats) {
        const auto answer = co_await ask(stream, link);
        if (answer.has_error()) co_return answer.error();
        auto parsed = parse(answer->body, caller_.origin());
        if (parsed.has_error()) co_return parsed;
        const bool says_later = parsed->items.empty() && parsed->link.url == link &&
                                parsed->link.kind == LinkKind::next;
        if (says_later && repeats < most_empty_repeats) continue;
        const auto followed = follow(stream, link, parsed->link);
        if (followed.has_error()) co_return followed.error();
        co_return parsed;
    }
}

Async<Result<GroupPage>> DeltaReader::groups_page(std::string link) {
    co_return co_await page<GroupPage>(Stream::groups, std::move(link), parse_groups_page);
}

Async<Result<UserPage>> DeltaReader::users_page(std::string link) {
    auto told = co_await page<UserPage>(Stream::users, std::move(link), parse_users_page);
    if (told.has_value()) co_return told;
    // This stream always begins anew at its own first request.
    Failure why = told.error();
    why.location.clear();
    co_return why;
}

Async<Result<GroupRead>> DeltaReader::read_group(GroupId group) {
    Call call;
    call.operation = "read-group";
    call.what = "read the group " + group.text();
    call.permission = group_permission;
    call.link = "/v1.0/groups/" + percent_encoded(group.text()) + "?$select=" + group_properties();
    GroupRead read;
    auto answer = co_await caller_.call(call);
    if (answer.has_error() && answer.error().kind == FailureKind::not_found) {
        read.state = CloudState::soft_deleted;
        call.operation = "read-deleted-group";
        call.what = "read the deleted group " + group.text();
        call.link = "/v1.0/directory/deletedItems/" + percent_encoded(group.text());
        answer = co_await caller_.call(std::move(call));
        if (answer.has_error() && answer.error().kind == FailureKind::not_found) {
            read.state = CloudState::deleted;
            read.item.id = group;
            co_return read;
        }
    }
    if (answer.has_error()) co_return answer.error();
    auto item = parse_group(answer->body);
    if (item.has_error()) co_return item.error();
    if (item->id != group) {
        co_return failure(FailureKind::unreadable,
                          "Graph was asked for the group " + group.text() + " and gave another.");
    }
    read.item = std::move(*item);
    co_return read;
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_members(GroupId group) {
    auto members = co_await read_member_pages(group);
    // An expired paging token asks to begin the listing again; twice in a row is a failure.
    if (members.has_error() && members.error().kind == FailureKind::page_expired) {
        members = co_await read_member_pages(group);
    }
    co_return members;
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_member_pages(const GroupId& group) {
    Call call;
    call.operation = "list-members";
    call.what = "list the members of the group " + group.text();
    call.permission = group_permission;
    call.link = "/v1.0/groups/" + percent_encoded(group.text()) + "/members?$select=id&$top=999";
    std::vector<CloudMember> members;
    std::set<std::string> followed;
    for (int pages = 0; pages < most_pages; ++pages) {
        const auto answer = co_await caller_.call(call);
        if (answer.has_error()) co_return answer.error();
        auto page = parse_members_page(answer->body, caller_.origin());
        if (page.has_error()) co_return page.error();
        members.insert(members.end(), page->members.begin(), page->members.end());
        if (page->next.empty()) co_return members;
        if (!followed.insert(page->next).second) co_return in_circles("member list");
        call.link = std::move(page->next);
    }
    co_return failure(FailureKind::too_large, "The member list of the group " + group.text() +
                                                  " has more pages than are followed.");
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_owners(GroupId) {
    co_return failure(FailureKind::internal, "read_owners is not answered yet.");
}

Async<Result<std::vector<GroupId>>> DeltaReader::assigned_groups() {
    co_return failure(FailureKind::internal, "assigned_groups is not answered yet.");
}

}  // namespace writeback
