#!/usr/bin/python3
"""AD, Graph and notifications fail: hints are answered all the same, and everything is made good."""
import json
import re
import time
import unittest
import urllib.request

import tenant as tenants
from directory import Directory
from rig import Repeatedly, Rig, TENANT_ID, wait_until


class Outage(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("outage")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=100)
        self.tenant = tenants.generate(self.dc.users(), 30, 600)
        self.emulator = self.rig.emulator(self.tenant)
        self.directory = Directory(self.dc)

    def start(self, settings=None):
        secret = self.rig.folder / "client-state"
        secret.write_text("a-client-state-of-our-own\n")
        settings = {"webhook": {"client_state_file": str(secret)}, **(settings or {})}
        self.daemon = self.rig.daemon(self.dc, self.emulator, settings=settings)
        self.daemon.start()
        self.expect()

    def expect(self, deadline=60):
        expectation = tenants.expected(self.tenant)
        wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", deadline, 0.2)

    def notify(self, group):
        """One genuine notification, posted as Graph would; gives the answer's status."""
        subscription = next(one["id"] for one in self.daemon.status()["subscriptions"] if one["resource"] == "groups")
        item = {"subscriptionId": subscription, "tenantId": TENANT_ID, "clientState": "a-client-state-of-our-own",
                "changeType": "updated", "resource": f"Groups/{group}",
                "resourceData": {"@odata.type": "#Microsoft.Graph.Group", "id": group}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.daemon.webhook_port}/graph/notifications", method="POST",
            data=json.dumps({"value": [item]}).encode(), headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status

    def change_something(self, number):
        group = self.tenant["groups"][number % 30]
        group["description"] = f"Changed {number}"
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"description": group["description"]})

    def test_with_ad_down_for_20_seconds_hints_are_answered_and_all_is_written_afterwards(self):
        self.start()
        group = self.tenant["groups"][0]["id"]
        self.dc.stop(now=True)
        notifications = Repeatedly(lambda: self.notify(group), 0.2)
        end = time.monotonic() + 20
        number = 0
        while time.monotonic() < end:
            self.change_something(number)
            number += 1
            time.sleep(0.5)
        self.assertEqual(503, self.daemon.readiness()[0])
        self.dc.start()
        answers = notifications.finish()
        self.assertGreater(len(answers), 20)
        self.assertEqual({202}, set(answers))
        self.expect(120)
        self.daemon.stop()

    def test_with_ad_silent_the_daemon_stops_in_time_and_the_next_start_makes_it_good(self):
        self.start()
        self.dc.pause()
        self.change_something(1)
        time.sleep(1)
        self.assertEqual(0, self.daemon.process.stop(deadline=31))
        self.dc.resume()
        self.daemon.start()
        self.expect()
        self.daemon.stop()

    def test_a_lost_notification_is_made_good_by_the_poll(self):
        self.start({"graph": {"poll_interval": "2s"}})
        self.emulator.control("POST", "/notifications", {"lose": 1.0})
        self.change_something(3)
        self.expect(10)
        self.daemon.stop()

    def test_throttled_broken_and_reset_answers_of_graph_end_in_the_same_directory(self):
        self.start({"graph": {"poll_interval": "1s"}})
        for number, fault in enumerate(({"kind": "429", "retry_after": 0.3}, {"kind": "503"}, {"kind": "cut"},
                                        {"kind": "syncStateNotFound"}, {"kind": "410"}, {"kind": "garbage"},
                                        {"kind": "expired-token"})):
            with self.subTest(fault["kind"]):
                self.emulator.control("POST", "/faults", {"operation": "groups-delta", "times": 1, **fault})
                self.change_something(number)
                self.expect(60)
        self.daemon.stop()

    def test_metrics_tell_what_happened(self):
        self.start()
        self.change_something(5)
        self.expect()
        code, text = self.daemon.admin("/metrics")
        self.assertEqual(200, code)
        for name in ("notifications_received_total", "delta_rounds_total", "ldap_operations_total", "graph_requests_total",
                     "groups", "subscription_expiration_timestamp_seconds", "build_info"):
            self.assertRegex(text, re.compile(rf"^group_writeback_{name}(\{{| )", re.MULTILINE))
        self.daemon.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
