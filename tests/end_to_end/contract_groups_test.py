#!/usr/bin/python3
"""What a change of a group in the cloud does in AD: each setting, awkward names, awkward members."""
import json
import unittest

import tenant as tenants
from directory import EXTENDED_DN, Directory
from rig import Emulator, Rig

SECURITY, DISTRIBUTION = tenants.UNIVERSAL_SECURITY, tenants.UNIVERSAL_DISTRIBUTION

# What a name becomes in AD: the readable part of cn, at most 51 UTF-16 units and no half character.
NAMES = {
    "A" * 65: "A" * 51, "x" * 256: "x" * 51, " blanks around ": "blanks around", ',+"\\<>;=#': ',+"\\<>;=#',
    "# first": "# first", "a/b\\c": "a/b\\c", "*)(cn=*": "*)(cn=*", "$dollar": "$dollar", "é" * 60: "é" * 51,
    "😀" * 26: "😀" * 25, "a" * 50 + "😀": "a" * 50, "a" * 51 + "😀": "a" * 51, "tab\there\nline\x01": "tab\there\nline\x01",
    "  ": "", "日本語グループ": "日本語グループ", "..": "..", "group.": "group.",
}


class Groups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("groups")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=50)
        cls.users = [tenants.user_of(number, entry) for number, entry in enumerate(cls.dc.users())]
        cls.ids = [user["id"] for user in cls.users]
        cls.directory = Directory(cls.dc)

    def begin(self, groups, name, users=(), devices=(), settings=None):
        folder = self.rig.folder / name
        folder.mkdir()
        tenant = {"users": [*self.users, *users], "groups": groups, "devices": list(devices)}
        file = folder / "tenant.json"
        file.write_text(json.dumps(tenant))
        self.emulator = Emulator(folder, file)
        self.addCleanup(self.emulator.stop)
        self.container = f"OU={name},{self.dc.container}"
        self.directory.connection().add_s(self.container, [("objectClass", [b"organizationalUnit"])])
        self.daemon = self.rig.daemon(self.dc, self.emulator, name=name + "-daemon", webhook=False,
                                      settings={"directory": {"container": self.container}, **(settings or {})})
        self.once()

    def once(self):
        self.daemon.command("once", check=0)

    def configure(self, **settings):
        self.daemon.sections["groups"].update(settings)
        self.daemon.sections["groups"] = {key: value for key, value in self.daemon.sections["groups"].items()
                                          if value is not None}
        self.daemon.write_config()
        self.once()

    def found(self, group):
        return self.directory.groups().get("Group_" + group["id"])

    def stands(self, group):
        found = self.found(group)
        return found and (len(found["member_sids"]), found["groupType"])

    def held(self):
        return json.loads(self.daemon.command("status", "--json", check=0).stdout)["held"]

    def test_deletion_and_scope_follow_their_settings(self):
        there, emptied, distribution = (10, SECURITY), (0, SECURITY), (10, DISTRIBUTION)
        ends = {"keep": there, "empty": emptied, "convert": distribution, "delete": None}
        for number, (setting, end) in enumerate(ends.items()):
            with self.subTest(setting):
                groups = [tenants.security_group(100 * number + one, members=self.ids[:10]) for one in range(3)]
                soft, hard, leaves = groups
                self.begin(groups, setting, settings={"groups": {
                    "on_soft_delete": setting, "on_delete": setting, "on_out_of_scope": setting}})
                sid = self.found(soft)["sid"]
                self.emulator.graph("DELETE", f"/groups/{soft['id']}")
                self.once()
                self.assertEqual(end, self.stands(soft))
                self.emulator.graph("POST", f"/directory/deletedItems/{soft['id']}/restore")
                self.once()
                self.assertEqual(there, self.stands(soft))
                if end:
                    self.assertEqual(sid, self.found(soft)["sid"])
                self.emulator.graph("DELETE", f"/groups/{hard['id']}")
                self.emulator.graph("DELETE", f"/directory/deletedItems/{hard['id']}")
                self.once()
                self.assertEqual(end, self.stands(hard))
                self.configure(select="listed", include=[soft["id"]])
                self.assertEqual((end, there), (self.stands(leaves), self.stands(soft)))
                self.configure(select=None, include=None)
                self.assertEqual(there, self.stands(leaves))

    def test_a_group_that_becomes_synced_is_left_as_it_stands(self):
        group = tenants.security_group(1000, "To be synced", self.ids[:10])
        self.begin([group], "synced")
        before = self.found(group)
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"onPremisesSyncEnabled": True,
                                                                "displayName": "Another name"})
        self.emulator.remove_member(group["id"], self.ids[0])
        self.once()
        self.emulator.graph("DELETE", f"/groups/{group['id']}")
        self.once()
        self.assertEqual(before, self.found(group))
        status = json.loads(self.daemon.command("status", "--json", check=0).stdout)
        self.assertEqual(0, status["groups"]["managed"])

    def test_kinds_and_the_type_of_microsoft_365_groups_follow_the_configuration(self):
        security = tenants.security_group(1100, "Security", self.ids[:3])
        team = tenants.microsoft365_group(1101, "Team", self.ids[:3])
        listed = {**tenants.security_group(1102, "Mail-enabled", self.ids[:3]), "mailEnabled": True}
        self.begin([security, team, listed], "kinds", settings={"groups": {"kinds": ["microsoft365"]}})
        self.assertEqual((None, (3, DISTRIBUTION), None),
                         (self.stands(security), self.stands(team), self.stands(listed)))
        self.configure(kinds=["microsoft365", "security"], microsoft365_as="universalMailEnabledSecurityGroup")
        self.assertEqual(((3, SECURITY), (3, SECURITY), None),
                         (self.stands(security), self.stands(team), self.stands(listed)))
        self.assertEqual(team["mail"], self.found(team)["mail"])

    def test_names_of_every_kind_and_300_groups_of_one_name_come_to_stand(self):
        groups = {name: tenants.security_group(2000 + number, name, description="  " + "ü" * 500)
                  for number, name in enumerate(NAMES)}
        same = [tenants.security_group(3000 + number, "Same name") for number in range(300)]
        self.begin([*groups.values(), *same], "names")
        stands = self.directory.groups()
        for name, group in groups.items():
            with self.subTest(name):
                found = stands["Group_" + group["id"]]
                self.assertEqual(f"{NAMES[name]}_{group['id'][24:]}", found["cn"])
                self.assertEqual(name, found["displayName"])
                self.assertEqual("ü" * 448, found["description"])
                self.assertFalse(found["sAMAccountName"].startswith("$"))
        self.assertEqual(300, len([one for one in stands.values() if one["displayName"] == "Same name"]))
        before = self.directory.highest_usn()
        self.once()
        self.assertEqual(before, self.directory.highest_usn())

    def test_a_refused_member_is_held_alone_and_awkward_members_do_no_harm(self):
        def user(number, sid):
            return {"id": tenants.object_id("odd", number), "displayName": f"Odd {number}", "accountEnabled": True,
                    "userPrincipalName": f"odd{number}@contoso.example", "onPremisesSyncEnabled": True,
                    "onPremisesSecurityIdentifier": sid}
        missing = user(1, self.dc.domain_sid + "-999999")
        foreign = user(2, "S-1-5-21-1-2-3-1105")
        device = {"id": tenants.object_id("device", 1), "displayName": "Device"}
        self.directory.connection().add_s(f"CN=synced,CN=Users,{self.dc.base}",
                                          [("objectClass", [b"group"]), ("sAMAccountName", [b"synced"])])
        name = self.directory.search(f"CN=synced,CN=Users,{self.dc.base}", 0, "(objectClass=*)", ["cn"])[0][0]
        sid = EXTENDED_DN.match(name).group(2)
        synced = tenants.security_group(4000, "synced", self.ids[:3], onPremisesSyncEnabled=True,
                                        onPremisesSecurityIdentifier=sid)
        odd = tenants.security_group(4001, "Odd", [*self.ids[:20], missing["id"], *self.ids[20:40], foreign["id"],
                                                   device["id"], synced["id"]])
        self.begin([synced, odd], "odd", [missing, foreign], [device])
        expected = {user["onPremisesSecurityIdentifier"] for user in self.users[:40]} | {sid}
        self.assertEqual(expected, set(self.found(odd)["member_sids"]))
        self.assertIsNone(self.found(synced))
        held = self.held()
        self.assertEqual([("refused", odd["id"], missing["id"], missing["onPremisesSecurityIdentifier"])],
                         [(one["reason"], one["group_id"], one["member_id"], one["sid"]) for one in held])
        principals = f"CN=ForeignSecurityPrincipals,{self.dc.base}"
        self.assertEqual([], self.directory.search(principals, 1, "(cn=S-1-5-21-1-2-3-1105)", ["cn"]))
        self.emulator.remove_member(odd["id"], missing["id"])
        self.once()
        self.assertEqual([], self.held())

    def test_a_group_that_someone_deleted_in_ad_is_created_anew_only_where_that_is_set(self):
        group = tenants.security_group(5000, "Missing", self.ids[:10])
        self.begin([group], "missing")
        self.directory.connection().delete_s(self.found(group)["dn"])
        self.emulator.remove_member(group["id"], self.ids[0])
        self.once()
        self.assertIsNone(self.found(group))
        self.assertEqual(["missing"], [one["reason"] for one in self.held()])
        self.configure(recreate=True)
        self.assertEqual((9, SECURITY), self.stands(group))
        self.assertEqual([], self.held())


if __name__ == "__main__":
    unittest.main(verbosity=2)
