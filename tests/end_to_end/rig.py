"""The whole system as processes, for end-to-end tests: a Samba domain controller, the Graph emulator, the daemon.

Everything listens on loopback addresses and free ports, lives in one temporary folder, and is ended by process id, so
that several runs work side by side. Waits have deadlines and say what they waited for.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

SOURCE_ROOT = Path(__file__).resolve().parents[2]
BUILD_ROOT = Path(os.environ.get("WRITEBACK_BUILD_ROOT", SOURCE_ROOT / "build"))
TEMPLATES = Path(os.environ.get("SAMBA_DC_TEMPLATES", BUILD_ROOT / "samba-templates"))
DAEMON = BUILD_ROOT / "src" / "group-writeback"
EMULATOR = BUILD_ROOT / "subprojects" / "graph-emulator" / "graph-emulator"
SAMBA_DC = SOURCE_ROOT / "deploy" / "directory" / "samba-dc"

TENANT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_ID = "66666666-7777-8888-9999-000000000000"
CLIENT_SECRET = "emulator-secret"


def wait_until(condition, what, deadline=60.0, pause=0.05):
    """Returns the condition's first true value; fails with `what` and its last value when the deadline passes."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:.0f} s in vain until {what}; last seen: {value!r}")
        time.sleep(pause)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program with its output in a file, ended by its own process group."""

    def __init__(self, arguments, log, environment=None):
        self.log = Path(log)
        self.arguments = [str(argument) for argument in arguments]
        self._file = open(self.log, "ab")
        self._popen = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=self._file,
                                       stderr=subprocess.STDOUT, start_new_session=True,
                                       env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self._popen.pid

    def running(self):
        return self._popen.poll() is None

    def output(self):
        return self.log.read_text(errors="replace")

    def send(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def wait(self, deadline=30.0):
        try:
            return self._popen.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.arguments[0]} did not end within {deadline} s:\n{self.output()[-3000:]}")

    def stop(self, number=signal.SIGTERM, deadline=35.0):
        self.send(number)
        try:
            return self._popen.wait(deadline)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self._popen.wait(10)
            raise AssertionError(f"{self.arguments[0]} had to be killed:\n{self.output()[-3000:]}")
        finally:
            self._file.close()

    def kill(self):
        self.send(signal.SIGKILL)
        self._popen.wait(10)
        self._file.close()


class DomainController:
    def __init__(self, folder, users=200, options=()):
        self.folder = Path(folder)
        self._run("start", "--template", TEMPLATES, "--users", users, *options)
        environment = json.loads((self.folder / "environment.json").read_text())
        self.url = environment["SAMBA_URL"]
        self.plain_url = environment["SAMBA_PLAIN_URL"]
        self.base = environment["SAMBA_BASE"]
        self.container = environment["SAMBA_CONTAINER"]
        self.bind_dn = environment["SAMBA_BIND_DN"]
        self.password_file = environment["SAMBA_PASSWORD_FILE"]
        self.ca_file = environment["SAMBA_CA_FILE"]
        self.ldapi = environment["SAMBA_LDAPI"]
        self.domain_sid = environment["SAMBA_DOMAIN_SID"]

    def _run(self, command, *arguments):
        result = subprocess.run([SAMBA_DC, command, "--folder", self.folder, *map(str, arguments)],
                                capture_output=True, text=True, timeout=300)
        if result.returncode != 0:
            raise AssertionError(f"samba-dc {command} failed: {result.stderr[-3000:]}")
        return result.stdout

    def users(self):
        return json.loads(self._run("users"))

    def bind_once(self):
        """The first bind of an account stamps its last logon, which moves the directory's USN by one."""
        subprocess.run(["ldapsearch", "-x", "-H", self.url, "-D", self.bind_dn, "-y", self.password_file, "-s", "base",
                        "-b", self.base, "dn"], check=True, capture_output=True, timeout=30,
                       env={**os.environ, "LDAPTLS_CACERT": self.ca_file})

    def start(self):
        self._run("start")

    def stop(self, now=False):
        self._run("stop", *(["--now"] if now else []))

    def pause(self):
        self._run("pause")

    def resume(self):
        self._run("resume")

    def remove(self):
        self._run("stop", "--now", "--remove")


class Emulator:
    """The Graph emulator, and a small client that speaks Graph's own verbs to it."""

    def __init__(self, folder, tenant_file, options=()):
        self.process = Process([EMULATOR, "--listen", "127.0.0.1:0", "--tenant", tenant_file, *options],
                               Path(folder) / "emulator.log")
        found = wait_until(lambda: re.search(r"listening on (http://\S+)", self.process.output()) or
                           not self.process.running(), "the emulator listens", 30)
        if found is True:
            raise AssertionError("the emulator ended: " + self.process.output())
        self.url = found[1]
        self._token = None

    def token(self):
        body = (f"client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&grant_type=client_credentials"
                "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default")
        reply = self.raw("POST", f"/{TENANT_ID}/oauth2/v2.0/token", body.encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"})
        return reply["access_token"]

    def raw(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:2000]!r}") from error
        return json.loads(content) if content else None

    def graph(self, method, path, value=None):
        """One call of Graph's v1.0, with a token."""
        if self._token is None:
            self._token = self.token()
        headers = {"Authorization": "Bearer " + self._token}
        body = None
        if value is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(value).encode()
        return self.raw(method, "/v1.0" + path, body, headers)

    def control(self, method, path, value=None):
        body = json.dumps(value).encode() if value is not None else None
        return self.raw(method, "/emulator" + path, body, {"Content-Type": "application/json"})

    def add_member(self, group, member):
        self.graph("POST", f"/groups/{group}/members/$ref",
                   {"@odata.id": f"{self.url}/v1.0/directoryObjects/{member}"})

    def remove_member(self, group, member):
        self.graph("DELETE", f"/groups/{group}/members/{member}/$ref")

    def stop(self):
        self.process.stop()


class Daemon:
    """The program under test with its configuration, its store and its log."""

    def __init__(self, folder, domain_controller, emulator, settings=None, webhook=True):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config_file = self.folder / "config.toml"
        self.store = self.folder / "state" / "state.db"
        self.store.parent.mkdir(exist_ok=True)
        self.audit_file = self.folder / "audit.jsonl"
        self.webhook_port = free_port()
        self.admin_port = free_port()
        secret = self.folder / "graph-secret"
        secret.write_text(CLIENT_SECRET + "\n")
        secret.chmod(0o600)
        self.process = None
        self.sections = self._sections(domain_controller, emulator, secret, webhook)
        for section, values in (settings or {}).items():
            self.sections.setdefault(section, {}).update(values)
        self.write_config()

    def _sections(self, domain_controller, emulator, secret, webhook):
        sections = {
            "graph": {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret_file": str(secret),
                      "authority": emulator.url, "endpoint": emulator.url, "poll_interval": "60s"},
            "directory": {"servers": [domain_controller.url], "bind": "simple", "bind_dn": domain_controller.bind_dn,
                          "password_file": domain_controller.password_file, "ca_file": domain_controller.ca_file,
                          "container": domain_controller.container},
            "groups": {"policy": "full"},
            "store": {"path": str(self.store)},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}"},
            "log": {"level": "debug", "audit_file": str(self.audit_file)},
        }
        if webhook:
            sections["webhook"] = {"listen": f"127.0.0.1:{self.webhook_port}",
                                   "public_url": f"http://127.0.0.1:{self.webhook_port}/graph"}
        return sections

    def write_config(self):
        lines = []
        for section, values in self.sections.items():
            lines.append(f"[{section}]")
            for name, value in values.items():
                lines.append(f"{name} = {json.dumps(value)}")
        self.config_file.write_text("\n".join(lines) + "\n")

    def command(self, *arguments, deadline=300, check=None, environment=None):
        """Runs one command to its end; `check` is the exit status it must have."""
        result = subprocess.run([DAEMON, "--config", self.config_file, *map(str, arguments)], capture_output=True,
                                text=True, timeout=deadline, stdin=subprocess.DEVNULL,
                                env={**os.environ, **(environment or {})})
        if check is not None and result.returncode != check:
            raise AssertionError(f"{' '.join(map(str, arguments))} exited {result.returncode}, not {check}:\n"
                                 f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}")
        return result

    def start(self, ready=True, environment=None):
        self.process = Process([DAEMON, "--config", self.config_file, "serve"], self.folder / "serve.log", environment)
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, deadline=60):
        def ready():
            if not self.process.running():
                raise AssertionError("serve ended: " + self.process.output()[-3000:])
            return self.readiness()[0] == 200
        try:
            wait_until(ready, "the daemon is ready", deadline)
        except AssertionError as error:
            raise AssertionError(f"{error}; /readyz says {self.readiness()}; log: {self.process.output()[-3000:]}")

    def admin(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def readiness(self):
        return self.admin("/readyz")

    def status(self):
        code, text = self.admin("/api/v1/status")
        return json.loads(text) if code == 200 else None

    def stop(self, deadline=35):
        code = self.process.stop(deadline=deadline)
        if code != 0:
            raise AssertionError(f"serve ended with {code}: {self.process.output()[-3000:]}")

    def kill(self):
        self.process.kill()

    def audit(self):
        if not self.audit_file.exists():
            return []
        return [json.loads(line) for line in self.audit_file.read_text().splitlines()]


class Rig(contextlib.AbstractContextManager):
    """A temporary folder with the parts a test asks for; everything in it ends with it."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(prefix=f"writeback-{name}-"))
        self._ends = []

    def domain_controller(self, **options):
        controller = DomainController(self.folder / "dc", **options)
        self._ends.append(controller.remove)
        return controller

    def emulator(self, tenant, options=()):
        file = self.folder / "tenant.json"
        file.write_text(json.dumps(tenant, ensure_ascii=False))
        emulator = Emulator(self.folder, file, options)
        self._ends.append(emulator.stop)
        return emulator

    def daemon(self, domain_controller, emulator, name="daemon", **options):
        daemon = Daemon(self.folder / name, domain_controller, emulator, **options)
        self._ends.append(lambda: daemon.process and daemon.process.running() and daemon.kill())
        return daemon

    def also_end(self, end):
        self._ends.append(end)

    def close(self, keep=False):
        for end in reversed(self._ends):
            try:
                end()
            except Exception as error:  # the other parts must end all the same
                print(f"while ending: {error}", file=sys.stderr)
        if not keep and "WRITEBACK_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(self, *details):
        self.close(keep=details[0] is not None and "WRITEBACK_KEEP" in os.environ)


class Repeatedly(threading.Thread):
    """Does something again and again beside the test, and keeps what it returned."""

    def __init__(self, action, pause):
        super().__init__(daemon=True)
        self.results = []
        self._action, self._pause, self._end = action, pause, threading.Event()
        self.start()

    def run(self):
        while not self._end.wait(self._pause):
            self.results.append(self._action())

    def finish(self):
        self._end.set()
        self.join(30)
        return self.results
