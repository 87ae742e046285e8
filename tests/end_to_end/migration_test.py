#!/usr/bin/python3
"""A directory as Microsoft's own writeback leaves it, taken over: no SID, no name and no member is lost."""
import unittest

import tenant as tenants
from story import Story

SECURITY, DISTRIBUTION = tenants.UNIVERSAL_SECURITY, tenants.UNIVERSAL_DISTRIBUTION


class Migration(Story):
    controller_options = ("--schema", "windows-2016")

    def made_by_microsoft(self, group, cn, group_type, members, **attributes):
        """A group in AD as another writeback made it, with its account name and members."""
        dn = self.add(f"CN={cn},{self.container}", objectClass="group", groupType=str(group_type),
                      sAMAccountName=attributes.pop("sAMAccountName", f"$V31000-{group['mailNickname']}"),
                      displayName=group["displayName"], **attributes)
        self.modify(dn, member=[f"CN={self.users[number]['displayName']},OU=People,{self.dc.base}" for number in members])
        return dn

    def begin_with(self, make, numbers):
        """A tenant of security and Microsoft 365 groups, and what `make` puts into AD for each of them."""
        groups = []
        for number in numbers:
            kind = tenants.microsoft365_group if number % 2 else tenants.security_group
            groups.append(kind(number, f"Migrated {number}", self.ids[:10]))
        self.begin(groups, first=None)
        for group in groups:
            make(group, DISTRIBUTION if "Unified" in group["groupTypes"] else SECURITY)
        return groups, self.picture()

    def picture(self):
        """What must not change: everything that AD holds of the groups in the container."""
        found = self.directory.search(self.container, 2, "(objectClass=group)",
                                      ["cn", "sAMAccountName", "groupType", "member", "objectGUID"])
        return {dn: {name: sorted(values[name]) for name in sorted(values)} for dn, values in found}

    def marks(self, attribute="adminDescription"):
        found = self.directory.search(self.container, 2, "(objectClass=group)", ["cn", attribute])
        return {values["cn"][0].decode(): values.get(attribute, [b""])[0].decode() for _, values in found}

    def adopt(self, *arguments, check=0):
        return self.daemon.command("adopt", *arguments, check=check).stdout

    def assert_taken_over(self, groups, before, *arguments):
        """The plan changes nothing; adopting, and all runs after it, keep every SID, name and member."""
        usn = self.directory.highest_usn()
        plan = self.adopt(*arguments, check=3)
        for group in groups:
            self.assertIn(group["displayName"], plan)
        self.assertEqual(usn, self.directory.highest_usn())
        self.adopt(*arguments, "--yes")
        self.assertEqual(before, self.picture())
        self.once()
        self.assertEqual(before, self.picture())
        self.assertEqual([], self.held())
        self.assert_second_run_writes_nothing()
        self.daemon.command("verify", check=0)
        for group in groups:
            self.assertEqual(10, len(self.found(group)["member_sids"]))

    def test_groups_that_connect_made_are_taken_over_by_their_marks(self):
        def make(group, group_type):
            self.made_by_microsoft(group, "Group_" + group["id"], group_type, range(10),
                                   adminDescription="Group_" + group["id"])
        groups, before = self.begin_with(make, range(1, 6))
        self.assert_taken_over(groups, before, "--from", "connect")

    def test_groups_that_connect_made_with_their_display_names_are_taken_over(self):
        def make(group, group_type):
            self.made_by_microsoft(group, f"{group['displayName']}_{group['id'][24:]}", group_type, range(10),
                                   adminDescription="Group_" + group["id"], sAMAccountName=group["mailNickname"] + "_x")
        groups, before = self.begin_with(make, range(11, 16))
        self.assert_taken_over(groups, before, "--from", "connect")

    def test_groups_that_cloud_sync_made_are_taken_over(self):
        def make(group, group_type):
            mark = "Group_" + group["id"]
            self.made_by_microsoft(group, f"{group['displayName']}_{group['id'][24:]}", SECURITY, range(10),
                                   **{"adminDescription": mark, "msDS-ExternalDirectoryObjectId": mark})
        groups, before = self.begin_with(make, range(20, 26, 2))
        self.assert_taken_over(groups, before, "--from", "cloud-sync")

    def test_marks_that_cloud_sync_renamed_come_back_when_the_adoption_is_undone(self):
        def make(group, group_type):
            self.made_by_microsoft(group, f"{group['displayName']}_{group['id'][24:]}", SECURITY, range(10),
                                   **{"adminDescription": "TakenOver_Group_" + group["id"],
                                      "msDS-ExternalDirectoryObjectId": "Group_" + group["id"]})
        groups, before = self.begin_with(make, range(30, 36, 2))
        marks = self.marks()
        self.adopt("--yes")
        self.assertEqual({"Group_" + group["id"] for group in groups}, set(self.marks().values()))
        self.assertEqual(before, self.picture())
        self.once()
        self.emulator.remove_member(groups[0]["id"], self.ids[0])
        self.once()
        self.assertEqual(9, len(self.found(groups[0])["member_sids"]))
        self.adopt("--undo", "--yes")
        self.assertEqual(marks, self.marks())
        status = self.daemon.command("status", "--json", check=0).stdout
        self.assertIn('"managed"', status)

    def test_members_that_the_cloud_does_not_have_stay_until_a_person_decides(self):
        def make(group, group_type):
            self.made_by_microsoft(group, "Group_" + group["id"], group_type, range(12),
                                   adminDescription="Group_" + group["id"])
        groups, before = self.begin_with(make, [41])
        self.adopt("--yes")
        self.once(3)
        self.assertEqual(before, self.picture())
        self.assertEqual([("take-over", groups[0]["id"])], self.held_reasons())
        self.daemon.command("approve", check=0)
        self.once()
        self.assertEqual(set(self.sids[:10]), self.member_sids(groups[0]))
        self.assertEqual(list(before), list(self.picture()))

    def test_the_names_of_the_mapping_apply_where_that_is_asked_for(self):
        def make(group, group_type):
            self.made_by_microsoft(group, "Group_" + group["id"], group_type, range(10),
                                   adminDescription="Group_" + group["id"])
        groups, _ = self.begin_with(make, [51, 52])
        sids = {}
        for group in groups:
            sids[group["id"]] = self.found(group)["sid"]
        self.adopt("--rename", "--yes")
        self.once()
        self.assertEqual([], self.held())
        for group in groups:
            found = self.found(group)
            self.assertEqual((sids[group["id"]], tenants.cn_of(group), 10),
                             (found["sid"], found["cn"], len(found["member_sids"])))


if __name__ == "__main__":
    unittest.main(verbosity=2)
