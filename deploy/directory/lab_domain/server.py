"""One instance of the lab domain: a folder, an address, a running server."""

import dataclasses
import fcntl
import json
import pathlib
import random
import shlex
import shutil

from . import process
from .layout import (ADDRESSES, ADMINISTRATOR_DN, ADMINISTRATOR_PASSWORD, AUTOMATIC_ADDRESSES,
                     BASE, CERTIFICATE_AUTHORITY, CONTAINER, FACTS, KEYTAB, LDAPI, PEOPLE, REALM,
                     SERVICE_ACCOUNT, SERVICE_DN, SERVICE_PASSWORD, krb5_conf, smb_conf)
from .progress import Failure, run, say

LONGEST_UNIX_SOCKET_PATH = 107


class Instance:
    """Its folder is the whole state: an instance may be stopped and started by different runs."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.environment_file = self.folder / "environment"
        self._settings_file = self.folder / "environment.json"
        self._process_file = self.folder / "process.json"

    def exists(self):
        return self._settings_file.exists()

    def require(self):
        if not self.exists():
            raise Failure(f"{self.folder} holds no domain controller")
        return self

    def settings(self):
        return json.loads(self._settings_file.read_text())

    # ----- making and removing -----

    def create(self, archive, cache, address, fsync):
        """Unpacks the template and writes the configuration; nothing runs yet."""
        longest = len(str(self.folder / LDAPI))
        if longest > LONGEST_UNIX_SOCKET_PATH:
            raise Failure(f"{self.folder} is too long a path for the server's sockets: choose one "
                          f"that is {longest - LONGEST_UNIX_SOCKET_PATH} characters shorter")
        if self.folder.exists() and any(self.folder.iterdir()):
            raise Failure(f"{self.folder} is not empty and holds no domain controller: name "
                          "another")
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            chosen = self._reserve_address(pathlib.Path(cache).resolve(), address)
            run(["tar", "-C", self.folder, "--no-same-owner", "--same-permissions", "--zstd",
                 "-xf", archive])
            (self.folder / "smb.conf").write_text(smb_conf(self.folder, chosen, fsync))
            (self.folder / "krb5.conf").write_text(krb5_conf(chosen))
            shutil.copy(self.folder / CERTIFICATE_AUTHORITY, self.folder / "ca.pem")
            self._write_environment(chosen, pid=0)
        except BaseException:
            self.remove()
            raise

    def remove(self):
        """Removes the folder; the server must have been stopped."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _reserve_address(self, cache, wanted):
        """An address that no server uses and no other instance of this cache has reserved. The
        reservation holds while the instance's folder exists, so also while it is stopped."""
        if wanted != "auto" and wanted not in ADDRESSES:
            raise Failure(f"the certificate doesn't cover {wanted}: name one of 127.0.0.53 to "
                          "127.0.0.62 or 127.0.53.1 to 127.0.53.254, or auto")
        reservations = cache / "addresses"
        reservations.mkdir(parents=True, exist_ok=True)
        candidates = [wanted] if wanted != "auto" else random.sample(
            AUTOMATIC_ADDRESSES, len(AUTOMATIC_ADDRESSES))
        with open(cache / "addresses.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for address in candidates:
                reservation = reservations / address
                if reservation.exists():
                    holder = pathlib.Path(reservation.read_text())
                    if holder != self.folder and holder.exists():
                        continue
                if all(process.port_is_free(address, port) for port in (389, 636, 88)):
                    reservation.write_text(str(self.folder))
                    return address
        if wanted == "auto":
            raise Failure("no free address from 127.0.53.1 to 127.0.53.254")
        raise Failure(f"{wanted} is in use: name another address, or auto")

    def _write_environment(self, address, pid):
        folder = self.folder
        facts = json.loads((folder / FACTS).read_text())
        values = {
            "SAMBA_ADDRESS": address,
            "SAMBA_URL": f"ldaps://{address}",
            "SAMBA_PLAIN_URL": f"ldap://{address}",
            "SAMBA_LDAPI": "ldapi://" + str(folder / LDAPI).replace("/", "%2F"),
            "SAMBA_BASE": BASE,
            "SAMBA_CONTAINER": CONTAINER,
            "SAMBA_PEOPLE": PEOPLE,
            "SAMBA_BIND_DN": SERVICE_DN,
            "SAMBA_PASSWORD_FILE": str(folder / SERVICE_PASSWORD),
            "SAMBA_CA_FILE": str(folder / "ca.pem"),
            "SAMBA_ADMIN_DN": ADMINISTRATOR_DN,
            "SAMBA_ADMIN_PASSWORD_FILE": str(folder / ADMINISTRATOR_PASSWORD),
            "SAMBA_DOMAIN_SID": facts["domain_sid"],
            "SAMBA_FIRST_USER_RID": str(facts["first_user_rid"]),
            "SAMBA_REALM": REALM,
            "SAMBA_PRINCIPAL": f"{SERVICE_ACCOUNT}@{REALM}",
            "SAMBA_KEYTAB": str(folder / KEYTAB),
            "SAMBA_KRB5_CONFIG": str(folder / "krb5.conf"),
            "SAMBA_SMB_CONF": str(folder / "smb.conf"),
            "SAMBA_PID": str(pid),
        }
        _replace(self.environment_file, "".join(
            f"{name}={shlex.quote(value)}\n" for name, value in values.items()))
        _replace(self._settings_file, json.dumps(values, indent=1) + "\n")

    # ----- the server's process -----

    def find_process(self):
        """The server's process as it was started last, if any of it still lives."""
        if not self._process_file.exists():
            return None
        found = process.ServerProcess(**json.loads(self._process_file.read_text()))
        return found if process.members(found) else None

    def running_process(self):
        found = self.find_process()
        if found is None:
            raise Failure(f"the domain controller in {self.folder} isn't running")
        return found

    def start_again(self, deadline):
        running = self.find_process()
        if running and process.alive(running):
            say(f"already running, pid {running.pid}")
            return
        if running:
            process.stop(running, at_once=True)  # remains of a server whose leader died
        address = self.settings()["SAMBA_ADDRESS"]
        started = process.start(self.folder, address)
        _replace(self._process_file, json.dumps(dataclasses.asdict(started)) + "\n")
        try:
            process.wait_until_ready(started, self.folder, address, deadline)
        except BaseException:
            process.stop(started, at_once=True)
            raise
        self._write_environment(address, started.pid)
        say(f"ready: ldaps://{address}, pid {started.pid}")

    def stop(self, at_once):
        running = self.find_process()
        if running:
            process.stop(running, at_once)
            say(f"stopped, pid {running.pid}")
        self._process_file.unlink(missing_ok=True)

    # ----- what is in the directory -----

    def users(self, base=None):
        """All users below the base, by the server's own socket; needs no password."""
        import uuid

        import ldb
        from samba.param import LoadParm
        from samba.samdb import SamDB

        self.running_process()
        parameters = LoadParm()
        parameters.load(str(self.folder / "smb.conf"))
        names = ("sAMAccountName", "userPrincipalName", "displayName")
        try:
            samdb = SamDB(url=self.settings()["SAMBA_LDAPI"], lp=parameters)
            found = samdb.search(base=base or PEOPLE, scope=ldb.SCOPE_SUBTREE,
                                 expression="(&(objectCategory=person)(objectClass=user))",
                                 attrs=["objectSid", "objectGUID", *names])
        except ldb.LdbError as error:
            raise Failure(f"the search for users failed: {error}") from None
        people = [{"dn": str(entry.dn),
                   "sid": samdb.schema_format_value("objectSid", entry["objectSid"][0]).decode(),
                   "objectGUID": str(uuid.UUID(bytes_le=entry["objectGUID"][0])),
                   **{name: str(entry[name][0]) for name in names if name in entry}}
                  for entry in found]
        return sorted(people, key=lambda person: person["dn"])


def _replace(path, text):
    """Readers see the old text or the new one, never a part."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    new.rename(path)
