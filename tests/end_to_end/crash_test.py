#!/usr/bin/python3
"""kill -9 at random moments of the first crawl and of the writes: nothing is lost, nothing is made twice."""
import os
import random
import time
import unittest

import tenant as tenants
from directory import Directory
from rig import Rig, wait_until

ROUNDS = int(os.environ.get("WRITEBACK_KILLS", "10"))


class Crash(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("crash")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=200)
        self.directory = Directory(self.dc)
        self.chance = random.Random(20261122)

    def converge(self, tenant):
        expectation = tenants.expected(tenant)
        self.daemon.command("once", check=0, deadline=600)
        self.assertEqual([], self.directory.differences(expectation)[:20])

    def test_killed_in_the_crawl_it_goes_on_at_the_stored_link(self):
        tenant = tenants.generate(self.dc.users(), 300, 6_000)
        self.emulator = self.rig.emulator(tenant, ["--page-size", "10"])
        self.daemon = self.rig.daemon(self.dc, self.emulator)
        self.emulator.control("POST", "/faults", {"operation": "groups-delta", "kind": "delay", "delay_ms": 40,
                                                  "times": 10_000})
        for _ in range(ROUNDS):
            self.daemon.start(ready=False)
            time.sleep(self.chance.uniform(0.15, 0.6))
            self.daemon.kill()
        self.emulator.control("DELETE", "/faults")
        self.converge(tenant)
        pages = [one for one in self.emulator.control("GET", "/requests?last=100000")["last"]
                 if "groups/delta" in one["target"]]
        fresh = [one for one in pages if "skiptoken" not in one["target"] and "deltatoken" not in one["target"]]
        self.assertLessEqual(len(fresh), 3, "a restart began the crawl anew instead of going on at its link")

    def test_killed_in_the_writes_it_makes_no_group_twice(self):
        tenant = tenants.generate(self.dc.users(), 300, 6_000)
        self.emulator = self.rig.emulator(tenant)
        self.daemon = self.rig.daemon(self.dc, self.emulator)
        sids = {}
        for _ in range(ROUNDS):
            self.daemon.start(ready=False)
            time.sleep(self.chance.uniform(0.3, 1.2))
            self.daemon.kill()
            for mark, group in self.directory.groups().items():  # asserts that no mark stands twice
                self.assertEqual(sids.setdefault(mark, group["sid"]), group["sid"], f"{mark} was made anew")
        self.converge(tenant)
        for mark, group in self.directory.groups().items():
            self.assertEqual(sids.setdefault(mark, group["sid"]), group["sid"], f"{mark} was made anew")

    def test_a_member_removed_while_it_was_dead_is_gone_after_the_restart(self):
        tenant = tenants.generate(self.dc.users(), 20, 1_000)
        self.emulator = self.rig.emulator(tenant)
        self.daemon = self.rig.daemon(self.dc, self.emulator)
        for number in range(ROUNDS):
            self.daemon.start()
            group = self.chance.choice([one for one in tenant["groups"] if one["members"]])
            member = group["members"].pop()
            self.emulator.remove_member(group["id"], member)
            time.sleep(self.chance.uniform(0, 0.3))
            self.daemon.kill()
        self.daemon.start()
        expectation = tenants.expected(tenant)
        wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", 60)
        self.daemon.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
