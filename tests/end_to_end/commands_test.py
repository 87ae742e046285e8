#!/usr/bin/python3
"""The commands as an administrator uses them, beside a running daemon and without one."""
import json
import unittest
from pathlib import Path

import tenant as tenants
from directory import Directory
from rig import Rig, wait_until


class Commands(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("commands")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=100)
        self.tenant = tenants.generate(self.dc.users(), 30, 900)
        self.emulator = self.rig.emulator(self.tenant)
        self.directory = Directory(self.dc)
        self.daemon = self.rig.daemon(self.dc, self.emulator)
        self.dc.bind_once()

    def differences(self):
        return self.directory.differences(tenants.expected(self.tenant))

    def delete_groups(self, count):
        for group in self.tenant["groups"][:count]:
            self.emulator.graph("DELETE", f"/groups/{group['id']}")

    def test_plan_tells_what_once_does_and_writes_nothing(self):
        before = self.directory.highest_usn()
        plan = json.loads(self.daemon.command("plan", "--json", check=0).stdout)
        self.assertEqual(before, self.directory.highest_usn())
        self.assertEqual({}, self.directory.groups())
        created = [one for one in plan["operations"] if one["kind"] == "create-group"]
        self.assertEqual({group["id"] for group in self.tenant["groups"]}, {one["group_id"] for one in created})
        text = self.daemon.command("plan", check=0).stdout.strip().splitlines()
        self.assertEqual(f"plan: {len(plan['operations'])} operations, 0 held", text[-1])
        self.daemon.command("once", check=0)
        self.assertEqual([], self.differences())
        group = next(one for one in self.tenant["groups"] if one["members"])
        self.emulator.remove_member(group["id"], group["members"].pop())
        after = json.loads(self.daemon.command("plan", "--json", check=0).stdout)
        self.assertEqual(["remove-members"], [one["kind"] for one in after["operations"]])

    def test_too_many_deletions_are_held_until_approved(self):
        self.daemon.command("once", check=0)
        self.delete_groups(12)
        self.daemon.command("once", check=3)
        self.assertEqual([], self.differences(), "a held deletion changed AD")
        status = json.loads(self.daemon.command("status", "--json", check=0).stdout)
        self.assertEqual(12, status["groups"]["held"])
        self.assertEqual({"guard"}, {one["reason"] for one in status["held"]})
        self.daemon.command("reject", status["held"][0]["id"], check=0)
        self.daemon.command("approve", check=0)
        self.daemon.command("once")
        rejected = status["held"][0]["group_id"]
        for group in self.tenant["groups"][:12]:
            if group["id"] != rejected:
                group["members"] = []
        self.assertEqual([], self.differences())

    def test_approval_reaches_a_running_daemon(self):
        self.daemon.command("once", check=0)
        self.daemon.start()
        self.delete_groups(12)
        wait_until(lambda: self.daemon.status()["groups"]["held"] >= 1, "the daemon holds deletions", 30)
        wait_until(lambda: self.daemon.status()["state"] == "held", "its state says so", 10)
        self.daemon.command("approve", check=0)
        for group in self.tenant["groups"][:12]:
            group["members"] = []
        wait_until(lambda: not self.differences(), "AD equals the cloud", 30)
        self.daemon.stop()

    def test_report_only_writes_nothing(self):
        self.daemon.sections["groups"]["policy"] = "report-only"
        self.daemon.write_config()
        before = self.directory.highest_usn()
        self.daemon.command("once")
        self.assertEqual(before, self.directory.highest_usn())

    def test_no_removals_keeps_members_until_the_policy_is_full(self):
        self.daemon.command("once", check=0)
        self.daemon.sections["groups"]["policy"] = "no-removals"
        self.daemon.write_config()
        group = max(self.tenant["groups"], key=lambda one: len(one["members"]))
        kept = list(group["members"])
        sids = {user["id"]: user.get("onPremisesSecurityIdentifier") for user in self.tenant["users"]}
        gone = next(one for one in kept if sids[one])
        self.emulator.remove_member(group["id"], gone)
        self.daemon.command("once")
        self.assertEqual([], self.differences())
        self.daemon.sections["groups"]["policy"] = "full"
        self.daemon.write_config()
        self.daemon.command("once", check=0)
        group["members"].remove(gone)
        self.assertEqual([], self.differences())

    def test_resync_reads_everything_again_and_writes_only_differences(self):
        self.daemon.command("once", check=0)
        before = self.directory.highest_usn()
        self.daemon.command("resync", check=0)
        self.daemon.command("once", check=0)
        self.assertEqual(before, self.directory.highest_usn())
        self.daemon.command("resync", self.tenant["groups"][0]["id"], check=0)
        self.daemon.command("once", check=0)
        self.assertEqual(before, self.directory.highest_usn())

    def test_a_foreign_group_with_our_name_is_a_collision(self):
        group = self.tenant["groups"][0]
        connection = self.directory.connection()
        cn = tenants.cn_of(group)
        dn = f"CN={cn},{self.dc.container}"
        connection.add_s(dn, [("objectClass", [b"group"]), ("sAMAccountName", [b"foreign"])])
        self.daemon.command("once")
        held = json.loads(self.daemon.command("status", "--json", check=0).stdout)["held"]
        self.assertEqual([(group["id"], "collision")], [(one["group_id"], one["reason"]) for one in held])
        connection.delete_s(dn)
        self.daemon.command("resync", group["id"], check=0)
        self.daemon.command("once", check=0)
        self.assertEqual([], self.differences())

    def test_two_daemons_do_not_share_a_store(self):
        self.daemon.start()
        refused = self.daemon.command("once", check=1)
        self.assertIn("state.db", refused.stderr)
        self.assertNotIn("Traceback", refused.stderr)
        self.daemon.stop()

    def test_healthcheck_and_check_config_work_beside_the_daemon(self):
        self.daemon.command("healthcheck", check=1)
        self.daemon.start()
        self.daemon.command("healthcheck", check=0)
        self.daemon.command("check-config", check=0)
        online = self.daemon.command("check-config", "--online", check=0)
        self.assertIn("ok", online.stdout.lower())
        self.assertIn("ready", self.daemon.command("status", check=0).stdout)
        self.assertEqual(200, self.daemon.admin("/healthz")[0])
        self.assertIn("<html", self.daemon.admin("/")[1].lower())
        self.daemon.stop()
        self.assertEqual("", self.secrets_in_logs())

    def secrets_in_logs(self):
        log = self.daemon.process.output()
        password = Path(self.dc.password_file).read_text(encoding="utf-8").strip()
        return "".join(secret for secret in ("emulator-secret", password) if secret in log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
