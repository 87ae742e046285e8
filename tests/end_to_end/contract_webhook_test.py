#!/usr/bin/python3
"""What the webhook answers, and what its notifications set in motion."""
import contextlib
import http.client
import json
import socket
import subprocess
import time
import unittest
import uuid

import tenant as tenants
from directory import Directory
from rig import DAEMON, Process, Rig, TENANT_ID, wait_until

CLIENT_STATE = "a client state of our own"
JSON = {"Content-Type": "application/json"}


class Webhook(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = Rig("webhook")
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=50)
        cls.tenant = tenants.generate(cls.dc.users(), 10, 100)
        cls.emulator = cls.rig.emulator(cls.tenant)
        cls.directory = Directory(cls.dc)
        secret = cls.rig.folder / "client-state"
        secret.write_text(CLIENT_STATE + "\n")
        cls.daemon = cls.rig.daemon(cls.dc, cls.emulator, settings={
            "webhook": {"client_state_file": str(secret), "body_timeout": "1s"}, "graph": {"poll_interval": "24h"}})

    def setUp(self):
        if not (self.daemon.process and self.daemon.process.running()):
            self.daemon.start()
        self.settle()

    def settle(self):
        """Waits until no round is due any more."""
        expectation = tenants.expected(self.tenant)
        wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", 30)
        seen = []

        def quiet():
            seen.append(self.rounds())
            return len(seen) > 20 and seen[-1] == seen[-20]
        wait_until(quiet, "no round is due", 60, 0.1)

    def requests(self):
        return self.emulator.control("GET", "/requests?last=100000")["last"]

    def rounds(self):
        return len([one for one in self.requests() if "/delta" in one["target"]])

    def post(self, path, body=b"", method="POST"):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.webhook_port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, JSON)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def subscription(self):
        """The id of the groups subscription, or nothing while there is none."""
        return next((one["id"] for one in self.daemon.status()["subscriptions"] if one["resource"] == "groups"), None)

    def item(self, **changes):
        group = self.tenant["groups"][0]["id"]
        return {"subscriptionId": self.subscription(), "tenantId": TENANT_ID, "clientState": CLIENT_STATE,
                "changeType": "updated", "resource": f"Groups/{group}",
                "resourceData": {"@odata.type": "#Microsoft.Graph.Group", "id": group}, **changes}

    def notify(self, *items, path="/graph/notifications"):
        return self.post(path, json.dumps({"value": items}).encode())[0]

    def test_a_validation_token_comes_back_decoded_on_both_paths(self):
        for encoded, decoded in (("abc", b"abc"), ("a+b", b"a b"), ("a%2Bb%25", b"a+b%"),
                                 ("%3Cscript%3E", b"<script>"), ("%E2%9C%93%F0%9F%98%80", "✓😀".encode())):
            for path in ("/graph/notifications", "/graph/lifecycle"):
                with self.subTest(encoded + path):
                    status, headers, body = self.post(f"{path}?validationToken={encoded}")
                    self.assertEqual((200, decoded), (status, body))
                    self.assertTrue(headers["Content-Type"].startswith("text/plain"))
        self.assertEqual(405, self.post("/graph/notifications?validationToken=abc", method="GET")[0])
        self.assertEqual(400, self.post("/graph/notifications?validationToken=%zz")[0])

    def test_what_is_no_notification_is_refused(self):
        for body in (b"", b"{}", b"[]", b"nonsense", b'{"value": {}}', b'{"value": ' + b"[" * 200 + b"]" * 200 + b"}"):
            with self.subTest(body[:20]):
                self.assertEqual(400, self.post("/graph/notifications", body)[0])
        self.assertEqual(413, self.post("/graph/notifications", b"x" * (2 << 20))[0])
        for path in ("/", "/graph", "/notifications", "/graph/other", "/metrics", "/graph/notifications/more"):
            with self.subTest(path):
                self.assertEqual(404, self.post(path, b"{}")[0])
        for method in ("GET", "PUT", "DELETE"):
            self.assertEqual(405, self.post("/graph/lifecycle", method=method)[0])

    def test_a_body_that_does_not_come_is_not_waited_for(self):
        with socket.create_connection(("127.0.0.1", self.daemon.webhook_port)) as slow:
            slow.settimeout(20)
            slow.sendall(b"POST /graph/notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            self.assertIn(b" 408 ", slow.recv(1000).splitlines()[0])

    def test_a_forged_notification_starts_no_round_and_a_genuine_one_does(self):
        before = self.rounds()
        for forged in ({"clientState": "guessed"}, {"clientState": None}, {"tenantId": str(uuid.uuid4())},
                       {"subscriptionId": str(uuid.uuid4())}):
            self.notify(self.item(**forged))
        time.sleep(1)
        self.assertEqual(before, self.rounds())
        self.assertEqual(202, self.notify(self.item()))
        wait_until(lambda: self.rounds() > before, "a round begins", 10)
        metrics = self.daemon.admin("/metrics")[1]
        self.assertIn('group_writeback_notifications_received_total{outcome="accepted"}', metrics)
        self.assertIn('group_writeback_notifications_received_total{outcome="client-state"} 2', metrics)
        # What the hint stands for has not changed, so that rounds for it would go on for a minute.
        self.daemon.stop()
        for file in self.daemon.store.parent.glob("state.db-inbox*"):
            file.unlink()

    def test_each_lifecycle_event_is_answered_once(self):
        def calls(begin):
            return [(one["method"], one["status"]) for one in self.requests()[begin:]
                    if "/subscriptions" in one["target"]]
        begin = len(self.requests())
        self.assertEqual(202, self.notify(self.item(lifecycleEvent="reauthorizationRequired"),
                                          path="/graph/lifecycle"))
        wait_until(lambda: calls(begin), "it is answered", 10)
        time.sleep(1)
        self.assertEqual([("PATCH", 200)], calls(begin))
        before = self.rounds()
        self.notify(self.item(lifecycleEvent="missed"), path="/graph/lifecycle")
        wait_until(lambda: self.rounds() > before, "a round begins", 10)

        old = self.subscription()
        self.emulator.control("POST", f"/subscriptions/{old}/vanish")
        self.notify(self.item(lifecycleEvent="subscriptionRemoved"), path="/graph/lifecycle")
        wait_until(lambda: self.subscription() not in (None, old), "there is a new subscription", 20)
        group = self.tenant["groups"][1]
        group["description"] = "Told to the new subscription"
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"description": group["description"]})
        self.settle()

    def test_after_a_crash_or_a_lost_store_the_subscriptions_are_two_again(self):
        for lost in (False, True):
            with self.subTest(lost=lost):
                self.daemon.kill()
                if lost:
                    for file in self.daemon.store.parent.iterdir():
                        file.unlink()
                before = self.directory.highest_usn()
                self.daemon.start()
                self.settle()
                self.assertEqual(before, self.directory.highest_usn())
                self.assertEqual(2, len(self.emulator.control("GET", "/state")["subscriptions"]))
        self.assertEqual(["groups", "users"], sorted(one["resource"] for one in self.daemon.status()["subscriptions"]))

    def test_with_an_inbox_that_cannot_grow_the_answer_is_503_and_the_daemon_lives(self):
        self.daemon.stop()
        self.daemon.process = Process(
            ["bash", "-c", f"ulimit -f 512; exec {DAEMON} --config {self.daemon.config_file} serve 2> /dev/null"],
            self.daemon.folder / "limited.log")
        self.daemon.wait_ready()
        items = [self.item(resourceData={"id": str(uuid.uuid4())}) for _ in range(900)]
        answers = []
        while 503 not in answers:
            self.assertLess(len(answers), 100)
            answers.append(self.notify(*items))
        self.assertEqual({202, 503}, set(answers))
        self.assertTrue(self.daemon.process.running())
        self.assertEqual("degraded", self.daemon.status()["state"])
        self.assertEqual(0, self.daemon.process.stop(deadline=31))
        for file in self.daemon.store.parent.glob("state.db-inbox*"):
            file.unlink()

    def test_it_listens_on_a_unix_socket_too_also_when_an_old_one_lies_there(self):
        self.daemon.stop()
        kept = {name: dict(self.daemon.sections[name]) for name in ("webhook", "admin")}
        socket_file = self.rig.folder / "webhook.sock"
        self.daemon.sections["webhook"]["listen"] = f"unix:{socket_file}"
        self.daemon.sections["admin"]["listen"] = f"unix:{self.rig.folder}/admin.sock"
        self.daemon.write_config()
        for _ in range(2):
            self.daemon.start(ready=False)
            # The old socket's file tells nothing: only an answer shows that the new daemon listens.
            ask = ["curl", "-s", "--unix-socket", socket_file, "-X", "POST",
                   "http://localhost/graph/notifications?validationToken=a%20b"]
            answers = []

            def answered():
                answers.append(subprocess.run(ask, capture_output=True, timeout=20))
                return answers[-1].returncode == 0

            wait_until(answered, "it listens", 20)
            self.assertEqual(b"a b", answers[-1].stdout)
            self.assertEqual(0, self.daemon.command("status", "--json").returncode)
            self.daemon.kill()
        self.daemon.sections.update(kept)
        self.daemon.write_config()


if __name__ == "__main__":
    unittest.main(verbosity=2)
