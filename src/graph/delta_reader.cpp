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
    return endpoint_ + first_request(stream, selection_);
}

Async<Result<HttpAnswer>> DeltaReader::ask(Stream stream, const std::string& link) {
    Call call;
    call.kind = CallKind::delta;
    call.operation = std::string(name_of(stream)) + "-delta";
    call.what = "give a page of the " + std::string(name_of(stream)) + " stream";
    call.permission = stream == Stream::groups ? group_permission : user_permission;
    call.link = link.empty() ? first_request(stream, selection_) : link;
    auto answer = co_await caller_.call(std::move(call));
    if (answer.has_error() && stream == Stream::groups && link.empty()) {
        co_return naming_properties(answer.error());
    }
    co_return answer;
}

// A name that Graph does not know stands in its sentence; where it doesn't, all are named.
Failure DeltaReader::naming_properties(Failure failed) const {
    if (failed.kind != FailureKind::refused || selection_.properties.empty()) return failed;
    std::string all;
    std::string named;
    for (const std::string& property : selection_.properties) {
        all += (all.empty() ? "" : ", ") + property;
        if (failed.detail.find("'" + property + "'") == std::string::npos) continue;
        named += (named.empty() ? "" : ", ") + property;
    }
    failed.detail +=
        " The configuration reads these properties of groups: " + (named.empty() ? all : named) +
        ". Correct the name where [mapping] or groups.filter has it.";
    return failed;
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
Async<Result<Page>> DeltaReader::page(Stream stream, std::string link, Parse<Page> parse) {
    for (int repeats = 0;; ++repeats) {
        const auto answer = co_await ask(stream, link);
        if (answer.has_error()) co_return answer.error();
        auto parsed = parse(answer->body);
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
    const Parse<GroupPage> parse = [this](std::string_view body) {
        return parse_groups_page(body, caller_.origin(), selection_.properties);
    };
    co_return co_await page<GroupPage>(Stream::groups, std::move(link), parse);
}

Async<Result<UserPage>> DeltaReader::users_page(std::string link) {
    const Parse<UserPage> parse = [this](std::string_view body) {
        return parse_users_page(body, caller_.origin());
    };
    auto told = co_await page<UserPage>(Stream::users, std::move(link), parse);
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
    call.link = group_request(group, selection_);
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
    if (answer.has_error()) co_return naming_properties(answer.error());
    auto item = parse_group(answer->body, selection_.properties);
    if (item.has_error()) co_return item.error();
    if (item->id != group) {
        co_return failure(FailureKind::unreadable,
                          "Graph was asked for the group " + group.text() + " and gave another.");
    }
    read.item = std::move(*item);
    co_return read;
}

template <class Page>
Async<Result<std::vector<Page>>> DeltaReader::read_pages(Call call, const std::string& what,
                                                         const Parse<Page>& parse) {
    std::vector<Page> list;
    std::set<std::string> followed;
    while (list.size() < most_pages) {
        const auto answer = co_await caller_.call(call);
        if (answer.has_error()) co_return answer.error();
        auto page = parse(answer->body);
        if (page.has_error()) co_return page.error();
        list.push_back(std::move(*page));
        const std::string& next = list.back().next;
        if (next.empty()) co_return list;
        if (!followed.insert(next).second) co_return in_circles(what);
        call.link = next;
    }
    co_return failure(FailureKind::too_large, "Graph did not " + call.what +
                                                  ": the list has more pages than are followed.");
}

template <class Page>
Async<Result<std::vector<Page>>> DeltaReader::read_list(Call call, std::string what,
                                                        Parse<Page> parse) {
    auto list = co_await read_pages<Page>(call, what, parse);
    // An expired paging token asks to begin the listing again; twice in a row is a failure.
    if (list.has_error() && list.error().kind == FailureKind::page_expired) {
        list = co_await read_pages<Page>(std::move(call), what, parse);
    }
    co_return list;
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_people(Call call, std::string what) {
    const Parse<MembersPage> parse = [this, &what](std::string_view body) {
        return parse_members_page(body, caller_.origin(), what);
    };
    const auto pages = co_await read_list<MembersPage>(std::move(call), what, parse);
    if (pages.has_error()) co_return pages.error();
    std::vector<CloudMember> people;
    for (const MembersPage& page : *pages)
        people.insert(people.end(), page.members.begin(), page.members.end());
    co_return people;
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_members(GroupId group) {
    Call call;
    call.operation = "list-members";
    call.what = "list the members of the group " + group.text();
    call.permission = group_permission;
    call.link = "/v1.0/groups/" + percent_encoded(group.text()) + "/members?$select=id&$top=999";
    co_return co_await read_people(std::move(call), "member list");
}

Async<Result<std::vector<CloudMember>>> DeltaReader::read_owners(GroupId group) {
    Call call;
    call.operation = "list-owners";
    call.what = "list the owners of the group " + group.text();
    call.permission = group_permission;
    call.link = "/v1.0/groups/" + percent_encoded(group.text()) + "/owners?$select=id&$top=999";
    co_return co_await read_people(std::move(call), "owner list");
}

Async<Result<std::vector<GroupId>>> DeltaReader::assigned_groups() {
    if (client_id_.empty()) {
        co_return failure(
            FailureKind::invalid_configuration,
            "groups.select = \"assigned\" asks which groups are assigned to our "
            "application, and graph.client_id does not say which one that is. Set it.");
    }
    Call call;
    call.operation = "list-assigned-groups";
    call.what = "list the groups that are assigned to the application " + client_id_;
    call.permission = "Application.Read.All";
    call.link = "/v1.0/servicePrincipals(appId='" + percent_encoded(client_id_) +
                "')/appRoleAssignedTo?$top=999";
    const Parse<AssignmentsPage> parse = [this](std::string_view body) {
        return parse_assignments_page(body, caller_.origin());
    };
    const auto pages =
        co_await read_list<AssignmentsPage>(std::move(call), "list of assignments", parse);
    if (pages.has_error()) co_return pages.error();
    std::set<GroupId> groups;
    for (const AssignmentsPage& page : *pages)
        groups.insert(page.groups.begin(), page.groups.end());
    co_return std::vector<GroupId>(groups.begin(), groups.end());
}

}  // namespace writeback
