#!/usr/bin/python3
"""Graph plays the scenarios that the emulator ships; when each is over, AD equals the cloud."""
import json
import unittest

import tenant as tenants
from directory import Directory
from rig import SOURCE_ROOT, Emulator, Rig, wait_until

SCENARIOS = SOURCE_ROOT / "subprojects" / "graph-emulator" / "scenarios"


class Scenarios(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("scenarios")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=60)
        cls.users = cls.dc.users()
        cls.directory = Directory(cls.dc)

    def tenant(self, name):
        """Groups of the story's own: the domain is shared, and names are unique in it."""
        made = tenants.generate(self.users, 20, 300)
        for number, group in enumerate(made["groups"]):
            group.update(id=tenants.object_id(name, number), displayName=f"{group['displayName']} {name}")
        return made

    def begin(self, name, options=()):
        """An emulator, a container and a daemon of the story's own."""
        folder = self.rig.folder / name
        folder.mkdir()
        file = folder / "tenant.json"
        file.write_text(json.dumps(self.tenant(name)))
        self.emulator = Emulator(folder, file, options)
        self.addCleanup(self.emulator.stop)
        self.container = f"OU={name},{self.dc.container}"
        self.directory.connection().add_s(self.container, [("objectClass", [b"organizationalUnit"])])
        self.daemon = self.rig.daemon(self.dc, self.emulator, name=name + "-daemon", settings={
            "directory": {"container": self.container}, "graph": {"poll_interval": "2s"}})
        self.daemon.start(ready=False)
        self.addCleanup(self.daemon.process.stop)

    def scenario(self):
        return self.emulator.control("GET", "/scenario")

    def differences(self):
        """AD against what the cloud holds now, the scenario's own changes among it."""
        state = self.emulator.control("GET", "/state")
        groups = [{**group, "members": [member["id"] if isinstance(member, dict) else member
                                        for member in group["members"]]} for group in state["groups"]]
        return self.directory.differences(tenants.expected({"users": state["users"], "groups": groups}), self.container)

    def converge(self):
        wait_until(lambda: not self.scenario()["running"], "the scenario is over", 90, 0.5)
        self.assertEqual([], self.scenario()["failures"])
        wait_until(lambda: not self.differences(), f"AD equals the cloud; it differs: {self.differences()[:5]}", 60, 0.5)
        self.daemon.wait_ready()

    def play(self, name, speed):
        self.begin(name)
        self.daemon.wait_ready()
        wait_until(lambda: not self.differences(), "AD equals the cloud before the scenario", 60, 0.2)
        self.emulator.control("POST", "/scenario",
                              {**json.loads((SCENARIOS / f"{name}.json").read_text()), "speed": speed})
        self.converge()

    def answered(self, operation):
        return self.emulator.control("GET", "/requests")["counters"].get(operation, {})

    def test_tokens_that_expire_in_the_first_crawl_and_after_it_lose_nothing(self):
        name = "token-expiry-in-a-crawl"
        self.begin(name, ["--scenario", SCENARIOS / f"{name}.json"])
        self.converge()
        self.assertGreaterEqual(self.answered("groups-delta").get("400", 0), 1)
        self.assertEqual(1, self.answered("groups-delta").get("410", 0))

    def test_a_storm_of_broken_answers_ends_in_the_same_directory(self):
        self.play("storm", 6)
        broken = self.answered("groups-delta")
        self.assertTrue(broken.keys() & {"500", "502", "503", "504"}, broken)

    def test_lost_late_doubled_and_contradictory_notifications_lose_nothing(self):
        self.play("lost-and-late-notifications", 8)
        counts = self.emulator.control("GET", "/notifications")
        self.assertGreater(counts["lost"], 0)

    def test_paused_and_vanished_subscriptions_lose_nothing(self):
        self.play("vanishing-subscriptions", 5)
        self.assertGreater(self.answered("subscriptions").get("200", 0), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
