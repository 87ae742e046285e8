#!/usr/bin/python3
"""`disable` says what stays and what goes, asks, and obeys the guard; `enable` checks each step and turns it on again."""
import json
import os
import pty
import subprocess
import unittest

import tenant as tenants
from rig import CLIENT_SECRET, DAEMON
from story import Story


class Disable(Story):

    def groups(self, first, count, members=3):
        return [tenants.security_group(number, f"Group {number}", self.ids[:members])
                for number in range(first, first + count)]

    def disable(self, *arguments, check=0):
        result = self.daemon.command("disable", *arguments, check=check)
        return result.stdout + result.stderr

    def enable(self, *arguments, check=0):
        result = self.daemon.command("enable", *arguments, check=check)
        return result.stdout + result.stderr

    def answer(self, text, *arguments):
        """Runs a command at a terminal where a person answers."""
        controller, terminal = pty.openpty()
        try:
            os.write(controller, text.encode())
            return subprocess.run([DAEMON, "--config", self.daemon.config_file, *arguments], stdin=terminal,
                                  capture_output=True, text=True, timeout=60)
        finally:
            os.close(controller)
            os.close(terminal)

    def test_a_person_is_asked_and_no_means_no(self):
        groups = self.groups(5, 2)
        self.begin(groups)
        before = self.directory.highest_usn()
        refused = self.answer("n\n", "disable", "--groups", "empty")
        self.assertEqual(1, refused.returncode)
        self.assertIn("Disable write-back? [y/N]", refused.stdout)
        self.assertIn("nothing was done", refused.stderr)
        self.assertEqual(before, self.directory.highest_usn())
        self.once()
        self.assertEqual(0, self.answer("y\n", "disable", "--groups", "empty").returncode)
        self.assertEqual([set(), set()], [self.member_sids(group) for group in groups])

    def test_nothing_is_done_where_nobody_can_answer(self):
        groups = self.groups(1, 3)
        self.begin(groups)
        before = self.directory.highest_usn()
        told = self.disable("--groups", "delete", check=3)
        self.assertIn("3 groups with 9 members", told)
        self.assertIn(self.found(groups[0])["dn"], told)
        self.assertIn("SIDs", told)
        self.assertIn("--yes", told)
        self.assertEqual(before, self.directory.highest_usn())
        self.once()

    def test_kept_groups_stay_as_they_are_until_it_is_enabled_again(self):
        groups = self.groups(11, 3)
        self.begin(groups)
        before = self.directory.highest_usn()
        self.assertIn("stay exactly as they are", self.disable("--yes"))
        self.emulator.remove_member(groups[0]["id"], self.ids[0])
        for command in ("once", "serve"):
            self.assertIn("disabled", self.daemon.command(command, check=1).stderr)
        self.assertEqual(before, self.directory.highest_usn())
        self.assertIn("disabled", self.daemon.command("status", check=0).stdout)
        self.assertIn("disabled", self.daemon.command("explain", groups[0]["id"], check=0).stdout)
        told = self.enable()
        self.assertIn("ok:", told)
        self.assertNotIn("problem:", told)
        self.once()
        self.assertEqual(set(self.sids[1:3]), self.member_sids(groups[0]))

    def test_emptied_groups_keep_their_sids_and_are_filled_again(self):
        groups = self.groups(21, 3)
        self.begin(groups)
        sids = [self.found(group)["sid"] for group in groups]
        self.disable("--groups", "empty", "--yes")
        self.assertEqual([set()] * 3, [self.member_sids(group) for group in groups])
        self.enable()
        self.once()
        self.assertEqual(sids, [self.found(group)["sid"] for group in groups])
        self.assertEqual([set(self.sids[:3])] * 3, [self.member_sids(group) for group in groups])
        self.assert_second_run_writes_nothing()

    def test_more_deletions_than_the_guard_allows_wait_for_a_person(self):
        groups = self.groups(31, 12)
        self.begin(groups)
        told = self.disable("--groups", "delete", "--yes", check=3)
        self.assertIn("approve", told)
        self.assertEqual(12, len(self.directory.groups(self.container)))
        self.assertEqual({"guard"}, {reason for reason, _ in self.held_reasons()})
        self.daemon.command("approve", check=0)
        self.disable("--yes")
        self.assertEqual({}, self.directory.groups(self.container))
        self.assertIn("disabled", self.daemon.command("once", check=1).stderr)

    def test_few_deletions_pass_and_the_subscriptions_go_too(self):
        groups = self.groups(51, 3)
        self.begin(groups, first=None)
        port = self.daemon.webhook_port
        self.daemon.sections["webhook"] = {"listen": f"127.0.0.1:{port}",
                                           "public_url": f"http://127.0.0.1:{port}/graph"}
        self.daemon.write_config()
        self.daemon.start()
        self.assertEqual(2, len(self.emulator.graph("GET", "/subscriptions")["value"]))
        told = self.disable("--groups", "delete", "--yes", check=1)
        self.assertIn("state.db", told)  # the running daemon has the store
        self.daemon.stop()
        self.assertIn("2 subscriptions removed", self.disable("--groups", "delete", "--yes"))
        self.assertEqual([], self.emulator.graph("GET", "/subscriptions")["value"])
        self.assertEqual({}, self.directory.groups(self.container))

    def test_what_the_policy_forbids_is_refused_before_anything_happens(self):
        self.begin(self.groups(61, 2))
        self.configure(policy="no-removals", run=None)
        self.assertIn("policy", self.disable("--groups", "empty", "--yes", check=2))
        self.disable("--groups", "nonsense", check=2)
        self.once()

    def test_enable_names_each_step_and_what_is_missing(self):
        self.begin(self.groups(71, 1))
        told = self.enable()
        for phrase in ("access token", "read groups", "bound to", self.container):
            self.assertIn(phrase, told)
        secret = self.daemon.folder / "graph-secret"
        secret.write_text("wrong\n")
        self.disable("--yes")
        told = self.enable(check=1)
        self.assertIn("problem: no access token", told)
        self.assertIn("disabled", self.daemon.command("once", check=1).stderr)
        secret.write_text(CLIENT_SECRET + "\n")
        self.enable()
        self.once()

    def test_a_missing_container_is_made_when_that_is_asked_for(self):
        self.begin(self.groups(81, 1), first=None)
        below = f"OU=Made,{self.container}"
        self.configure("directory", run=None, container=below)
        told = self.enable(check=1)
        self.assertIn("--create-container", told)
        self.assertIn("problem:", told)
        self.assertIn("could not be made", self.enable("--create-container", "--yes", check=1))
        environment = json.loads((self.dc.folder / "environment.json").read_text(encoding="utf-8"))
        service = {key: self.daemon.sections["directory"][key] for key in ("bind_dn", "password_file")}
        self.configure("directory", run=None, bind_dn=environment["SAMBA_ADMIN_DN"],
                       password_file=environment["SAMBA_ADMIN_PASSWORD_FILE"])
        self.assertIn("--yes", self.enable("--create-container", check=3))
        self.assertIn("was made", self.enable("--create-container", "--yes"))
        self.configure("directory", **service)
        self.assertEqual(1, len(self.directory.groups(below)))

    def test_missing_rights_are_a_problem_with_the_commands_that_give_them(self):
        self.begin(self.groups(85, 1), first=None)
        elsewhere = f"OU=Other,{self.dc.base}"
        self.configure("directory", run=None, container=elsewhere)
        told = self.enable(check=1)
        self.assertIn("problem: The account may not create groups", told)
        self.assertIn(f'dsacls "{elsewhere}"', told)
        self.assertIn("--sddl=", told)

    def test_the_commands_that_give_the_rights_are_printed_on_request(self):
        self.begin(self.groups(91, 1), first=None)
        told = self.enable("--show-rights")
        for phrase in ("dsacls", "samba-tool", self.container, "member"):
            self.assertIn(phrase, told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
