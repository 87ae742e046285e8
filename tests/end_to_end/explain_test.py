#!/usr/bin/python3
"""What `explain` answers about groups and members, in every state that an administrator asks about."""
import unittest

import ldap
import tenant as tenants
from story import Story


class Explain(Story):

    def explain(self, *arguments, check=0):
        result = self.daemon.command("explain", *arguments, check=check)
        return result.stdout if check == 0 else result.stderr

    def assert_says(self, text, *phrases):
        for phrase in phrases:
            self.assertIn(phrase, text)

    def test_a_written_group_is_known_by_every_name_it_has(self):
        group = tenants.security_group(1, "Finance", [*self.ids[:3], tenants.cloud_only_user(0)["id"]])
        self.begin([group], users=[tenants.cloud_only_user(0)])
        found = self.found(group)
        for name in (group["id"], group["id"].upper(), "Finance", "finance", found["dn"], found["cn"], found["sid"],
                     found["sAMAccountName"]):
            with self.subTest(name):
                self.assert_says(self.explain(name), "active security group", found["dn"], found["sid"])
        text = self.explain("Finance")
        self.assert_says(text, "It is in scope", "universal security group", "Members: 4 in the cloud, 3 of them known",
                         "3 written", "1 not written (cloud-only)", "Nothing waits")
        before = self.directory.highest_usn()
        self.explain("Finance", self.ids[0])
        self.assertEqual(before, self.directory.highest_usn())

    def test_several_groups_of_one_name_are_listed_and_an_unknown_one_is_said_to_be(self):
        twins = [tenants.security_group(number, "Twins", self.ids[:1]) for number in (2, 3)]
        self.begin(twins)
        told = self.explain("Twins", check=1)
        self.assert_says(told, "names 2 groups", twins[0]["id"], twins[1]["id"])
        self.assert_says(self.explain("Nobody knows this", check=1), "no group is known")

    def test_why_a_group_is_not_written(self):
        synced = tenants.synced_group(4, None, "Synced") if hasattr(tenants, "synced_group") else None
        mail = tenants.security_group(5, "Mail list", mailEnabled=True, mail="list@contoso.example")
        team = tenants.microsoft365_group(6, "Team", self.ids[:2])
        groups = [mail, team] + ([synced] if synced else [])
        self.begin(groups, settings={"groups": {"policy": "full", "kinds": ["security"]}})
        self.assert_says(self.explain("Team"), "Microsoft 365 group", "not in scope", "groups.kinds", "It is not in AD")
        self.assert_says(self.explain("Mail list"), "not in scope", "Exchange")
        if synced:
            self.assert_says(self.explain("Synced"), "synchronised from Active Directory")

    def test_what_waits_and_what_is_held_is_told_with_the_remedy(self):
        group = tenants.security_group(7, "Taken", self.ids[:2])
        self.begin([group], first=None)
        dn = self.add(f"CN={tenants.cn_of(group)},{self.container}", objectClass="group", sAMAccountName="foreign7")
        self.once()
        self.assert_says(self.explain("Taken"), "collision", "It is not in AD", "Held as h")
        self.directory.connection().delete_s(dn)

    def test_under_report_only_it_says_that_nothing_is_written(self):
        group = tenants.security_group(8, "Looked at", self.ids[:2])
        self.begin([group], settings={"groups": {"policy": "report-only"}})
        self.assert_says(self.explain("Looked at"), "report-only", "In AD it should be a universal security group",
                         tenants.cn_of(group))

    def test_a_member_is_explained_from_the_cloud_to_ad(self):
        cloud_only = tenants.cloud_only_user(1)
        nested = tenants.security_group(9, "Inner", self.ids[5:6])
        group = tenants.security_group(10, "Outer", [*self.ids[:3], cloud_only["id"], nested["id"]])
        self.begin([group, nested], users=[cloud_only])
        name = self.users[0]["userPrincipalName"]
        for subject in (self.ids[0], name, self.sids[0]):
            with self.subTest(subject):
                self.assert_says(self.explain("Outer", subject), "a user", "direct member of Outer", self.sids[0],
                                 "It stands in the group in AD")
        self.assert_says(self.explain("Outer", cloud_only["id"]), "exists in Entra ID only", "not a member of the group")
        self.assert_says(self.explain("Outer", nested["id"]), "a group", self.found(nested)["sid"])
        self.assert_says(self.explain("Outer", self.ids[5]), "not a direct member", "nested group")
        self.assert_says(self.explain("Outer", "nobody@contoso.example", check=1), "no member of any group")

    def test_deleted_and_missing_groups_are_explained(self):
        gone, lost = (tenants.security_group(number, name, self.ids[:2])
                      for number, name in ((11, "Gone"), (12, "Lost")))
        self.begin([gone, lost])
        self.emulator.graph("DELETE", f"/groups/{gone['id']}")
        dn = self.found(lost)["dn"]
        self.directory.connection().delete_s(dn)
        self.daemon.command("resync", lost["id"], check=0)
        self.once()
        self.assert_says(self.explain(gone["id"]), "was deleted in Entra ID", "loses its members and stays")
        self.assert_says(self.explain(lost["id"]), "is not there any more", dn, "missing", "`restore`")


if __name__ == "__main__":
    unittest.main(verbosity=2)
