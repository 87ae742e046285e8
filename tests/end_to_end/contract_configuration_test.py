#!/usr/bin/python3
"""What the command line and the configuration answer: needs no domain controller and no cloud."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from rig import DAEMON

SECTIONS = {
    "graph": {"tenant_id": '"11111111-2222-3333-4444-555555555555"',
              "client_id": '"66666666-7777-8888-9999-000000000000"', "client_secret_file": '"{folder}/secret"'},
    "webhook": {"listen": '"127.0.0.1:8443"', "public_url": '"https://hooks.contoso.com/graph"'},
    "directory": {"servers": '["ldaps://dc1.contoso.com"]', "bind": '"simple"',
                  "bind_dn": '"CN=svc,DC=contoso,DC=com"', "password_file": '"{folder}/secret"',
                  "container": '"OU=Cloud Groups,DC=contoso,DC=com"'},
    "groups": {"policy": '"full"'},
    "mapping": {},
    "guard": {},
    "store": {"path": '"{folder}/state.db"'},
    "admin": {"listen": '"127.0.0.1:9464"'},
    "log": {},
}

# setting -> values that are wrong; None: left out though it must be there
WRONG = {
    "graph.tenant_id": ['"contoso"', "5", '""', None],
    "graph.client_id": ['"x"', None],
    "graph.client_secret_file": ['"/nowhere/secret"', '""'],
    "graph.client_secret": ['"hunter2"'],
    "graph.certificate_file": ['"{folder}/secret"'],
    "graph.cloud": ['"mars"', "1"],
    "graph.authority": ['"http://login.example"', '"nonsense"'],
    "graph.endpoint": ['"http://graph.example"', '"https://user:word@graph.example"'],
    "graph.ca_file": ['"/nowhere/ca.pem"', '"{folder}/secret"'],
    "graph.proxy": ['"proxy"', '"ftp://proxy:1"'],
    "graph.poll_interval": ['"0s"', '"25h"', "60", '"often"'],
    "graph.unheard_of": ["1"],
    "webhook.listen": ['"8443"', '"127.0.0.1:99999"', '"unix:relative"'],
    "webhook.public_url": ['"http://hooks.contoso.com/graph"', '"hooks"', '"https://x/?a=b"', None],
    "webhook.max_body": ['"1 elephant"', "0", '"4GiB"'],
    "webhook.client_state_file": ['"/nowhere/state"'],
    "webhook.tls_certificate_file": ['"{folder}/secret"'],
    "directory.servers": ["[]", '"ldaps://dc1"', '["ldap://dc1.contoso.com"]', '["http://dc1"]', None],
    "directory.bind": ['"magic"'],
    "directory.bind_dn": ['"svc"', None],
    "directory.password_file": ['"/nowhere/password"', None],
    "directory.ca_file": ['"/nowhere/ca.pem"', '"{folder}/secret"'],
    "directory.container": ['"Groups"', '"OU=,DC=x"', None],
    "directory.start_tls": ['"yes"'],
    "groups.policy": ['"fulll"', "true", None],
    "groups.select": ['"some"', '"listed"', '"filter"'],
    "groups.filter": ["'[displayName]'"],
    "groups.membership": ['"some"', "true"],
    "groups.dynamic": ['"no"'],
    "groups.role_assignable": ["0"],
    "directory.global_catalog": ['["http://gc"]', '"ldaps://gc"'],
    "directory.change_poll": ['"0s"', '"2h"', "2"],
    "directory.full_audit": ['"5m"', '"31d"'],
    "directory.presence_check": ["-1", '"all"'],
    "groups.include": ['["not an id"]'],
    "groups.kinds": ["[]", '["teams"]', '"security"'],
    "groups.microsoft365_as": ['"distribution"'],
    "groups.on_soft_delete": ['"remove"'],
    "groups.on_delete": ['"remove"'],
    "groups.on_out_of_scope": ['"remove"'],
    "groups.drift": ['"ignore"'],
    "groups.recreate": ["1"],
    "mapping.displayName": ["'[nonsense]'", "'Left([displayName]'", "1"],
    "mapping.cn": ["''", "'Left([displayName], \"a\")'"],
    "mapping.adminDescription": ["'[id]'"],
    "mapping.member": ["'[id]'"],
    "mapping.objectSid": ["'[id]'"],
    "mapping.parentDistinguishedName": ["'\"OU=Elsewhere,DC=contoso,DC=com\"'"],
    "guard.max_group_deletions": ["-1", '"101%"', '"many"', "1.5"],
    "guard.window": ['"0s"', '"a day"'],
    "guard.max_member_removals": ["-1", '"101%"', '"many"'],
    "guard.min_members": ["-1", '"few"'],
    "guard.max_inferred_removals": ["-1", '"101%"'],
    "guard.limit_explicit_removals": ["1"],
    "store.path": ['""', '"/nowhere/state.db"', "5"],
    "admin.listen": ['"9464"', '"unix:"'],
    "log.level": ['"loud"'],
    "log.audit_file": ['"/nowhere/audit.jsonl"'],
}

RIGHT = {
    "graph.cloud": ['"usgov"', '"usgov-dod"', '"china"'],
    "graph.poll_interval": ['"1s"', '"5m"', '"24h"'],
    "graph.endpoint": ['"http://127.0.0.1:8401"'],
    "graph.proxy": ['"http://proxy:3128"'],
    "webhook.listen": ['"unix:{folder}/webhook.sock"', '"[::1]:8443"'],
    "webhook.max_body": ['"64KiB"'],
    "directory.servers": ['["ldap://127.0.0.1"]', '["ldaps://dc1:636", "ldaps://dc2"]'],
    "directory.bind_dn": ['"svc@contoso.com"', "'CONTOSO\\svc'"],
    "directory.change_poll": ['"1s"', '"1h"'],
    "directory.full_audit": ['"0s"', '"1h"', '"30d"'],
    "directory.global_catalog": ['["ldaps://gc.contoso.com:3269"]'],
    "directory.presence_check": ["0", "100"],
    "groups.policy": ['"report-only"', '"no-removals"'],
    "groups.select": ['"writeback-configuration"', '"assigned"'],
    "groups.membership": ['"additive"'],
    "groups.dynamic": ["false"],
    "mapping.displayName": ["'[displayName]'", "''"],
    "mapping.cn": ["'Append(Append(Left(Trim([displayName]),51),\"_\"),Mid([objectId],25,12))'"],
    "mapping.info": ["'Join(\" \", \"Team\", [mailNickname])'"],
    "mapping.parentDistinguishedName": ["'\"OU=Sales,OU=Cloud Groups,DC=contoso,DC=com\"'",
                                        "'Switch([displayName],\"OU=Cloud Groups,DC=contoso,DC=com\",\"S\",\"OU=S,OU=Cloud Groups,DC=contoso,DC=com\")'"],
    "groups.kinds": ['["security"]'],
    "groups.on_soft_delete": ['"keep"', '"convert"', '"delete"'],
    "groups.microsoft365_as": ['"universalSecurityGroup"', '"universalMailEnabledSecurityGroup"'],
    "guard.max_group_deletions": ["0", '"5%"'],
    "guard.window": ['"7d"'],
    "admin.listen": ['"unix:{folder}/admin.sock"'],
    "log.level": ['"debug"', '"warning"'],
}


class Configuration(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="writeback-configuration-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "secret").write_text("a secret\n")
        self.file = self.folder / "config.toml"

    def write(self, setting=None, value=None):
        """Writes the configuration with one setting changed; gives the line where it, or its section, stands."""
        sections = {name: dict(values) for name, values in SECTIONS.items()}
        if setting:
            section, key = setting.split(".")
            sections[section].pop(key, None)
            if value is not None:
                sections[section][key] = value
        lines, place = [], 1
        for name, values in sections.items():
            lines.append(f"[{name}]")
            if setting and name == setting.split(".")[0]:
                place = len(lines)
            for key, text in values.items():
                lines.append(f"{key} = {text.replace('{folder}', str(self.folder))}")
                if setting == f"{name}.{key}":
                    place = len(lines)
        self.file.write_text("\n".join(lines) + "\n")
        return place

    def run_daemon(self, *arguments):
        return subprocess.run([DAEMON, *map(str, arguments)], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL)

    def check(self):
        return self.run_daemon("--config", self.file, "check-config")

    def test_every_wrong_value_is_one_line_with_file_and_line(self):
        for setting, values in WRONG.items():
            for value in values:
                with self.subTest(setting=setting, value=value):
                    line = self.write(setting, value)
                    result = self.check()
                    self.assertEqual(2, result.returncode, result.stdout + result.stderr)
                    told = result.stderr.splitlines()
                    self.assertEqual([], [one for one in told if not one.startswith(f"{self.file}:")])
                    name = setting.split(".")[1]
                    # A file that is no certificate also lacks its key; a choice may lack what belongs to it.
                    places = [one for one in told if one.startswith(f"{self.file}:{line}: ")]
                    self.assertTrue(places or name == "select", told)
                    self.assertNotIn("hunter2", result.stderr)
                    self.assertRegex(result.stderr, r"write|give|take|name|is not one of|use|must be|make|remove|"
                                                    r"needs|secrets")

    def test_right_values_are_right(self):
        for setting, values in {"log.level": ['"info"'], **RIGHT}.items():
            for value in values:
                with self.subTest(setting=setting, value=value):
                    self.write(setting, value)
                    result = self.check()
                    self.assertEqual((0, ""), (result.returncode, result.stderr))

    def test_all_errors_are_told_at_once_in_order(self):
        self.write()
        text = self.file.read_text().replace('"full"', '"maybe"').replace("[guard]", "[gaurd]\n[guard]\nwindow = 5")
        self.file.write_text(text)
        told = self.check().stderr.splitlines()
        self.assertEqual(3, len(told), told)
        lines = [int(one.split(":")[1]) for one in told]
        self.assertEqual(sorted(lines), lines)
        self.assertIn("guard", told[1] + told[2])

    def test_a_broken_file_is_told_with_its_line_by_every_command(self):
        self.file.write_text('[graph]\ntenant_id = "\n')
        for command in ("serve", "once", "plan", "status", "approve", "reject", "resync", "check-config",
                        "healthcheck", "explain x", "verify", "restore x", "adopt", "enable", "disable"):
            with self.subTest(command):
                result = self.run_daemon("--config", self.file, *command.split())
                self.assertEqual(2, result.returncode)
                self.assertTrue(result.stderr.startswith(f"{self.file}:2: "), result.stderr)

    def test_an_expression_is_checked_with_its_column_before_anything_runs(self):
        line = self.write("mapping.cn", "'Left([displayName], 51'")
        for command in ("serve", "once", "plan", "check-config"):
            with self.subTest(command):
                result = self.run_daemon("--config", self.file, command)
                self.assertEqual(2, result.returncode)
                self.assertRegex(result.stderr, rf"^{self.file}:{line}: \[mapping\] cn, column \d+: ")
        line = self.write("groups.filter", "'[displayName]'")
        self.file.write_text(self.file.read_text().replace("[groups]\n", '[groups]\nselect = "filter"\n'))
        result = self.check()
        self.assertTrue(result.stderr.startswith(f"{self.file}:{line + 1}: "), result.stderr)
        self.assertIn("True or False", result.stderr)

    def test_the_mapping_language_is_printed_without_a_configuration(self):
        result = self.run_daemon("--config", "/nowhere", "functions")
        self.assertEqual(0, result.returncode, result.stderr)
        for function in ("Append", "Switch", "NormalizeDiacritics", "[displayName]"):
            self.assertIn(function, result.stdout)

    def test_the_configuration_is_named_before_or_after_the_command(self):
        self.write()
        self.assertEqual(0, self.run_daemon("--config", self.file, "check-config").returncode)
        self.assertEqual(0, self.run_daemon("check-config", "--config", self.file).returncode)

    def test_usage_errors_exit_2_and_help_and_version_exit_0(self):
        self.write()
        for arguments in ((), ("frobnicate",), ("--nonsense",), ("--config", self.file, "status", "--nonsense"),
                          ("--config", self.file, "serve", "extra"), ("--config", "/nowhere", "serve")):
            with self.subTest(arguments):
                result = self.run_daemon(*arguments)
                self.assertEqual(2, result.returncode, result.stdout)
                self.assertTrue(result.stderr)
        self.assertIn("frobnicate", self.run_daemon("frobnicate").stderr)
        help_text = self.run_daemon("--help")
        self.assertEqual(0, help_text.returncode)
        for command in ("serve", "once", "plan", "status", "approve", "reject", "resync", "check-config",
                        "healthcheck", "explain", "verify", "restore", "adopt", "enable", "disable", "functions"):
            self.assertIn(command, help_text.stdout)
        self.assertEqual(0, self.run_daemon("--version").returncode)
        self.assertIn("group-writeback", self.run_daemon("--version").stdout)

    def test_healthcheck_fails_where_nobody_answers(self):
        self.write("admin.listen", f'"unix:{self.folder}/nobody.sock"')
        self.assertEqual(1, self.run_daemon("--config", self.file, "healthcheck").returncode)


if __name__ == "__main__":
    unittest.main(verbosity=2)
