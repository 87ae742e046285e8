"""The server's process group: starting it, knowing it again, ending it.

A process is known by its id and its start time, so that another one that was given the same id
later is never touched. It leads a session of its own; all its children are in that session.
"""

import dataclasses
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from .progress import Failure, say

LDAP_PORT = 389


@dataclasses.dataclass(frozen=True)
class ServerProcess:
    pid: int
    started: int  # clock ticks since boot, as in /proc/PID/stat


def _stat(pid):
    """(state, session, start time) of a process, or None when it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()
    return None if fields[0] in "ZX" else (fields[0], int(fields[3]), int(fields[19]))


def observe(pid):
    stat = _stat(pid)
    return ServerProcess(pid, stat[2]) if stat else None


def alive(process):
    stat = _stat(process.pid)
    return stat is not None and stat[2] == process.started


def members(process):
    """The ids of all living processes of the server. The kernel gives no process an id that names
    a living session, so as long as one of ours lives the session's number is ours."""
    leader = _stat(process.pid)
    if leader and leader[2] != process.started:
        return []
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _stat(int(entry))
            if stat and stat[1] == process.pid and stat[2] >= process.started:
                found.append(int(entry))
    return found


def _signal(process, number):
    for pid in members(process):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def pause(process):
    _signal(process, signal.SIGSTOP)


def resume(process):
    _signal(process, signal.SIGCONT)


def stop(process, at_once, deadline=15):
    """Ends all processes: SIGTERM to the group first, SIGKILL for what outlasts the deadline."""
    if not at_once:
        _signal(process, signal.SIGCONT)
        _signal(process, signal.SIGTERM)
        if _wait_until_gone(process, deadline):
            return
        say(f"processes {members(process)} outlasted SIGTERM: SIGKILL")
    _signal(process, signal.SIGKILL)
    if not _wait_until_gone(process, deadline):
        raise Failure(f"processes {members(process)} can't be ended")


def _wait_until_gone(process, deadline):
    ends = time.monotonic() + deadline
    while members(process):
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def port_is_free(address, port):
    """Whether nobody listens; works without the right to bind the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            return True
        except PermissionError:
            pass
        except OSError:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        return probe.connect_ex((address, port)) != 0


def _may_bind_low_ports(address):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0 if os.geteuid() == 0 else LDAP_PORT))
        except PermissionError:
            return False
        except OSError:
            pass  # taken: so we were allowed to ask
    return True


def _with_bind_right(address):
    """What to put before the command so that it may bind ports below 1024."""
    if _may_bind_low_ports(address):
        return []
    if not shutil.which("sudo") or not shutil.which("setpriv"):
        raise Failure("LDAP's port 389 needs root, CAP_NET_BIND_SERVICE or sudo: run this as root, "
                      "or install sudo and allow it")
    return ["sudo", "setpriv", f"--reuid={os.getuid()}", f"--regid={os.getgid()}", "--init-groups",
            "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service", "--"]


def start(folder, address):
    """Starts samba as the leader of its own session and returns it; it may not be ready yet."""
    samba = shutil.which("samba") or "/usr/sbin/samba"
    if not os.path.exists(samba):
        raise Failure("samba is missing; install it with: deploy/packages directory")
    pid_file = folder / "run/started"
    pid_file.unlink(missing_ok=True)
    # The shell writes its own id and then becomes the server: so the id is known at once, however
    # many processes (sudo) stand between. `--fork` lets sudo end as soon as the server is started.
    script = 'echo $$ >"$1.new" && mv "$1.new" "$1" && exec "$2" -F -s "$3" -M prefork'
    with open(folder / "log/stdout", "ab") as log:
        command = [*_with_bind_right(address), "setsid", "--fork", "sh", "-c", script, "sh",
                   pid_file, samba, folder / "smb.conf"]
        started = subprocess.run([str(part) for part in command], check=False, cwd=folder,
                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if started.returncode != 0:
        raise Failure(f"samba can't be started ({started.returncode}): {log_tail(folder)}")
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if pid_file.exists():
            observed = observe(int(pid_file.read_text()))
            if observed is None:
                raise Failure(f"samba ended at once: {log_tail(folder)}")
            return observed
        time.sleep(0.01)
    raise Failure(f"samba wasn't started within 30 s: {log_tail(folder)}")


# An anonymous search of the rootDSE, encoded by hand: message 1, base scope, (objectClass=*).
_ROOT_DSE_SEARCH = bytes.fromhex("3025020101632004000a01000a0100020100020100010100870b") \
    + b"objectClass" + bytes.fromhex("3000")


def _answers_ldap(address):
    try:
        with socket.create_connection((address, LDAP_PORT), timeout=5) as connection:
            connection.sendall(_ROOT_DSE_SEARCH)
            return connection.recv(1) == b"\x30"
    except OSError:
        return False


def _accepts(address, port):
    try:
        socket.create_connection((address, port), timeout=5).close()
        return True
    except OSError:
        return False


def wait_until_ready(process, folder, address, deadline):
    """Returns when LDAP answers and TLS and Kerberos listen; fails early when the server ended."""
    ends = time.monotonic() + deadline
    while not (_answers_ldap(address) and _accepts(address, 636) and _accepts(address, 88)):
        if not alive(process):
            raise Failure(f"samba ended while it started: {log_tail(folder)}")
        if time.monotonic() > ends:
            raise Failure(f"samba did not answer within {deadline:g} s: {log_tail(folder)}")
        time.sleep(0.02)


def log_tail(folder, lines=15):
    text = ""
    for name in ("log/stdout", "log/log.samba"):
        path = folder / name
        if path.exists():
            text += path.read_text(errors="replace")
    return "\n".join(["the log's end:", *text.strip().splitlines()[-lines:]])
