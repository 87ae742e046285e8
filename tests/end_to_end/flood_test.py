#!/usr/bin/python3
"""Crowds at the webhook: genuine notifications are answered within a second all the same.

The second is Graph's patience, not a figure of ours: it is the deadline of each genuine request.
"""
import http.client
import json
import os
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

import tenant as tenants
from directory import Directory
from rig import Rig, TENANT_ID, wait_until

CLIENT_STATE = "a client state of our own"
CROWD = Path(__file__).with_name("crowd.py")
PATIENCE = 1.0  # seconds
CROWDS = (("idle", 10_000), ("slow-head", 300), ("slow-body", 300), ("forged", 8))


class Flood(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("flood")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=20)
        cls.tenant = tenants.generate(cls.dc.users(), 5, 20)
        cls.emulator = cls.rig.emulator(cls.tenant)
        cls.directory = Directory(cls.dc)
        cls.secret = cls.rig.folder / "client-state"
        cls.secret.write_text(CLIENT_STATE + "\n")

    def start(self, name, **webhook):
        self.daemon = self.rig.daemon(self.dc, self.emulator, name=name, settings={
            "webhook": {"client_state_file": str(self.secret), "head_timeout": "5s", "body_timeout": "5s", **webhook},
            "log": {"level": "info"}}).start()
        self.expect_equal(60)
        subscriptions = wait_until(lambda: self.daemon.status()["subscriptions"], "there are subscriptions")
        self.subscription = next(one["id"] for one in subscriptions if one["resource"] == "groups")

    def expect_equal(self, deadline):
        expectation = tenants.expected(self.tenant)
        wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", deadline)

    def genuine(self):
        group = self.tenant["groups"][0]["id"]
        return json.dumps({"value": [{
            "subscriptionId": self.subscription, "tenantId": TENANT_ID, "clientState": CLIENT_STATE,
            "changeType": "updated", "resource": f"Groups/{group}",
            "resourceData": {"@odata.type": "#Microsoft.Graph.Group", "id": group}}]}).encode()

    def post(self, body):
        """The answer's status, or what went wrong within the peer's patience."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.webhook_port, timeout=PATIENCE)
        begun = time.monotonic()
        try:
            connection.request("POST", "/graph/notifications", body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
            return status if time.monotonic() - begun <= PATIENCE else "late"
        except OSError as error:
            return repr(error)
        finally:
            connection.close()

    def metric(self, name):
        found = re.findall(rf"^group_writeback_{name} (\S+)$", self.daemon.admin("/metrics")[1], re.MULTILINE)
        return float(found[0]) if found else 0.0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))

    def gather(self):
        self.crowds = [subprocess.Popen([sys.executable, CROWD, str(self.daemon.webhook_port), kind, str(count)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                       for kind, count in CROWDS]
        for crowd in self.crowds:
            self.addCleanup(crowd.kill)

    def disperse(self):
        told = [json.loads(crowd.communicate(timeout=60)[0]) for crowd in self.crowds]
        return {kind: one for (kind, _), one in zip(CROWDS, told)}

    def answers_amid_the_crowds(self, held):
        """What genuine notifications are answered once the crowds are there."""
        forged = 'notifications_received_total{outcome="client-state"}'
        self.gather()
        wait_until(lambda: self.metric(re.escape(forged)) > 0 and self.descriptors() >= held, "the crowds are there", 60)
        answers, body = [], self.genuine()
        for _ in range(40):
            answers.append(self.post(body))
            time.sleep(0.1)
        self.assertGreater(self.metric(re.escape(forged)), 1000)
        return answers

    def and_is_well_afterwards(self):
        group = self.tenant["groups"][1]
        group["description"] = f"Changed after {self._testMethodName}"
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"description": group["description"]})
        self.expect_equal(30)
        self.assertEqual(200, self.daemon.readiness()[0])
        self.daemon.stop()

    def test_ten_thousand_connections_are_held_where_the_setting_allows_them(self):
        self.start("held", max_connections=12_000)
        answers = self.answers_amid_the_crowds(10_000)
        self.assertEqual([202] * len(answers), answers)
        told = self.disperse()
        self.assertEqual(10_000, told["idle"]["most"])
        self.and_is_well_afterwards()

    def test_beyond_the_setting_the_silent_make_room_and_descriptors_stay_within_it(self):
        self.start("shed", max_connections=500)
        answers = self.answers_amid_the_crowds(500)
        self.assertLess(self.descriptors(), 500 + 256)
        self.assertEqual([202] * len(answers), answers)
        told = self.disperse()
        self.assertGreater(told["idle"]["ended"], 9_000)
        self.and_is_well_afterwards()


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
