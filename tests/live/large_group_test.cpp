// A group with more members than one read or one write carries. LIVE_LARGE_GROUP sets how many
// (default 5200: four ranges of 1500, and more than the 5000 that Windows takes at once).
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "live/laboratory.hpp"
#include "live/ldap_tool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace writeback;
using namespace writeback::testing;

namespace {

std::size_t wanted_members() {
    const char* text = std::getenv("LIVE_LARGE_GROUP");
    return text == nullptr ? 5200 : static_cast<std::size_t>(std::atoll(text));
}

// Contacts: objects without SID, so members known by their GUID alone.
std::vector<AdIdentity> make_contacts(Laboratory& lab, std::size_t count) {
    const std::string unit = "OU=Contacts," + setting("SAMBA_PEOPLE");
    auto made =
        lab.loop.run(lab.administrator().add(unit, {{"objectClass", {"organizationalUnit"}}}));
    REQUIRE(made.has_value());
    constexpr std::size_t at_once = 500;
    for (std::size_t first = 0; first < count; first += at_once) {
        std::vector<std::shared_ptr<std::optional<Result<LdapReply>>>> replies;
        for (std::size_t i = first; i < std::min(first + at_once, count); ++i) {
            replies.push_back(lab.loop.start(lab.administrator().add(
                "CN=contact " + std::to_string(i) + "," + unit, {{"objectClass", {"contact"}}})));
        }
        lab.loop.run_until(
            [&] {
                return std::all_of(replies.begin(), replies.end(),
                                   [](const auto& reply) { return reply->has_value(); });
            },
            std::chrono::seconds(300));
    }
    LdapSearch search;
    search.base = unit;
    search.scope = LdapScope::subtree;
    search.filter = "(objectClass=contact)";
    search.attributes = {"objectGUID"};
    std::vector<AdIdentity> contacts;
    for (const auto& entry : lab.find(search)) {
        contacts.push_back({{}, guid_from_bytes(entry.first("objectGUID").value()).value()});
    }
    return contacts;
}

std::set<std::string> keys(const std::vector<AdIdentity>& identities) {
    std::set<std::string> keys;
    for (const auto& identity : identities)
        keys.insert(identity.key());
    return keys;
}

// The first `size` members of the rest, taken from its front.
std::vector<AdIdentity> take(std::vector<AdIdentity>& rest, int size) {
    const auto count = std::min(rest.size(), static_cast<std::size_t>(size));
    std::vector<AdIdentity> piece(rest.end() - static_cast<std::ptrdiff_t>(count), rest.end());
    rest.resize(rest.size() - count);
    return piece;
}

}  // namespace

TEST_CASE("a large group is filled in pieces, read back whole in ranges, and emptied in pieces") {
    auto config = Laboratory::config();
    config.operation_timeout = std::chrono::minutes(4);
    config.range_size = 5000;  // Windows gives 1500 all the same
    Laboratory lab(config);
    const auto users = lab.users(50);
    auto members = make_contacts(lab, wanted_members() - users.size());
    for (const auto& user : users)
        members.push_back(user.identity);
    REQUIRE(members.size() == wanted_members());
    constexpr auto patience = std::chrono::seconds(300);

    const auto group = lab.new_group("large");
    auto rest = members;
    const int most = config.values_per_modify;
    auto created = lab.loop.run(lab.writer().create(group, take(rest, most)), patience);
    REQUIRE_MESSAGE(created.has_value(), (created ? "" : created.error().detail));
    const WriteTarget target{group.id, created->guid, created->dn};
    while (!rest.empty()) {
        REQUIRE(
            lab.loop.run(lab.writer().add_members(target, take(rest, most)), patience).has_value());
    }
    auto searches = lab.metrics.counters["search success"];
    const auto read = lab.read(created->guid);
    searches = lab.metrics.counters["search success"] - searches;
    CHECK(read.members.size() == members.size());
    CHECK(keys(read.members) == keys(members));
    const std::size_t range = dialect() == Dialect::windows ? 1500 : 5000;
    CHECK(searches == static_cast<double>((members.size() + range - 1) / range));

    // All the contacts at once are more than Windows gives without pages.
    const auto all =
        ldap_search(ToolAccount::administrator,
                    "-b 'OU=Contacts," + setting("SAMBA_PEOPLE") + "' '(objectClass=contact)' 1.1");
    CHECK(all.code == (dialect() == Dialect::windows ? 4 : 0));

    rest = members;
    while (!rest.empty()) {
        REQUIRE(lab.loop.run(lab.writer().remove_members(target, take(rest, most)), patience)
                    .has_value());
    }
    CHECK(lab.read(created->guid).members.empty());
}

TEST_CASE("a member list is whole for every size around the edge of a range") {
    auto config = Laboratory::config();
    config.range_size = 5;
    Laboratory lab(config);
    const auto users = lab.users(16);
    const auto target = lab.create(lab.new_group("ranges"));
    for (std::size_t size = 1; size <= users.size(); ++size) {
        CHECK(
            lab.loop.run(lab.writer().add_members(target, {users[size - 1].identity})).has_value());
        CHECK(lab.read(target.guid).members.size() == size);
    }
}
