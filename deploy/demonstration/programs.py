"""The emulator and the daemon as background processes: started, waited for, known again, ended."""

import dataclasses
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request

from lab_domain import process
from lab_domain.progress import Failure


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """One background program. Its process is written down in the folder `run`, so that a later
    command finds it; its output goes to the folder `log`."""

    def __init__(self, folder, name):
        self.name = name
        self._record = folder / "run" / f"{name}.json"
        self.log = folder / "log" / f"{name}.log"
        self._child = None

    def start(self, command):
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self._child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, start_new_session=True)
        observed = process.observe(self._child.pid)
        if observed is None:
            raise Failure(self._how_it_ended())
        self._record.write_text(json.dumps(dataclasses.asdict(observed)) + "\n")

    def _process(self):
        if not self._record.exists():
            return None
        return process.ServerProcess(**json.loads(self._record.read_text()))

    def wait_until(self, is_ready, deadline):
        """Waits for is_ready(); fails early, with the log's end, when the program ended."""
        ends = time.monotonic() + deadline
        while not is_ready():
            self.require_alive()
            if time.monotonic() > ends:
                raise Failure(f"{self.name} was not ready within {deadline} s: {self.tail()}")
            time.sleep(0.05)

    def require_alive(self):
        if not process.alive(self._process()):
            raise Failure(self._how_it_ended())

    def _how_it_ended(self):
        return f"{self.name} ended with status {self._child.wait(timeout=5)}: {self.tail()}"

    def stop(self, deadline=35):
        found = self._process()
        if found and process.members(found):
            process.stop(found, at_once=False, deadline=deadline)
        self._record.unlink(missing_ok=True)

    def tail(self, lines=15):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(["the log's end:", *(text.splitlines()[-lines:] or ["(empty)"])])


def answers(url, wanted=200):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == wanted
    except urllib.error.HTTPError as refused:
        return refused.code == wanted
    except OSError:
        return False
