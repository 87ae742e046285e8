#!/usr/bin/python3
"""What is held until a person decides, and what is not."""
import hashlib
import json
import unittest

import tenant as tenants
from directory import Directory
from rig import Emulator, Rig


class Guard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("guard")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=100)
        cls.users = [tenants.user_of(number, entry) for number, entry in enumerate(cls.dc.users())]
        cls.ids = [user["id"] for user in cls.users]
        cls.directory = Directory(cls.dc)
        cls.dc.bind_once()

    def begin(self, groups, settings=None):
        """A tenant and a container of its own for each story, and the first sync."""
        self.folder = self.rig.folder / self._testMethodName
        self.folder.mkdir()
        self.tenant = {"users": [dict(user) for user in self.users], "groups": groups}
        file = self.folder / "tenant.json"
        file.write_text(json.dumps(self.tenant))
        self.emulator = Emulator(self.folder, file)
        self.addCleanup(self.emulator.stop)
        name = self._testMethodName[5:40].strip("_")
        container = f"OU={name},{self.dc.container}"
        self.directory.connection().add_s(container, [("objectClass", [b"organizationalUnit"])])
        self.daemon = self.rig.daemon(self.dc, self.emulator, name=name, webhook=False,
                                      settings={"directory": {"container": container}, **(settings or {})})
        self.once(0)
        self.assertEqual([], self.differences())

    def once(self, status):
        return self.daemon.command("once", check=status)

    def plan(self):
        return json.loads(self.daemon.command("plan", "--json", check=0).stdout)

    def held(self):
        return json.loads(self.daemon.command("status", "--json", check=0).stdout)["held"]

    def differences(self):
        ours = {"Group_" + group["id"] for group in self.tenant["groups"]}
        return [one for one in self.directory.differences(tenants.expected(self.tenant))
                if one.split()[0] in ours]

    def size(self, group):
        found = self.directory.groups().get("Group_" + group["id"])
        return found and len(found["member_sids"])

    def forget_tokens(self):
        self.emulator.control("POST", "/tokens/expire", {"delta": True})

    def remove(self, group, members):
        for member in members:
            self.emulator.remove_member(group["id"], member)

    def test_members_that_vanished_while_the_token_was_dead_are_held_above_the_limit(self):
        groups = [tenants.security_group(number, f"Half {number}", self.ids[:50]) for number in range(3)]
        groups.append(tenants.security_group(3, "Small", self.ids[:15]))
        self.begin(groups)
        half, fifth, whole, small = groups
        self.remove(half, self.ids[:25])
        self.remove(fifth, self.ids[:10])
        self.remove(small, self.ids[:10])
        self.forget_tokens()
        plan = self.plan()
        self.assertEqual({("remove-members", fifth["id"]), ("remove-members", small["id"])},
                         {(one["kind"], one["group_id"]) for one in plan["operations"]})
        self.assertEqual([("guard", half["id"])], [(one["reason"], one["group_id"]) for one in plan["held"]])
        self.once(3)
        self.assertEqual([50, 40, 50, 5], [self.size(group) for group in groups])
        # What else becomes of the group goes on, an explicit removal first of all.
        self.emulator.add_member(half["id"], self.ids[60])
        self.remove(half, [self.ids[49]])
        self.once(3)
        sids = self.directory.groups()["Group_" + half["id"]]["member_sids"]
        self.assertIn(self.users[60]["onPremisesSecurityIdentifier"], sids)
        self.assertNotIn(self.users[49]["onPremisesSecurityIdentifier"], sids)
        # One that is back is no longer due when the rest is approved.
        self.emulator.add_member(half["id"], self.ids[0])
        self.once(3)
        self.daemon.command("approve", self.held()[0]["id"], check=0)
        self.once(0)
        half["members"] = [self.ids[0], *self.ids[25:49], self.ids[60]]
        fifth["members"], small["members"] = self.ids[10:50], self.ids[10:15]
        self.assertEqual([], self.differences())
        self.assertEqual([], self.held())

    def test_what_was_rejected_is_not_done_by_a_later_run_and_stays_visible(self):
        group = tenants.security_group(10, "Rejected", self.ids[:40])
        self.begin([group])
        self.remove(group, self.ids[:30])
        self.forget_tokens()
        self.once(3)
        self.daemon.command("reject", check=0)
        for _ in range(2):
            self.once(0)
            self.assertEqual(40, self.size(group))
        self.assertEqual(["rejected"], [one["decision"] for one in self.held()])
        self.assertEqual(1, self.daemon.command("approve", "h999").returncode)

    def test_explicit_removals_are_not_limited_unless_that_is_set(self):
        group = tenants.security_group(20, "Explicit", self.ids[:40])
        self.begin([group])
        self.remove(group, self.ids[:39])
        group["members"] = self.ids[39:40]
        self.once(0)
        self.assertEqual([], self.differences())
        for member in self.ids[:39]:
            self.emulator.add_member(group["id"], member)
        self.once(0)
        self.daemon.sections["guard"] = {"limit_explicit_removals": True}
        self.daemon.write_config()
        self.remove(group, self.ids[:30])
        self.once(3)
        self.assertEqual(40, self.size(group))

    def test_many_small_losses_in_one_resync_are_held_together(self):
        groups = [tenants.security_group(30 + number, f"Many {number}", self.ids[:15]) for number in range(10)]
        self.begin(groups)
        for group in groups:
            self.remove(group, self.ids[:12])
        self.forget_tokens()
        self.once(3)
        self.assertEqual([15] * 10, [self.size(group) for group in groups])
        self.assertIn("max_inferred_removals", self.held()[0]["detail"])
        self.daemon.command("approve", check=0)
        self.once(0)
        self.assertEqual([3] * 10, [self.size(group) for group in groups])

    def test_a_resync_that_shows_no_group_at_all_is_held_whole(self):
        groups = [tenants.security_group(50 + number, f"Empty {number}", self.ids[:5]) for number in range(3)]
        self.begin(groups)
        for group in groups:
            self.emulator.graph("DELETE", f"/groups/{group['id']}")
            self.emulator.graph("DELETE", f"/directory/deletedItems/{group['id']}")
        self.forget_tokens()
        self.once(3)
        self.assertEqual([5] * 3, [self.size(group) for group in groups])

    def test_no_group_deletion_passes_a_limit_of_0(self):
        groups = [tenants.security_group(60 + number, f"Kept {number}", self.ids[:5]) for number in range(3)]
        self.begin(groups, {"guard": {"max_group_deletions": 0}})
        self.emulator.graph("DELETE", f"/groups/{groups[0]['id']}")
        self.once(3)
        self.assertEqual([], self.differences())
        self.daemon.command("approve", check=0)
        self.once(0)
        groups[0]["members"] = []
        self.assertEqual([], self.differences())

    def test_a_store_that_was_lost_takes_over_and_waits_with_what_cannot_be_undone(self):
        groups = [tenants.security_group(70 + number, f"Taken {number}", self.ids[:10]) for number in range(3)]
        self.begin(groups)
        for file in self.daemon.store.parent.iterdir():
            file.unlink()
        renamed, shrunk, same = groups
        self.emulator.graph("PATCH", f"/groups/{renamed['id']}", {"displayName": "Another name"})
        self.remove(shrunk, self.ids[:2])
        self.emulator.add_member(same["id"], self.ids[20])
        self.once(3)
        self.assertEqual({("take-over", renamed["id"]), ("take-over", shrunk["id"])},
                         {(one["reason"], one["group_id"]) for one in self.held()})
        self.assertEqual([10, 10, 11], [self.size(group) for group in groups])
        self.daemon.command("approve", check=0)
        self.once(0)
        renamed["displayName"] = "Another name"
        shrunk["members"], same["members"] = self.ids[2:10], [*self.ids[:10], self.ids[20]]
        self.assertEqual([], self.differences())

    def test_a_plan_leaves_no_trace(self):
        group = tenants.security_group(80, "Planned", self.ids[:5])
        self.begin([group])
        self.remove(group, self.ids[:1])

        def trace():
            return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()
                    for file in self.daemon.store.parent.iterdir() if not file.name.endswith("-lock")}
        store, usn = trace(), self.directory.highest_usn()
        self.assertEqual(1, len(self.plan()["operations"]))
        text = self.daemon.command("plan", check=0).stdout
        self.assertEqual("plan: 1 operations, 0 held", text.strip().splitlines()[-1])
        self.assertEqual((store, usn), (trace(), self.directory.highest_usn()))
        for file in self.daemon.store.parent.iterdir():
            file.unlink()
        self.plan()
        self.assertEqual({}, trace())


if __name__ == "__main__":
    unittest.main(verbosity=2)
