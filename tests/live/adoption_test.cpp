// Groups of other writebacks taken over, and deleted groups brought back, in a real domain.
#include "directory/distinguished_name.hpp"
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace writeback;
using namespace writeback::testing;

namespace {

std::string made_by(AdoptionSource source) {
    return source == AdoptionSource::connect ? "connect" : "cloud-sync";
}

// As an administrator, outside the container; its name.
std::string foreign_group(Laboratory& lab, const std::string& cn,
                          std::vector<LdapAttribute> marks) {
    const auto dn = "CN=" + cn + ",OU=Other," + setting("SAMBA_BASE");
    marks.push_back({"objectClass", {"group"}});
    marks.push_back({"sAMAccountName", {cn}});
    auto added = lab.loop.run(lab.administrator().add(dn, std::move(marks)));
    REQUIRE(added.has_value());
    REQUIRE(added->code == 0);
    return dn;
}

DeletedGroup deleted(Laboratory& lab, const ObjectGuid& guid) {
    auto found = lab.loop.run(lab.reader().find_deleted(guid));
    REQUIRE(found.has_value());
    REQUIRE(found->has_value());
    return **found;
}

// The service account has no right to see or restore deleted objects; an administrator has.
DirectoryConfig administrators_config() {
    auto config = Laboratory::config();
    config.bind_dn = setting("SAMBA_ADMIN_DN");
    config.password_file = setting("SAMBA_ADMIN_PASSWORD_FILE");
    return config;
}

}  // namespace

TEST_CASE("groups of Connect and of Cloud Sync are found in the whole domain by their marks") {
    Laboratory lab;
    const std::string id = "aaaaaaaa-1111-2222-3333-";
    foreign_group(lab, "a-connect", {{"adminDescription", {"Group_" + id + "000000000001"}}});
    foreign_group(lab, "b-cloud-sync",
                  {{"adminDescription", {"Group_" + id + "000000000002"}},
                   {"msDS-ExternalDirectoryObjectId", {"Group_" + id + "000000000002"}}});
    foreign_group(lab, "c-taken-over",
                  {{"adminDescription", {"TakenOver_Group_" + id + "000000000003"}}});
    foreign_group(lab, "d-external-only",
                  {{"msDS-ExternalDirectoryObjectId", {"Group_" + id + "000000000004"}}});
    foreign_group(lab, "e-no-mark", {{"adminDescription", {"Group_of friends"}}});
    const auto found = [&](AdoptionSource source) {
        auto groups = lab.loop.run(lab.reader().find_adoptable(source));
        REQUIRE(groups.has_value());
        std::vector<std::string> lines;
        for (const auto& group : *groups) {
            if (!group.group.text().starts_with(id)) continue;
            CHECK_FALSE(group.sid.empty());
            CHECK(group.group_type == -2147483646);
            lines.push_back(group.dn.text().substr(3, 5) + " " + made_by(group.made_by) + " " +
                            group.group.text().substr(24) + " " +
                            std::to_string(group.mark_text.size()) + " " +
                            std::to_string(group.external_id.size()));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    };
    const std::string connect = "a-con connect 000000000001 42 0";
    const std::vector<std::string> cloud_sync = {"b-clo cloud-sync 000000000002 42 42",
                                                 "c-tak cloud-sync 000000000003 52 0",
                                                 "d-ext cloud-sync 000000000004 0 42"};
    CHECK(found(AdoptionSource::connect) == std::vector<std::string>{connect});
    CHECK(found(AdoptionSource::cloud_sync) == cloud_sync);
    CHECK(found(AdoptionSource::any).size() == 4);
}

TEST_CASE("a mark is exchanged only where it is the one that was seen, and back again") {
    Laboratory lab;
    const auto target = lab.create(lab.new_group("exchanged"));
    const auto ours = mark_of(target.group);
    const auto exchange = [&](const std::string& before, const std::string& after) {
        auto done = lab.loop.run(lab.writer().replace_mark(target.guid, target.dn, before, after));
        return done ? std::string("done") : std::string(name_of(done.error().kind));
    };
    const auto mark = [&] { return lab.read(target.guid).mark_text; };
    CHECK(exchange("TakenOver_" + ours, ours) == "contradiction");
    CHECK(exchange("", ours) == "contradiction");
    CHECK(mark() == ours);
    CHECK(exchange(ours, "TakenOver_" + ours) == "done");
    CHECK(mark() == "TakenOver_" + ours);
    CHECK(exchange("TakenOver_" + ours, "") == "done");
    CHECK(mark().empty());
    CHECK(exchange("", ours) == "done");
    CHECK(mark() == ours);
    auto other = lab.loop.run(lab.writer().replace_mark(
        ObjectGuid("12345678-1234-1234-1234-123456789abc"), target.dn, ours, ""));
    CHECK(other.error().kind == FailureKind::contradiction);
    CHECK(mark() == ours);
}

TEST_CASE("a deleted group comes back with its SID, its mark and its attributes") {
    Laboratory lab(administrators_config());
    const auto users = lab.users(2);
    auto group = lab.new_group("comes back, \"really\"");
    group.attributes["description"] = {"once"};
    group.attributes["managedBy"] = {users[1].identity.sid.text()};
    const auto target = lab.create(group, {users[0].identity});
    const auto before = lab.read(target.guid);
    auto none = lab.loop.run(lab.reader().find_deleted(target.guid));
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());  // it is not deleted

    CHECK(lab.loop.run(lab.writer().remove(target)).has_value());
    const auto left = deleted(lab, target.guid);
    CHECK(left.sid == before.sid);
    CHECK(left.last_cn == group.cn);
    CHECK(same_name(left.last_parent, group.container));

    auto back = lab.loop.run(lab.writer().reanimate(left, group));
    REQUIRE(back.has_value());
    CHECK(back->guid == target.guid);
    CHECK(back->sid == before.sid);
    const auto read = lab.read(target.guid, {"description", "managedBy", "displayName"});
    CHECK(read.mark == group.id);
    CHECK(read.cn == group.cn);
    CHECK(read.sam_account_name == group.sam_account_name);
    CHECK(read.group_type == group.group_type);
    CHECK(read.attributes.at("description") == group.attributes["description"]);
    CHECK(read.attributes.at("managedBy") == group.attributes["managedBy"]);
    // Its members only where the recycle bin kept them.
    if (left.recycled) {
        CHECK(read.members.empty());
        CHECK(lab.loop.run(lab.writer().add_members(target, {users[0].identity})).has_value());
    } else {
        CHECK(read.members == std::vector<AdIdentity>{users[0].identity});
    }
}

TEST_CASE("who took the name of a deleted group meanwhile keeps it") {
    Laboratory lab(administrators_config());
    auto group = lab.new_group("name taken");
    const auto target = lab.create(group);
    CHECK(lab.loop.run(lab.writer().remove(target)).has_value());
    const auto left = deleted(lab, target.guid);
    auto other = lab.new_group("other");
    other.sam_account_name = group.sam_account_name;
    lab.create(other);
    group.attributes["adminDescription"] = {mark_of(group.id)};
    CHECK(lab.loop.run(lab.writer().reanimate(left, group)).error().kind ==
          FailureKind::name_in_use);
    group.sam_account_name += "-2";
    auto taken = group;
    taken.cn = other.cn;
    CHECK(lab.loop.run(lab.writer().reanimate(left, taken)).error().kind ==
          FailureKind::already_exists);
    auto back = lab.loop.run(lab.writer().reanimate(left, group));
    REQUIRE(back.has_value());
    CHECK(lab.read(target.guid).sam_account_name == group.sam_account_name);
}

TEST_CASE("without the rights to restore, what is deleted is not seen, and the refusal says why") {
    Laboratory administrator(administrators_config());
    auto group = administrator.new_group("not ours to restore");
    const auto target = administrator.create(group);
    CHECK(administrator.loop.run(administrator.writer().remove(target)).has_value());
    const auto left = deleted(administrator, target.guid);

    Laboratory lab;
    auto none = lab.loop.run(lab.reader().find_deleted(target.guid));
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
    auto back = lab.loop.run(lab.writer().reanimate(left, group));
    REQUIRE(back.has_error());
    // Windows says that there is no such object.
    CHECK((back.error().kind == FailureKind::forbidden ||
           back.error().kind == FailureKind::not_found));
    CHECK(back.error().detail.find("Reanimate Tombstones") != std::string::npos);
    CHECK(back.error().detail.find("CN=Deleted Objects") != std::string::npos);
}
