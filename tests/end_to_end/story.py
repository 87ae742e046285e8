"""What the stories of mapping, selection and members share: one domain controller a file, and for each story a tenant,
an emulator, a container and a daemon of its own.
"""
import json
import unittest

import ldap
import tenant as tenants
from directory import Directory
from rig import Emulator, Rig


class Story(unittest.TestCase):
    users_in_ad = 50
    controller_options = ()

    @classmethod
    def setUpClass(cls):
        cls.rig = Rig(cls.__name__.lower())
        cls.addClassCleanup(cls.rig.close)
        cls.dc = cls.rig.domain_controller(users=cls.users_in_ad, options=cls.controller_options)
        cls.users = [tenants.user_of(number, entry) for number, entry in enumerate(cls.dc.users())]
        cls.ids = [user["id"] for user in cls.users]
        cls.sids = [user["onPremisesSecurityIdentifier"] for user in cls.users]
        cls.directory = Directory(cls.dc)
        cls.dc.bind_once()

    def begin(self, groups, settings=None, first=0, users=(), units=(), **collections):
        """`first` is the exit status of the first sync (None: it is not run); `units` are made in the container;
        further collections (devices, contacts, …) go into the tenant as they are."""
        name = self._testMethodName.removeprefix("test_")[:40].strip("_")
        self.folder = self.rig.folder / name
        self.folder.mkdir()
        file = self.folder / "tenant.json"
        file.write_text(json.dumps({"users": [*self.users, *users], "groups": groups, **collections}))
        self.emulator = Emulator(self.folder, file)
        self.addCleanup(self.emulator.stop)
        self.container = f"OU={name},{self.dc.container}"
        self.add(self.container, objectClass="organizationalUnit")
        for unit in units:
            self.add(f"OU={unit},{self.container}", objectClass="organizationalUnit")
        given = settings or {}
        self.daemon = self.rig.daemon(self.dc, self.emulator, name=name, webhook=False, settings={
            **given, "directory": {"container": self.container, **given.get("directory", {})}})
        if first is not None:
            self.once(first)

    def add(self, dn, **attributes):
        """Adds an object to AD as an administrator would."""
        listed = [(name, [value.encode() for value in ([values] if isinstance(values, str) else values)])
                  for name, values in attributes.items()]
        self.directory.connection().add_s(dn, listed)
        return dn

    def modify(self, dn, **attributes):
        """Replaces values in AD as an administrator would; an empty list removes the attribute."""
        self.directory.connection().modify_s(dn, [
            (ldap.MOD_REPLACE, name, [value.encode() for value in values] or None)
            for name, values in attributes.items()])

    def once(self, status=0):
        return self.daemon.command("once", check=status)

    def configure(self, section="groups", run=0, **settings):
        """Changes settings (None removes one) and runs again."""
        values = {**self.daemon.sections.get(section, {}), **settings}
        self.daemon.sections[section] = {key: value for key, value in values.items() if value is not None}
        self.daemon.write_config()
        if run is not None:
            self.once(run)

    def patch(self, group, **properties):
        self.emulator.graph("PATCH", f"/groups/{group['id']}", properties)
        group.update(properties)

    def found(self, group):
        """The group in AD, or None."""
        return self.directory.groups(self.container).get("Group_" + group["id"])

    def attributes(self, group, *names):
        """Values as text, attribute by attribute; [] for what is not set."""
        [(_, values)] = self.directory.search(self.found(group)["dn"], ldap.SCOPE_BASE, "(objectClass=*)", list(names))
        return {name: [value.decode() for value in values.get(name, [])] for name in names}

    def member_sids(self, group):
        return set(self.found(group)["member_sids"])

    def held(self):
        return json.loads(self.daemon.command("status", "--json", check=0).stdout)["held"]

    def held_reasons(self):
        return [(one["reason"], one["group_id"]) for one in self.held()]

    def assert_second_run_writes_nothing(self, status=0):
        before = self.directory.highest_usn()
        self.once(status)
        self.assertEqual(before, self.directory.highest_usn())

    def assert_foreign_principals(self, *sids):
        """Which foreign security principals AD holds beyond the well-known ones."""
        found = self.directory.search(f"CN=ForeignSecurityPrincipals,{self.dc.base}", ldap.SCOPE_ONELEVEL,
                                      "(cn=S-1-5-21-*)", ["cn"])
        self.assertEqual(set(sids), {values["cn"][0].decode() for _, values in found})
