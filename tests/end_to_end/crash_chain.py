"""A daemon that dies again and again at named places, between which its cloud and its directory change.

One chain has a container, a tenant, an emulator and a store of its own, so that several run beside each other before one
domain controller. After each death the next start must make the directory equal to the cloud again.
"""
import json
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from pathlib import Path

import ldap
import tenant as tenants
from directory import Directory
from rig import Emulator, wait_until

MICROSOFT365_AS = {"universalDistributionGroup": tenants.UNIVERSAL_DISTRIBUTION,
                   "universalSecurityGroup": tenants.UNIVERSAL_SECURITY}
UNITS = ("Sales", "Legal", "Rest")
DEADLINE = 60.0


class CrashChain:
    def __init__(self, rig, controller, name, users):
        self.name = name
        self.chance = random.Random(name)
        self.controller = controller
        self.directory = Directory(controller)
        self.container = f"OU={name},{controller.container}"
        for unit in (None, *UNITS):
            dn = f"OU={unit},{self.container}" if unit else self.container
            self.directory.connection().add_s(dn, [("objectClass", [b"organizationalUnit"])])
        self.users = users
        self.tenant = {"users": users, "groups": self._first_groups()}
        folder = rig.folder / name
        folder.mkdir()
        file = folder / "tenant.json"
        file.write_text(json.dumps(self.tenant))
        self.emulator = Emulator(folder, file, ("--page-size", "4"))  # so that a crawl has several pages
        rig.also_end(self.emulator.stop)
        self.microsoft365_as = "universalDistributionGroup"
        self.daemon = rig.daemon(controller, self.emulator, name=name + "/daemon", settings=self._settings())
        self.sids = {}
        self.deaths = 0
        self.fresh = iter(user["id"] for user in users[40:])
        self.number = 100
        self.accepted_before = self.appended_before = None
        self.converged_checks = self.hints_checked = 0
        self.unknown_to_store = True  # AD has groups that the store has not written or taken over yet

    def _first_groups(self):
        ids = [user["id"] for user in self.users]
        made = [tenants.security_group(n, f"{self.name} {n}", ids[n:n + 12], classification="Sales") for n in range(8)]
        made += [tenants.microsoft365_group(n, f"{self.name} team {n}", ids[n:n + 5], classification="Legal")
                 for n in (8, 9)]
        made[0]["members"].append(made[1]["id"])
        return made

    def _settings(self):
        away = f'Switch([classification],"OU=Rest,{self.container}"' + "".join(
            f',"{unit}","OU={unit},{self.container}"' for unit in UNITS[:2]) + ")"
        return {"directory": {"container": self.container}, "mapping": {"parentDistinguishedName": away},
                "groups": {"policy": "full", "microsoft365_as": self.microsoft365_as},
                "guard": {"max_group_deletions": 100_000}}

    # --- the daemon ---

    def start(self, point=None):
        environment = {"GROUP_WRITEBACK_CRASH_AT": point} if point else {}
        self.daemon.start(ready=False, environment=environment)

    @property
    def dead(self):
        return not self.daemon.process.running()

    def note_death(self, point):
        status = self.daemon.process.wait()
        if status != -signal.SIGKILL:
            raise AssertionError(f"{point}: it ended with {status}:\n{self.daemon.process.output()[-3000:]}")
        self.daemon.process.kill()  # closes the log
        self.deaths += 1

    def end(self):
        """The daemon is killed where it stands."""
        self.daemon.process.send(signal.SIGKILL)
        self.daemon.process.wait()
        self.daemon.process.kill()

    # --- what must hold ---

    def expectation(self):
        expected = tenants.expected(self.tenant)
        for group in self.tenant["groups"]:
            if "Unified" in group["groupTypes"]:
                expected["Group_" + group["id"]]["groupType"] = MICROSOFT365_AS[self.microsoft365_as]
        return expected

    def differences(self):
        found = self.directory.differences(self.expectation(), self.container)
        actual = self.directory.groups(self.container)
        for group in self.tenant["groups"]:
            dn = actual.get("Group_" + group["id"], {"dn": ""})["dn"]
            unit = group.get("classification") if group.get("classification") in UNITS else "Rest"
            if f",OU={unit}," not in dn:
                found.append(f"{dn} is not in {unit}")
        for mark, group in actual.items():
            if self.sids.setdefault(mark, group["sid"]) != group["sid"]:
                raise AssertionError(f"{mark} was made anew: {self.sids[mark]} became {group['sid']}")
        return found

    def converge(self, point, or_dead=False):
        """AD equals the cloud; with `or_dead`, the daemon may have died on the way, which is told by False."""
        last = ["not looked at"]

        def equal():
            if self.dead:
                return True
            last[:] = self.differences() or self.not_taken_over()
            return not last
        try:
            wait_until(equal, f"AD equals the cloud after {point}", DEADLINE, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}: {last[:5]}\n{self.daemon.process.output()[-6000:]}") from error
        if self.dead:
            if or_dead:
                return False
            raise AssertionError(f"{point}: it ended:\n{self.daemon.process.output()[-3000:]}")
        self.converged_checks += 1
        self.unknown_to_store = False
        return True

    def not_taken_over(self):
        """Removals that a new store only infers wait for a person, by law 12, until it knows its groups."""
        if not self.unknown_to_store:
            return []
        groups = (self.daemon.status() or {}).get("groups", {})
        return [] if groups.get("managed") == len(self.tenant["groups"]) and groups["dirty"] == 0 else [groups]

    def hints_appended(self):
        """How many hints the inbox has ever made durable, read from a copy of its files."""
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):
                source = Path(str(self.daemon.store) + "-inbox" + suffix)
                if source.exists():
                    shutil.copy(source, Path(folder) / ("inbox" + suffix))
            connection = sqlite3.connect(Path(folder) / "inbox")
            try:
                rows = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'hint'").fetchall()
            except sqlite3.OperationalError:  # no schema yet
                rows = []
            finally:
                connection.close()
        return rows[0][0] if rows else 0

    def items_accepted(self):
        return self.emulator.control("GET", "/notifications")["items_accepted"]

    def begin_counting(self):
        self.accepted_before, self.appended_before = self.items_accepted(), self.hints_appended()

    def check_hints(self, point):
        """Law 2: what was answered 202 is in the inbox, or was."""
        if self.accepted_before is None:
            return
        accepted = self.items_accepted() - self.accepted_before
        appended = self.hints_appended() - self.appended_before
        self.hints_checked += accepted
        if appended < accepted:
            raise AssertionError(f"{point}: {accepted} notifications were answered 202, {appended} are durable")

    # --- what changes ---

    def group(self, least=0, unified=False):
        return self.chance.choice([group for group in self.tenant["groups"]
                                   if len(group["members"]) >= least and ("Unified" in group["groupTypes"]) == unified])

    def member_added(self, user=None):
        group = self.group()
        if user is None:
            user = self.chance.choice([one["id"] for one in self.users[:40] if one["id"] not in group["members"]])
        self.emulator.add_member(group["id"], user)
        group["members"].append(user)

    def member_removed(self):
        group = self.group(least=1)
        user = self.chance.choice(group["members"])
        self.emulator.remove_member(group["id"], user)
        group["members"].remove(user)

    def members_changed(self):
        if self.chance.random() < 0.5 and any(len(group["members"]) > 3 for group in self.tenant["groups"]):
            self.member_removed()
        else:
            self.member_added()

    def patched(self, group=None, **properties):
        group = group or self.group()
        self.emulator.graph("PATCH", f"/groups/{group['id']}", properties)
        group.update(properties)

    def described(self):
        self.patched(description=f"Described {self._next()}")

    def renamed(self):
        self.patched(displayName=f"{self.name} {self._next()}")

    def moved(self):
        group = self.group()
        self.patched(group, classification=self.chance.choice([unit for unit in UNITS if unit != group["classification"]]))

    def created(self):
        number = self._next()
        ids = [user["id"] for user in self.chance.sample(self.users[:40], 4)]
        made = self.emulator.graph("POST", "/groups", {
            "displayName": f"{self.name} {number}", "mailEnabled": False, "securityEnabled": True, "classification": "Legal",
            "mailNickname": f"made{number}",
            "members@odata.bind": [f"{self.emulator.url}/v1.0/directoryObjects/{one}" for one in ids]})
        group = tenants.security_group(number, made["displayName"], ids, classification="Legal")
        group["id"] = made["id"]
        self.tenant["groups"].append(group)
        return group

    def deleted(self):
        """A group that AD has is purged; a new one takes its place in the cloud."""
        mine = [group for group in self.tenant["groups"] if group["mailNickname"].startswith("made")]
        if not mine:
            mine = [self.created()]
            wait_until(lambda: self.dead or "Group_" + mine[0]["id"] in self.directory.groups(self.container),
                       "the new group is in AD", DEADLINE)
        group = mine[0]
        self.emulator.graph("DELETE", f"/groups/{group['id']}")
        self.emulator.graph("DELETE", f"/directory/deletedItems/{group['id']}")
        self.tenant["groups"].remove(group)

    def deleted_and_restored(self):
        group = self.group(least=2)
        mark = "Group_" + group["id"]
        self.emulator.graph("DELETE", f"/groups/{group['id']}")
        wait_until(lambda: self.dead or not self.directory.groups(self.container)[mark]["member_dns"],
                   "the deleted group is empty", DEADLINE)
        self.emulator.graph("POST", f"/directory/deletedItems/{group['id']}/restore", {})

    def user_changed(self):
        user = self.chance.choice(self.users[:40])
        self.emulator.graph("PATCH", f"/users/{user['id']}", {"userPrincipalName": f"user{self._next()}@contoso.example"})

    def tokens_expired(self):
        self.emulator.control("POST", "/tokens/expire", {"delta": True})
        self.member_removed()
        self.user_changed()

    def edited_in_directory(self):
        group = self.directory.groups(self.container)["Group_" + self.group()["id"]]
        self.directory.connection().modify_s(group["dn"], [(ldap.MOD_REPLACE, "displayName", [b"Somebody else's"])])

    def fresh_member_added(self):
        self.member_added(next(self.fresh))

    def subscriptions(self):
        return [one["id"] for one in self.emulator.control("GET", "/state")["subscriptions"]]

    def reauthorization_asked(self):
        for one in self.subscriptions():
            self.emulator.control("POST", f"/subscriptions/{one}/lifecycle", {"event": "reauthorizationRequired"})

    def resync_asked(self):
        self.daemon.command("resync", check=0)

    def told_to_stop(self):
        wait_until(lambda: self.dead or self.daemon.readiness()[0] == 200, "the daemon is ready", DEADLINE)
        self.daemon.process.send(signal.SIGTERM)

    def nothing(self):
        pass

    # --- what happens while it is dead ---

    def subscriptions_vanished(self):
        for one in self.subscriptions():
            self.emulator.control("POST", f"/subscriptions/{one}/vanish", {})

    def address_changed(self):
        address = f"http://127.0.0.1:{self.daemon.webhook_port}/graph{self._next()}"
        self.daemon.sections["webhook"]["public_url"] = address
        self.daemon.write_config()

    def store_lost(self):
        self.unknown_to_store = True
        for file in self.daemon.store.parent.iterdir():
            file.unlink()

    def kinds_changed(self):
        [self.microsoft365_as] = MICROSOFT365_AS.keys() - {self.microsoft365_as}
        self.daemon.sections["groups"]["microsoft365_as"] = self.microsoft365_as
        self.daemon.write_config()

    def _next(self):
        self.number += 1
        return self.number

