"""What Active Directory holds, read as its own system account over LDAPI: independent of the daemon's LDAP code."""
import re

import ldap
import ldap.controls.libldap

EXTENDED_DN = re.compile(r"<GUID=([^>]+)>;(?:<SID=([^>]+)>;)?(.*)", re.DOTALL)


class Directory:
    def __init__(self, domain_controller):
        self.controller = domain_controller
        self._connection = None

    def connection(self):
        if self._connection is None:
            self._connection = ldap.initialize(self.controller.ldapi)
            self._connection.set_option(ldap.OPT_REFERRALS, 0)
            self._connection.set_option(ldap.OPT_TIMEOUT, 30)
        return self._connection

    def search(self, base, scope, filter_text, attributes):
        control = ldap.controls.LDAPControl("1.2.840.113556.1.4.529", True,
                                              encodedControlValue=b"\x30\x03\x02\x01\x01")
        try:
            return self._search(base, scope, filter_text, attributes, control)
        except ldap.SERVER_DOWN:  # the server was restarted by the test
            self._connection = None
            return self._search(base, scope, filter_text, attributes, control)

    def _search(self, base, scope, filter_text, attributes, control):
        message = self.connection().search_ext(base, scope, filter_text, attributes, serverctrls=[control])
        _, entries = self.connection().result(message)
        return [(dn, values) for dn, values in entries if dn is not None]

    def highest_usn(self):
        entry = self.connection().search_s("", ldap.SCOPE_BASE, "(objectClass=*)", ["highestCommittedUSN"])[0][1]
        return int(entry["highestCommittedUSN"][0])

    def groups(self, base=None):
        """mark -> group, for all groups below the container that bear a mark."""
        found = {}
        for dn, values in self.search(base or self.controller.container, ldap.SCOPE_SUBTREE, "(objectClass=group)",
                                      ["cn", "displayName", "description", "groupType", "member", "adminDescription",
                                       "sAMAccountName", "mail", "objectSid", "objectGUID"]):
            guid, sid, name = EXTENDED_DN.match(dn).groups()

            def text(attribute):
                return values[attribute][0].decode() if attribute in values else None

            mark = text("adminDescription")
            if mark is None:
                continue
            assert mark not in found, f"two groups bear {mark}: {found[mark]['dn']} and {name}"
            found[mark] = {"dn": name, "guid": guid, "sid": sid, "cn": text("cn"), "displayName": text("displayName"),
                           "description": text("description"), "groupType": int(text("groupType")), "mail": text("mail"),
                           "sAMAccountName": text("sAMAccountName"),
                           "member_dns": [EXTENDED_DN.match(member.decode()).group(3)
                                          for member in values.get("member", [])],
                           "member_sids": [EXTENDED_DN.match(member.decode()).group(2)
                                           for member in values.get("member", [])]}
        return found

    def differences(self, expectation, base=None):
        """Sentences that say where AD is not as expected; empty when it is, to the value."""
        actual = self.groups(base)
        mark_of_sid = {group["sid"]: mark for mark, group in actual.items()}
        found = []
        for mark in sorted(expectation.keys() - actual.keys()):
            found.append(f"{mark} is not in AD")
        for mark in sorted(actual.keys() - expectation.keys()):
            found.append(f"{mark} is in AD and should not be")
        for mark in sorted(expectation.keys() & actual.keys()):
            want, have = expectation[mark], actual[mark]
            for name in ("cn", "displayName", "description", "groupType"):
                if want[name] != have[name]:
                    found.append(f"{mark} has {name} {have[name]!r}, not {want[name]!r}")
            members = [mark_of_sid.get(sid, sid) for sid in have["member_sids"]]
            if len(members) != len(set(members)):
                found.append(f"{mark} holds a member twice")
            for member in sorted(want["members"] - set(members)):
                found.append(f"{mark} lacks {member}")
            for member in sorted(set(members) - want["members"]):
                found.append(f"{mark} has {member} and should not")
        return found
