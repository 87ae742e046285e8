#!/usr/bin/python3
"""kill -9 at every named place, before and after each durable step, with a real directory: nothing that was acknowledged
is lost, no group is made twice, no SID changes, and AD equals the cloud after the next start.

WRITEBACK_CRASH_ROUNDS=100 dies a hundred times at each place instead of three; WRITEBACK_CRASH_POINTS="before-page
after-page" takes only these.
"""
import os
import signal
import subprocess
import threading
import time
import traceback
import unittest

import tenant as tenants
from crash_chain import DEADLINE, CrashChain
from rig import BUILD_ROOT, Rig

ROUNDS = int(os.environ.get("WRITEBACK_CRASH_ROUNDS", "3"))
CHAINS = int(os.environ.get("WRITEBACK_CRASH_CHAINS", "3"))
ONLY = os.environ.get("WRITEBACK_CRASH_POINTS", "").split()

# What passes each step: (what happens while the daemon is dead, what happens while it runs).
DRIVERS = {
    "store-schema": ("store_lost", "nothing"), "inbox-schema": ("store_lost", "nothing"),
    "fact-bound": ("store_lost", "nothing"), "all-marked": ("store_lost", "nothing"),
    "crawl-page": ("store_lost", "nothing"), "users-begun": ("store_lost", "nothing"),
    "fact": (None, "edited_in_directory"), "watermark": (None, "edited_in_directory"),
    "page": (None, "members_changed"), "work-begun": (None, "members_changed"), "outcomes": (None, "members_changed"),
    "hints-appended": (None, "members_changed"), "hints-forgotten": (None, "members_changed"),
    "sweep-batch": (None, "tokens_expired"), "sweep-end": (None, "tokens_expired"),
    "position-forgotten": (None, "tokens_expired"), "everyone-asked-again": (None, "tokens_expired"),
    "users-page": (None, "user_changed"), "identities": (None, "fresh_member_added"),
    "direct-read": (None, "deleted_and_restored"),
    "marks": (None, "edited_in_directory"), "read-back": (None, "edited_in_directory"),
    "deletions-judged": (None, "deleted"), "request-done": (None, "resync_asked"),
    "subscription-stored": ("subscriptions_vanished", "nothing"),
    "subscription-forgotten": ("subscriptions_vanished", "nothing"),
    "subscription-created": ("subscriptions_vanished", "nothing"),
    "subscription-renewed": (None, "reauthorization_asked"),
    "subscription-removed": ("address_changed", "nothing"),
    "create-group": (None, "created"), "modify-group": (None, "described"), "rename-group": (None, "renamed"),
    "move-group": (None, "moved"), "convert-group": ("kinds_changed", "nothing"),
    "add-members": (None, "member_added"), "remove-members": (None, "member_removed"),
    "delete-group": (None, "deleted"), "start": (None, "nothing"), "stop": (None, "told_to_stop"),
}
# Steps of commands: the command dies, the daemon runs beside it.
COMMANDS = {"request": ["resync"], "decision": ["approve"]}
# No start of `serve` and no change in cloud or directory passes these by itself: they belong to groups that were deleted
# in AD, to owners that a mapping asks for, and to `adopt`, `disable` and `restore`, each with stories of its own.
NOT_DRIVEN = {"group-forgotten", "group-released", "owners-read", "restore-group", "mark-replaced"}
# While these are under way the peer has subscriptions that the daemon does not know yet: what comes for them is refused.
UNSETTLED = {"store_lost", "subscriptions_vanished", "address_changed"}


def all_points():
    listed = subprocess.run([BUILD_ROOT / "tests" / "end_to_end" / "crash-points"], capture_output=True, text=True,
                            check=True, timeout=30).stdout.split()
    return [point for point in listed if point.split("-", 1)[1] not in NOT_DRIVEN]


def die_once(chain, point):
    """The daemon dies at this place, driven there if need be."""
    step = point.split("-", 1)[1]
    if step in COMMANDS:
        return command_dies(chain, point, COMMANDS[step])
    while_dead, while_running = DRIVERS[step]
    if while_dead:
        # What is not in AD yet would be judged anew by a new store.
        if while_dead == "store_lost" or chain.unknown_to_store:
            chain.start()
            chain.converge("a death")
            chain.end()
        getattr(chain, while_dead)()
    if while_dead in UNSETTLED:
        chain.accepted_before = None
    chain.start(point)
    ends = time.monotonic() + DEADLINE
    equal = while_dead is None and chain.converge(point, or_dead=True)
    if equal and chain.accepted_before is None:
        chain.begin_counting()
    again = 0.0
    while not chain.dead:
        if time.monotonic() > ends:
            raise AssertionError(f"{point} was never passed:\n{chain.daemon.process.output()[-6000:]}")
        if time.monotonic() > again:
            getattr(chain, while_running)()
            again = time.monotonic() + 5
        time.sleep(0.02)
    chain.note_death(point)
    chain.check_hints(point)


def command_dies(chain, point, command):
    chain.start()
    chain.converge(point)
    result = chain.daemon.command(*command, environment={"GROUP_WRITEBACK_CRASH_AT": point})
    if result.returncode != -signal.SIGKILL:
        raise AssertionError(f"{point}: {command} ended with {result.returncode}: {result.stderr}")
    chain.daemon.command(*command, check=0)
    chain.members_changed()
    chain.converge(point)
    chain.end()
    chain.deaths += 1


class CrashPoints(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("crash-points")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=200)
        users = [tenants.user_of(number, entry) for number, entry in enumerate(self.dc.users())]
        self.chains = [CrashChain(self.rig, self.dc, f"chain{number}", users) for number in range(CHAINS)]
        self.broken = []

    def test_it_dies_at_every_place_and_the_next_start_makes_it_good(self):
        points = [point for point in all_points() if not ONLY or point in ONLY]
        self.assertEqual([], [point for point in points if point.split("-", 1)[1] not in DRIVERS | COMMANDS])
        self.assertGreaterEqual(len(points), 1 if ONLY else 40)
        work = [point for _ in range(ROUNDS) for point in points]
        lock = threading.Lock()
        threads = [threading.Thread(target=self.live, args=(chain, work, lock)) for chain in self.chains]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.broken:
            self.fail("\n\n".join(self.broken))
        deaths = sum(chain.deaths for chain in self.chains)
        self.assertEqual(ROUNDS * len(points), deaths)
        hints = sum(chain.hints_checked for chain in self.chains)
        self.assertGreaterEqual(hints, 0 if ONLY else 1)
        print(f"{deaths} deaths at {len(points)} places; AD was seen equal to the cloud "
              f"{sum(chain.converged_checks for chain in self.chains)} times, and {hints} notifications that were "
              "answered 202 were on disk")

    def live(self, chain, work, lock):
        point = "nothing yet"
        try:
            while not self.broken:
                with lock:
                    if not work:
                        break
                    point = work.pop(0)
                began = time.monotonic()
                die_once(chain, point)
                print(f"{chain.name} {point} {time.monotonic() - began:.2f} s", flush=True)
            chain.start()
            chain.converge(point)
            chain.daemon.wait_ready()
            chain.daemon.stop()
        except Exception:  # the other chains are to end, and the test tells
            self.broken.append(f"{chain.name} after {point}: {traceback.format_exc()}")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
