#!/usr/bin/python3
"""`restore` of groups that someone deleted in AD."""
import json
import unittest

import tenant as tenants
from rig import wait_until
from story import Story


class Restore(Story):
    controller_options = ("--schema", "windows-2016")

    def begin_as_administrator(self, group):
        """The service account of the laboratory may not see deleted objects; who restores must."""
        environment = json.loads((self.dc.folder / "environment.json").read_text(encoding="utf-8"))
        self.begin([group], first=None)
        self.configure("directory", bind_dn=environment["SAMBA_ADMIN_DN"],
                       password_file=environment["SAMBA_ADMIN_PASSWORD_FILE"])

    def test_without_the_right_the_group_stays_held_and_the_reason_is_told(self):
        group = tenants.security_group(73, "Out of sight", self.ids[:5])
        self.begin([group])
        self.directory.connection().delete_s(self.found(group)["dn"])
        self.once()
        self.daemon.command("restore", group["id"], check=0)
        self.once()
        self.assertEqual([("missing", group["id"])], self.held_reasons())
        self.assertIn("Deleted Objects", self.daemon.command("explain", group["id"], check=0).stdout)

    def findings(self, check=0):
        return json.loads(self.daemon.command("verify", "--json", check=check).stdout)

    def test_a_group_deleted_in_ad_comes_back_with_its_sid_and_members(self):
        group = tenants.security_group(71, "Back again", self.ids[:5])
        self.begin_as_administrator(group)
        before = self.found(group)
        self.daemon.command("restore", group["id"], check=1)  # it is there
        self.directory.connection().delete_s(before["dn"])
        self.daemon.command("resync", group["id"], check=0)
        self.once()
        self.assertEqual([("missing", group["id"])], self.held_reasons())
        self.assertEqual(1, len(self.findings(check=1)["different"]))
        self.daemon.command("restore", "Back again", check=0)
        self.once()
        after = self.found(group)
        self.assertEqual((before["sid"], before["guid"], before["dn"]), (after["sid"], after["guid"], after["dn"]))
        self.assertEqual(set(self.sids[:5]), self.member_sids(group))
        self.assertEqual([], self.held())
        self.assert_second_run_writes_nothing()

    def test_a_running_daemon_restores_on_request(self):
        group = tenants.security_group(72, "Back while running", self.ids[:5])
        self.begin_as_administrator(group)
        before = self.found(group)
        self.daemon.start()
        self.directory.connection().delete_s(before["dn"])
        self.daemon.command("resync", group["id"], check=0)
        wait_until(lambda: self.daemon.status()["held"], "the daemon misses the group", 30)
        self.daemon.command("restore", group["id"], check=0)
        wait_until(lambda: self.found(group) and self.member_sids(group) == set(self.sids[:5]), "it is back", 30)
        self.assertEqual(before["sid"], self.found(group)["sid"])
        self.daemon.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
