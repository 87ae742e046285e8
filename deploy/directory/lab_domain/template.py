"""The template: a whole provisioned domain as one archive, made once, unpacked for each instance.

Failures: `Failure` with the reason; a half-made template is never left behind. Several processes
may ask for the same template at once: one builds, the others wait.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import logging
import os
import pathlib
import secrets
import shutil
import tempfile
import time

from . import certificates
from .layout import (ACCOUNTS, ADDRESSES, ADMINISTRATOR_PASSWORD, BASE, CONTAINER, DOMAIN, FACTS,
                     HOST, HOST_NAME, KEYTAB, NAMED_ADDRESSES, OTHER, OUTSIDE_GROUP_DN, PEOPLE,
                     REALM, RUN_TIME_FOLDERS, SERVICE_ACCOUNT, SERVICE_DN, SERVICE_PASSWORD,
                     smb_conf)
from .progress import Failure, others_write_to, run, say

SCHEMAS = ("plain", "windows-2016", "exchange")


@dataclasses.dataclass(frozen=True)
class Options:
    users: int = 100
    schema: str = "plain"
    exchange_rights: bool = False

    def key(self):
        """Another option, or a changed line of these sources, is another template."""
        digest = hashlib.sha256(repr(self).encode())
        for source in sorted(pathlib.Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        return f"{self.schema}-{self.users}-{digest.hexdigest()[:16]}"


def ensure(cache, options):
    """The path of the archive for these options; it is built if the cache doesn't hold it."""
    if not 0 <= options.users <= 1_000_000:
        raise Failure("--users must be between 0 and 1000000")
    cache = pathlib.Path(cache).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / f"{options.key()}.tar.zst"
    if archive.exists():
        return archive
    with open(cache / "building.lock", "w", encoding="utf-8") as lock:
        _wait_for_lock(lock)
        if not archive.exists():
            _build(archive, options)
    return archive


def _wait_for_lock(lock, deadline=900):
    ends = time.monotonic() + deadline
    told = False
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > ends:
            raise Failure(f"another process has been building a template for {deadline} s")
        if not told:
            say("another process builds a template: waiting for it")
            told = True
        time.sleep(0.1)


def _build(archive, options):
    work = pathlib.Path(tempfile.mkdtemp(prefix="building-", dir=archive.parent))
    try:
        domain = work / "domain"
        with others_write_to(work / "log"):
            _provision(domain)
            _fill(domain, options)
        _strip(domain)
        say("packing")
        packed = work / "packed"
        run(["tar", "-C", domain, "--sparse", "--zstd", "-cf", packed, "."])
        packed.rename(archive)
        say(f"template ready: {archive} ({archive.stat().st_size / 1e6:.1f} MB)")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _provision(domain):
    try:
        import samba.provision
        from samba.auth import system_session
        from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
    except ImportError:
        raise Failure("Samba's Python modules are missing; install them with: "
                      "deploy/packages directory") from None
    say("making certificates")
    for name in RUN_TIME_FOLDERS + ["secrets"]:
        (domain / name).mkdir(parents=True, mode=0o700)
    for name in (SERVICE_PASSWORD, ADMINISTRATOR_PASSWORD):
        # Every kind of character that AD's rules ask for; no newline, for `ldapsearch -y` would
        # take it as part of the password.
        (domain / name).write_text(f"{secrets.token_urlsafe(18)}.Aa1")
        (domain / name).chmod(0o600)
    say(f"provisioning {REALM} (about 5 s)")
    logger = logging.getLogger("provision")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    # The API, not samba-tool: that one sets NT ACLs on sysvol, which only root can, and which
    # nobody needs without file sharing.
    samba.provision.provision(
        logger, system_session(), targetdir=str(domain), realm=REALM, domain=DOMAIN, hostname=HOST,
        hostip=NAMED_ADDRESSES[0], adminpass=(domain / ADMINISTRATOR_PASSWORD).read_text(),
        serverrole="active directory domain controller", dns_backend="NONE",
        dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, skip_sysvolacl=True, useeadb=False,
        use_rfc2307=False, backend_store="mdb")
    # Samba makes a self-signed certificate only where none is.
    shutil.rmtree(domain / "private/tls", ignore_errors=True)
    certificates.make(domain / "private/tls")


def _fill(domain, options):
    from samba.auth import system_session
    from samba.param import LoadParm
    from samba.samdb import SamDB

    from . import delegation, schema

    configuration = domain / "smb.conf"
    configuration.write_text(smb_conf(domain, NAMED_ADDRESSES[0], fsync=False))
    parameters = LoadParm()
    parameters.load(str(configuration))

    def open_database():
        return SamDB(url=str(domain / "private/sam.ldb"), session_info=system_session(),
                     lp=parameters)

    say(f"extending the schema ({options.schema})")
    schema.extend(open_database, options.schema)
    samdb = open_database()
    say("adding organizational units and the service account")
    _add_objects(samdb, (domain / SERVICE_PASSWORD).read_text())
    delegation.delegate(samdb, CONTAINER, SERVICE_DN, options.exchange_rights)
    _add_users(samdb, options.users)
    say("exporting the keytab")
    _export_keytab(parameters, domain / KEYTAB)
    (domain / FACTS).write_text(json.dumps(
        {"domain_sid": str(samdb.get_domain_sid()), "first_user_rid": _first_user_rid(samdb),
         **dataclasses.asdict(options)}) + "\n")


def _add_objects(samdb, password):
    for unit in (CONTAINER, PEOPLE, OTHER, ACCOUNTS):
        samdb.add({"dn": unit, "objectClass": "organizationalUnit"})
    # For tests that must not be able to touch it.
    samdb.add({"dn": OUTSIDE_GROUP_DN, "objectClass": "group", "sAMAccountName": "Outside",
               "groupType": "-2147483640"})
    samdb.newuser(SERVICE_ACCOUNT, password, userou=ACCOUNTS.removesuffix(f",{BASE}"))
    samdb.setexpiry(f"(sAMAccountName={SERVICE_ACCOUNT})", 0, no_expiry_req=True)
    # Kerberos asks for the name that the client connects to; only a full Samba set-up adds any.
    names = [HOST_NAME, HOST, "localhost"] + ADDRESSES
    samdb.modify_ldif(f"dn: CN={HOST.upper()},OU=Domain Controllers,{BASE}\nchangetype: modify\n"
                      "add: servicePrincipalName\n"
                      + "".join(f"servicePrincipalName: ldap/{name}\n" for name in names))


def _add_users(samdb, count):
    """Users that can't log on: they are only there to be members."""
    password_not_required_disabled = "546"
    # One transaction each would sync each; one for all gets slower with every user.
    at_once = 250
    for first in range(1, count + 1, at_once):
        last = min(first + at_once - 1, count)
        samdb.transaction_start()
        try:
            for number in range(first, last + 1):
                name = f"user{number:04d}"
                samdb.add({"dn": f"CN={name},{PEOPLE}", "objectClass": "user",
                           "sAMAccountName": name,
                           "userPrincipalName": f"{name}@{REALM.lower()}",
                           "displayName": f"User {number:04d}",
                           "userAccountControl": password_not_required_disabled})
            samdb.transaction_commit()
        except BaseException:
            samdb.transaction_cancel()
            raise
        if last % 1000 == 0 or last == count:
            say(f"adding users: {last} of {count}")


def _first_user_rid(samdb):
    """user0001's; the others follow in order. 0 where there are none."""
    found = samdb.search(base=PEOPLE, expression="(sAMAccountName=user0001)", attrs=["objectSid"])
    if len(found) == 0:
        return 0
    sid = samdb.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()
    return int(sid.rpartition("-")[2])


def _export_keytab(parameters, keytab):
    import samba
    from samba.net import Net

    samba.enable_net_export_keytab()
    Net(None, parameters).export_keytab(keytab=str(keytab), principal=SERVICE_ACCOUNT)
    os.chmod(keytab, 0o600)


def _strip(domain):
    """Takes out what belongs to one instance and place."""
    (domain / "smb.conf").unlink()
    shutil.rmtree(domain / "etc", ignore_errors=True)
    for name in RUN_TIME_FOLDERS:
        shutil.rmtree(domain / name)
        (domain / name).mkdir(mode=0o700)
