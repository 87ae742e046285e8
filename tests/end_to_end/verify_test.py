#!/usr/bin/python3
"""`verify` against what others did in AD."""
import json
import unittest

import ldap
import tenant as tenants
from story import Story


class Verify(Story):
    controller_options = ("--schema", "windows-2016")

    def verify(self, check=0):
        result = self.daemon.command("verify", check=check)
        return result.stdout.strip().splitlines()

    def findings(self, check=0):
        return json.loads(self.daemon.command("verify", "--json", check=check).stdout)

    def person(self, number):
        return f"CN={self.users[number]['displayName']},OU=People,{self.dc.base}"

    def test_equal_groups_are_counted_and_nothing_is_written(self):
        groups = [tenants.security_group(number, None, self.ids[:number]) for number in range(1, 21)]
        self.begin(groups)
        before = self.directory.highest_usn()
        self.assertEqual(["verify: 20 groups, 0 differ, 0 pending"], self.verify())
        self.assertEqual({"groups": 20, "different": [], "pending": []}, self.findings())
        self.assertEqual(before, self.directory.highest_usn())

    def test_every_difference_is_a_sentence_under_its_group(self):
        changed, renamed, unmarked, deleted, equal = groups = [
            tenants.security_group(number, name, self.ids[:4], description="As it was")
            for number, name in ((31, "Changed"), (32, "Renamed"), (33, "Unmarked"), (34, "Deleted"), (35, "Equal"))]
        self.begin(groups)
        connection = self.directory.connection()
        dn = self.found(changed)["dn"]
        connection.modify_s(dn, [(ldap.MOD_ADD, "member", [self.person(9).encode()]),
                                 (ldap.MOD_DELETE, "member", [self.person(0).encode()]),
                                 (ldap.MOD_REPLACE, "description", [b"Someone else's"])])
        connection.rename_s(self.found(renamed)["dn"], "CN=Other name")
        self.modify(self.found(unmarked)["dn"], adminDescription=["mine"])
        connection.delete_s(self.found(deleted)["dn"])
        report = self.findings(check=1)
        self.assertEqual(5, report["groups"])
        told = {one["group_id"]: " ".join(one["differences"]) for one in report["different"]}
        self.assertEqual({group["id"] for group in groups if group is not equal}, set(told))
        for phrase in (self.sids[0], self.sids[9], "Someone else's"):
            self.assertIn(phrase, told[changed["id"]])
        self.assertIn("Other name", told[renamed["id"]])
        self.assertIn("mine", told[unmarked["id"]])
        lines = self.verify(check=1)
        self.assertEqual("verify: 5 groups, 4 differ, 0 pending", lines[-1])
        self.assertIn(f"Changed ({changed['id']}), {dn}", lines)

    def test_what_waits_to_be_written_is_pending_and_not_a_difference(self):
        group = tenants.security_group(41, "Waiting", self.ids[:4])
        self.begin([group])
        self.configure(policy="report-only", run=None)
        self.emulator.remove_member(group["id"], self.ids[0])
        self.once()
        report = self.findings()
        self.assertEqual(([], [group["id"]]), (report["different"], [one["group_id"] for one in report["pending"]]))

    def test_it_works_beside_the_daemon(self):
        groups = [tenants.security_group(number, None, self.ids[:3]) for number in range(51, 56)]
        self.begin(groups)
        self.daemon.start()
        self.assertEqual("verify: 5 groups, 0 differ, 0 pending", self.verify()[-1])
        self.daemon.stop()

    def test_a_directory_out_of_reach_is_no_verdict(self):
        group = tenants.security_group(61, "Unreachable", self.ids[:1])
        self.begin([group])
        self.configure("directory", run=None, servers=["ldaps://127.0.0.1:1"])
        result = self.daemon.command("verify", check=1)
        self.assertNotIn("differ,", result.stdout)
        self.assertIn("127.0.0.1", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
