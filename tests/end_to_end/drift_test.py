#!/usr/bin/python3
"""What becomes of groups that someone else changes in AD: repaired or reported, and each kind of change its outcome."""
import json
import unittest

import tenant as tenants
from rig import wait_until
from story import Story


class Drift(Story):
    def serve(self, groups, *, units=(), **settings):
        """The first sync, then the daemon at work, with its look at AD each second."""
        self.begin(groups, {"directory": {"change_poll": "1s"}, "groups": settings}, units=units, first=None)
        self.once()
        self.daemon.start()
        self.addCleanup(self.end)

    def end(self):
        if self.daemon.process.running():
            self.daemon.stop()

    def held(self):
        return json.loads(self.daemon.command("status", "--json", check=0).stdout)["held"]

    def until(self, condition, what):
        return wait_until(condition, what, deadline=30, pause=0.2)

    def until_held(self, reason, group):
        def held():
            return [one for one in self.held() if (one["reason"], one["group_id"]) == (reason, group["id"])]
        return self.until(held, f"a hold {reason} is shown")[0]

    def until_free(self):
        self.until(lambda: not self.held(), "nothing is held")

    def rename(self, dn, rdn, parent=None):
        self.directory.connection().rename_s(dn, rdn, parent)

    def anywhere(self, sid):
        """The DN of the object with that SID, wherever it stands."""
        [(name, _)] = self.directory.search(self.dc.base, 2, f"(objectSid={sid})", ["cn"])
        return name.rpartition(";")[2]

    def test_edits_are_repaired_and_moved_and_renamed_groups_come_back(self):
        group = tenants.security_group(1, "Repaired", self.ids[:5], description="As in the cloud")
        self.serve([group], units=["Elsewhere"])
        before = self.found(group)
        people = f"OU=People,{self.dc.base}"
        self.modify(before["dn"], description=["By hand"], displayName=[], member=[
            f"CN={self.users[number]['displayName']},{people}" for number in (1, 2, 3, 4, 20)])
        self.until(lambda: self.found(group) | {"member_sids": 0, "member_dns": 0} ==
                   before | {"member_sids": 0, "member_dns": 0} and
                   self.member_sids(group) == set(before["member_sids"]), "the edits are repaired")
        self.rename(before["dn"], "CN=By hand")
        self.until(lambda: self.found(group)["dn"] == before["dn"], "the name is repaired")
        self.rename(before["dn"], before["dn"].split(",")[0], f"OU=Elsewhere,{self.container}")
        self.until(lambda: self.found(group)["dn"] == before["dn"], "the place is repaired")
        self.modify(before["dn"], groupType=["8"])
        self.until(lambda: self.found(group)["groupType"] == before["groupType"], "the type is repaired")
        self.assertEqual(before["sid"], self.found(group)["sid"])
        self.assertEqual([], self.held())

    def test_edits_are_reported_and_left_while_the_cloud_s_changes_go_on(self):
        group = tenants.security_group(10, "Reported", self.ids[:5], description="As in the cloud")
        self.serve([group], drift="report")
        dn = self.found(group)["dn"]
        self.modify(dn, description=["By hand"], member=[
            f"CN={self.users[number]['displayName']},OU=People,{self.dc.base}" for number in (1, 2, 3, 4, 20)])
        held = self.until_held("drift", group)
        self.assertIn("description", held["detail"])
        self.assertIn(self.sids[20], held["detail"])
        self.assertEqual("By hand", self.found(group)["description"])
        self.assertEqual({*self.sids[1:5], self.sids[20]}, self.member_sids(group))
        self.end()
        self.emulator.add_member(group["id"], self.ids[6])
        self.emulator.remove_member(group["id"], self.ids[2])
        self.daemon.command("once")
        self.assertEqual({self.sids[1], *self.sids[3:5], self.sids[6], self.sids[20]}, self.member_sids(group))
        self.assertEqual(1, self.daemon.command("verify").returncode)
        self.configure(drift="repair")
        self.assertEqual({*self.sids[:2], *self.sids[3:5], self.sids[6]}, self.member_sids(group))
        self.assertEqual("As in the cloud", self.found(group)["description"])
        self.assertEqual([], self.held())
        self.daemon.command("verify", check=0)

    def test_a_group_that_left_the_containers_or_lost_its_mark_is_held_and_not_written(self):
        moved = tenants.security_group(20, "Moved", self.ids[:5])
        marked = tenants.security_group(21, "Marked", self.ids[:5])
        self.serve([moved, marked])
        there, mark = self.found(moved), self.found(marked)
        self.rename(there["dn"], there["dn"].split(",")[0], f"OU=Other,{self.dc.base}")
        self.modify(mark["dn"], adminDescription=["Group_of someone else"])
        self.until_held("drift", moved)
        self.until_held("drift", marked)
        self.end()
        for group in (moved, marked):
            self.emulator.remove_member(group["id"], self.ids[0])
        self.daemon.command("once")
        self.assertEqual(f"OU=Other,{self.dc.base}", self.anywhere(there["sid"]).split(",", 1)[1])
        for one in (there, mark):
            [(_, values)] = self.directory.search(self.anywhere(one["sid"]), 0, "(objectClass=*)", ["member"])
            self.assertEqual(5, len(values["member"]))
        # Put back by the administrator, they are ours again.
        self.rename(self.anywhere(there["sid"]), there["dn"].split(",")[0], self.container)
        self.modify(mark["dn"], adminDescription=["Group_" + marked["id"]])
        self.daemon.command("once")
        self.once()
        self.assertEqual([set(self.sids[1:5])] * 2, [self.member_sids(moved), self.member_sids(marked)])
        self.assertEqual([], self.held())

    def test_a_deleted_group_is_held_as_missing_while_the_others_go_on(self):
        group = tenants.security_group(30, "Deleted", self.ids[:5])
        other = tenants.security_group(31, "Other", [*self.ids[:5], group["id"]])
        self.serve([group, other])
        self.directory.connection().delete_s(self.found(group)["dn"])
        held = self.until_held("missing", group)
        self.assertIn("restore", held["detail"].lower())
        self.assertIsNone(self.found(group))
        self.end()
        self.emulator.add_member(other["id"], self.ids[6])
        self.once()
        self.assertEqual({*self.sids[:5], self.sids[6]}, self.member_sids(other))
        self.assertEqual([("missing", group["id"])], self.held_reasons())

    def test_edits_made_while_nobody_looked_are_found_at_the_start(self):
        groups = [tenants.security_group(40 + number, f"Unwatched {number}", self.ids[:5]) for number in range(20)]
        self.begin(groups)
        edited = groups[7]
        self.modify(self.found(edited)["dn"], description=["By hand"])
        self.assertEqual(1, self.daemon.command("verify").returncode)
        self.once()
        self.assertIsNone(self.found(edited)["description"])
        self.daemon.command("verify", check=0)
        self.assert_second_run_writes_nothing()


if __name__ == "__main__":
    unittest.main(verbosity=2)
