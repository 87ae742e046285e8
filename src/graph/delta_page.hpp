// A page of a delta stream, from bytes to values: the only file that knows Graph's field names for
// groups, members and users. Pure.
//
// Failures: unreadable for a page without list, with neither or both links, or that is no JSON;
// link_refused for a link off the endpoint's origin. An item that can't be read doesn't spoil its
// page: it says so in `unreadable`, with its id where it has one. Limits: nesting of 32.
#pragma once

#include "graph/origin.hpp"

#include <writeback/change_source.hpp>
#include <writeback/mirror.hpp>
#include <writeback/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// What the first request of a stream asks for; later ones carry it in their tokens.
[[nodiscard]] std::string first_request(Stream stream, const GroupSelection& selection = {});
// Where a group is read directly, with the properties that the stream selects.
[[nodiscard]] std::string group_request(const GroupId& group, const GroupSelection& selection);

// The further properties of a selection as GroupItem::further has them: a value, a list, or the
// parts of a nested object ("writebackConfiguration.isEnabled") and of a list of such. A property
// that is there clears what was known of its parts.
using Properties = std::set<std::string>;
[[nodiscard]] Result<GroupPage> parse_groups_page(std::string_view body, const WebOrigin& origin,
                                                  const Properties& further = {});
[[nodiscard]] Result<UserPage> parse_users_page(std::string_view body, const WebOrigin& origin);

// A group as GET shows it.
[[nodiscard]] Result<GroupItem> parse_group(std::string_view body, const Properties& further = {});

// A page of a list of members or owners, and the link to the next one where there is one. `what`
// names the list in failures: "member list".
struct MembersPage {
    std::vector<CloudMember> members;
    std::string next;
};
[[nodiscard]] Result<MembersPage> parse_members_page(std::string_view body, const WebOrigin& origin,
                                                     std::string_view what = "member list");

// The same of the assignments to an application: the groups among them.
struct AssignmentsPage {
    std::vector<GroupId> groups;
    std::string next;
};
[[nodiscard]] Result<AssignmentsPage> parse_assignments_page(std::string_view body,
                                                             const WebOrigin& origin);

// "#microsoft.graph.user", in any case.
[[nodiscard]] MemberType member_type(std::string_view odata_type);
// An object id in its canonical form. Ids are GUIDs; other plain text is kept, so that one odd
// member holds up nothing else, and refused when it isn't plain.
[[nodiscard]] std::optional<MemberId> member_id(const boost::json::value& value);

// "@odata.nextLink" of any list, refused when it leaves the origin. Empty when there is none.
[[nodiscard]] Result<std::string> next_link(const boost::json::object& page,
                                            const WebOrigin& origin);

}  // namespace writeback
