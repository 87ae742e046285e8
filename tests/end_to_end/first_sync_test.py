#!/usr/bin/python3
"""The main job, whole: 500 groups and 25,000 memberships come to stand in AD, and every kind of change follows."""
import unittest

import tenant as tenants
from directory import Directory
from rig import Rig, wait_until

GROUPS, MEMBERSHIPS, USERS = 500, 25_000, 400


class FirstSync(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("first-sync")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=USERS)
        cls.ad_users = cls.dc.users()
        cls.tenant = tenants.generate(cls.ad_users, GROUPS, MEMBERSHIPS)
        cls.emulator = cls.rig.emulator(cls.tenant)
        cls.daemon = cls.rig.daemon(cls.dc, cls.emulator)
        cls.directory = Directory(cls.dc)
        cls.daemon.command("once", check=0, deadline=600)
        cls.first = cls.directory.groups()

    def expect(self, deadline=60):
        expectation = tenants.expected(self.tenant)
        try:
            wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", deadline, 0.2)
        except AssertionError:
            differences = self.directory.differences(expectation)
            self.fail(f"{len(differences)} differences, the first: " + "\n".join(differences[:20]))
        now = self.directory.groups()
        moved = [mark for mark in now.keys() & self.first.keys() if now[mark]["sid"] != self.first[mark]["sid"]]
        self.assertEqual([], moved, "groups with another SID than at first")

    def group(self, number):
        return self.tenant["groups"][number]

    def test_1_the_first_sync_is_exact_and_a_second_run_writes_nothing(self):
        self.expect()
        self.assertEqual(GROUPS, len(self.first))
        before = self.directory.highest_usn()
        self.daemon.command("once", check=0)
        self.assertEqual(before, self.directory.highest_usn(), "the second run wrote to AD")
        self.assertIn("plan: 0 operations, 0 held", self.daemon.command("plan", check=0).stdout)

    def test_2_a_run_with_the_store_deleted_writes_nothing(self):
        before = self.directory.highest_usn()
        for file in self.daemon.store.parent.iterdir():
            file.unlink()
        self.daemon.command("once", check=0, deadline=600)
        self.assertEqual(before, self.directory.highest_usn(), "the run with an empty store wrote to AD")
        self.expect()

    def test_3_each_kind_of_change_follows_by_notification(self):
        self.daemon.start()
        self.addCleanup(lambda: self.daemon.process.running() and self.daemon.stop())
        for change in (self.add_member, self.remove_member, self.rename, self.clear_description, self.nest,
                       self.add_cloud_only_member, self.give_it_an_identity, self.soft_delete, self.restore,
                       self.purge, self.create, self.lose_an_identity):
            with self.subTest(change.__name__):
                change()
                self.expect()
        self.daemon.stop()
        self.convert()

    def add_member(self):
        group, user = self.group(0), next(u for u in self.tenant["users"] if u["id"] not in self.group(0)["members"]
                                          and u.get("onPremisesSecurityIdentifier"))
        self.emulator.add_member(group["id"], user["id"])
        group["members"].append(user["id"])

    def remove_member(self):
        group = max(self.tenant["groups"], key=lambda one: len(one["members"]))
        member = group["members"].pop()
        self.emulator.remove_member(group["id"], member)

    def rename(self):
        group = self.group(1)
        group["displayName"] = "Renamed, with a comma + \"quotes\" #1"
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"displayName": group["displayName"]})

    def clear_description(self):
        group = next(one for one in self.tenant["groups"] if one.get("description"))
        group["description"] = None
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"description": None})

    def nest(self):
        parent, child = self.group(2), self.group(3)
        self.emulator.add_member(parent["id"], child["id"])
        parent["members"].append(child["id"])

    def add_cloud_only_member(self):
        group = self.group(4)
        user = next(u for u in self.tenant["users"] if not u.get("onPremisesSecurityIdentifier")
                    and u["id"] not in group["members"])
        self.emulator.add_member(group["id"], user["id"])
        group["members"].append(user["id"])
        self.late = user

    def give_it_an_identity(self):
        # An AD user whom no cloud user stands for so far: the last one is taken from its present owner.
        free = self.tenant["users"][USERS - 1]
        sid = free.pop("onPremisesSecurityIdentifier")
        self.emulator.graph("PATCH", f"/users/{free['id']}", {"onPremisesSyncEnabled": False,
                                                              "onPremisesSecurityIdentifier": None})
        self.expect()
        self.late["onPremisesSecurityIdentifier"] = sid
        self.emulator.graph("PATCH", f"/users/{self.late['id']}", {"onPremisesSyncEnabled": True,
                                                                   "onPremisesSecurityIdentifier": sid})

    def lose_an_identity(self):
        user = self.tenant["users"][0]
        user.pop("onPremisesSecurityIdentifier")
        self.emulator.graph("PATCH", f"/users/{user['id']}", {"onPremisesSyncEnabled": False})

    def soft_delete(self):
        group = self.group(5)
        self.emulator.graph("DELETE", f"/groups/{group['id']}")
        self.kept, group["members"] = group["members"], []

    def restore(self):
        group = self.group(5)
        self.emulator.graph("POST", f"/directory/deletedItems/{group['id']}/restore")
        group["members"] = self.kept

    def purge(self):
        group = self.tenant["groups"].pop(6)
        self.emulator.graph("DELETE", f"/groups/{group['id']}")
        self.emulator.graph("DELETE", f"/directory/deletedItems/{group['id']}")

    def create(self):
        made = self.emulator.graph("POST", "/groups", {
            "displayName": "Made while it runs", "mailEnabled": False, "mailNickname": "made", "securityEnabled": True,
            "members@odata.bind": [f"{self.emulator.url}/v1.0/directoryObjects/{self.tenant['users'][7]['id']}"]})
        group = tenants.security_group(9999, "Made while it runs", [self.tenant["users"][7]["id"]])
        group["id"] = made["id"]
        self.tenant["groups"].append(group)

    def convert(self):
        self.daemon.sections["groups"]["microsoft365_as"] = "universalSecurityGroup"
        self.daemon.write_config()
        self.daemon.command("once", check=0)
        expectation = tenants.expected(self.tenant)
        for entry in expectation.values():
            entry["groupType"] = tenants.UNIVERSAL_SECURITY
        self.assertEqual([], self.directory.differences(expectation))
        now = self.directory.groups()
        for mark in now.keys() & self.first.keys():
            self.assertEqual(self.first[mark]["sid"], now[mark]["sid"])


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
