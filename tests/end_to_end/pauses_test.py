#!/usr/bin/python3
"""Directory and cloud stand still in the middle of the work, as by SIGSTOP, and go on: what was asked and not answered is
neither lost nor done twice.

WRITEBACK_PAUSES=50 makes as many pauses of each kind instead of three.
"""
import os
import signal
import time
import unittest

import tenant as tenants
from crash_chain import CrashChain
from rig import Rig

PAUSES = int(os.environ.get("WRITEBACK_PAUSES", "3"))


class Pauses(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("pauses")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=200)
        users = [tenants.user_of(number, entry) for number, entry in enumerate(self.dc.users())]
        self.chain = CrashChain(self.rig, self.dc, "paused", users)
        # Short deadlines, so that a pause is longer than some and shorter than others.
        self.chain.daemon.sections["directory"].update(operation_timeout="2s", connect_timeout="2s", reconnect_most="1s")
        self.chain.daemon.sections["graph"].update(request_timeout="2s", poll_interval="2s")
        self.chain.daemon.write_config()
        self.chain.start()
        self.chain.converge("the first sync")

    def change_much(self):
        for change in ("member_added", "member_removed", "described", "renamed", "moved", "created", "fresh_member_added"):
            getattr(self.chain, change)()

    def live_through(self, pause, resume):
        for number in range(PAUSES):
            self.change_much()
            time.sleep(self.chain.chance.uniform(0, 0.4))  # somewhere in the work
            pause()
            time.sleep(self.chain.chance.choice([0.5, 2.5, 5]))
            resume()
            self.chain.converge(f"pause {number}")
        self.chain.begin_counting()
        self.chain.member_added()
        self.chain.converge("the last pause")
        self.chain.check_hints("the last pause")
        self.chain.daemon.wait_ready()
        self.chain.daemon.stop()

    def test_the_directory_stands_still(self):
        self.live_through(self.dc.pause, self.dc.resume)

    def test_the_cloud_stands_still(self):
        emulator = self.chain.emulator.process
        self.live_through(lambda: emulator.send(signal.SIGSTOP), lambda: emulator.send(signal.SIGCONT))

    def test_the_daemon_stands_still(self):
        daemon = self.chain.daemon
        self.live_through(lambda: daemon.process.send(signal.SIGSTOP), lambda: daemon.process.send(signal.SIGCONT))

    def test_killed_while_the_directory_stands_still(self):
        for number in range(PAUSES):
            self.change_much()
            time.sleep(self.chain.chance.uniform(0, 0.4))
            self.dc.pause()
            time.sleep(0.5)
            self.chain.end()
            self.dc.resume()
            self.chain.start()
            self.chain.converge(f"kill {number}")
        self.chain.daemon.wait_ready()
        self.chain.daemon.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
