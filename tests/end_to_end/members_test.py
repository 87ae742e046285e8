#!/usr/bin/python3
"""Every kind of member that a cloud group can have, and what of it stands in AD."""
import json
import unittest

import tenant as tenants
from directory import EXTENDED_DN
from story import Story

UNIVERSAL, GLOBAL, DOMAIN_LOCAL = "-2147483640", "-2147483646", "-2147483644"


class Members(Story):
    def ad_sid(self, dn):
        [(name, _)] = self.directory.search(dn, 0, "(objectClass=*)", ["cn"])
        return EXTENDED_DN.match(name).group(2)

    def ad_group(self, name, group_type):
        return self.ad_sid(self.add(f"CN={name},OU=Other,{self.dc.base}", objectClass="group", sAMAccountName=name,
                                    groupType=group_type))

    def ad_contact(self, name, *addresses, **attributes):
        return self.add(f"CN={name},OU=Other,{self.dc.base}", objectClass="contact",
                        proxyAddresses=["SMTP:" + address for address in addresses], **attributes)

    def status(self):
        return json.loads(self.daemon.command("status", "--json", check=0).stdout)

    def unresolved(self):
        return self.status()["members"]["unresolved"]

    def explained(self, group, member):
        return self.daemon.command("explain", group["id"], member, check=0).stdout

    def test_users_devices_and_groups_of_every_scope_that_ad_allows_become_members(self):
        computer = self.add(f"CN=PC1,OU=Other,{self.dc.base}", objectClass="computer", sAMAccountName="PC1$")
        device = tenants.device_of(1, self.ad_sid(computer))
        lonely = tenants.device_of(2, None, onPremisesSyncEnabled=None)
        synced = {scope: tenants.synced_group(number, self.ad_group(f"Synced{number}", scope), f"Synced{number}")
                  for number, scope in enumerate((UNIVERSAL, GLOBAL, DOMAIN_LOCAL), 1)}
        nested = tenants.security_group(10, "Nested", self.ids[:2])
        distant = tenants.microsoft365_group(11, "Team", self.ids[:2])
        group = tenants.security_group(12, "All kinds", [
            *self.ids[:5], device["id"], lonely["id"], nested["id"], *[one["id"] for one in synced.values()]])
        self.begin([group, nested, distant, *synced.values()], devices=[device, lonely],
                   users=[], servicePrincipals=[])
        expected = {*self.sids[:5], device["onPremisesSecurityIdentifier"], self.found(nested)["sid"],
                    *[synced[scope]["onPremisesSecurityIdentifier"] for scope in (UNIVERSAL, GLOBAL)]}
        self.assertEqual(expected, self.member_sids(group))
        self.assertEqual([], self.held())
        self.assertEqual(1, self.unresolved().get("domain-local"))
        self.assertIn("domain", self.explained(group, synced[DOMAIN_LOCAL]["id"]).lower())
        self.assert_second_run_writes_nothing()
        for member in (device, synced[UNIVERSAL], nested):
            self.emulator.remove_member(group["id"], member["id"])
        self.once()
        self.assertEqual(expected - {device["onPremisesSecurityIdentifier"], self.found(nested)["sid"],
                                     synced[UNIVERSAL]["onPremisesSecurityIdentifier"]}, self.member_sids(group))

    def test_contacts_are_members_of_mail_groups_where_exactly_one_stands_in_ad(self):
        there = self.ad_contact("There", "there@partner.example", mail="there@partner.example")
        self.ad_contact("Twin1", "twin@partner.example")
        self.ad_contact("Twin2", "twin@partner.example")
        contacts = [tenants.contact_of(number, address) for number, address in enumerate(
            ("there@partner.example", "twin@partner.example", "missing@partner.example"))]
        ids = [contact["id"] for contact in contacts]
        team = tenants.microsoft365_group(20, "Mail group", [*self.ids[:3], *ids])
        security = tenants.security_group(21, "No mail", [*self.ids[:3], *ids])
        self.begin([team, security], contacts=contacts)
        self.assertEqual({there, *[f"CN={user['displayName']},OU=People,{self.dc.base}" for user in self.users[:3]]},
                         set(self.found(team)["member_dns"]))
        self.assertEqual(set(self.sids[:3]), self.member_sids(security))
        self.assertEqual([], self.held())
        self.assert_second_run_writes_nothing()
        self.emulator.remove_member(team["id"], contacts[0]["id"])
        self.once()
        self.assertEqual(set(self.sids[:3]), self.member_sids(team))
        # One that appears in AD later is found without anybody asking for it.
        self.emulator.add_member(team["id"], contacts[0]["id"])
        self.once()
        self.assertIn(there, self.found(team)["member_dns"])

    def test_a_user_of_another_domain_becomes_no_foreign_security_principal(self):
        foreign = {"id": tenants.object_id("foreign", 1), "displayName": "Foreign", "accountEnabled": True,
                   "userPrincipalName": "foreign@fabrikam.example", "onPremisesSyncEnabled": True,
                   "onPremisesDomainName": "fabrikam.example", "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1105"}
        group = tenants.security_group(30, "Two domains", [*self.ids[:3], foreign["id"]])
        self.begin([group], users=[foreign])
        self.assertEqual(set(self.sids[:3]), self.member_sids(group))
        self.assert_foreign_principals()
        self.assertEqual(1, self.unresolved().get("other-domain"))
        self.assertEqual([], self.held())
        self.assertIn("domain", self.explained(group, foreign["id"]).lower())
        self.assert_second_run_writes_nothing()

    def test_groups_that_hold_each_other_come_to_stand_and_come_apart(self):
        ring = [tenants.security_group(40 + number, f"Ring {number}", [self.ids[number]]) for number in range(5)]
        for number, group in enumerate(ring):
            group["members"].append(ring[(number + 1) % 5]["id"])
        pair = [tenants.security_group(46, "Left"), tenants.security_group(47, "Right")]
        pair[0]["members"], pair[1]["members"] = [pair[1]["id"]], [pair[0]["id"]]
        self.begin([*ring, *pair])
        for group in [*ring, *pair]:
            expected = {self.sids[self.ids.index(one)] if one in self.ids else
                        self.found({"id": one})["sid"] for one in group["members"]}
            self.assertEqual(expected, self.member_sids(group))
        self.assertEqual([], self.held())
        self.assert_second_run_writes_nothing()
        self.emulator.graph("DELETE", f"/groups/{pair[0]['id']}")
        self.emulator.graph("DELETE", f"/directory/deletedItems/{pair[0]['id']}")
        self.once()
        self.assertIsNone(self.found(pair[0]))
        self.assertEqual(set(), self.member_sids(pair[1]))

    def test_additive_membership_keeps_what_we_did_not_write(self):
        group = tenants.security_group(50, "Additive", self.ids[:5])
        self.begin([group], {"groups": {"membership": "additive"}})
        dn = self.found(group)["dn"]
        self.modify(dn, member=[f"CN={user['displayName']},OU=People,{self.dc.base}" for user in
                                [*self.users[:5], self.users[20]]])
        self.emulator.add_member(group["id"], self.ids[6])
        self.emulator.remove_member(group["id"], self.ids[0])
        self.once()
        self.assertEqual({*self.sids[1:5], self.sids[6], self.sids[20]}, self.member_sids(group))
        # The store is lost: what AD holds beyond the cloud is still not ours to remove.
        for file in self.daemon.store.parent.glob("state.db*"):
            file.unlink()
        self.once()
        self.assertEqual({*self.sids[1:5], self.sids[6], self.sids[20]}, self.member_sids(group))
        # Once the cloud wants the member too, it is ours.
        self.emulator.add_member(group["id"], self.ids[20])
        self.once()
        self.emulator.remove_member(group["id"], self.ids[20])
        self.once()
        self.assertEqual({*self.sids[1:5], self.sids[6]}, self.member_sids(group))
        self.assert_second_run_writes_nothing()

    def test_authoritative_membership_takes_away_what_someone_else_added(self):
        group = tenants.security_group(60, "Authoritative", self.ids[:5])
        self.begin([group])
        self.modify(self.found(group)["dn"], member=[
            f"CN={user['displayName']},OU=People,{self.dc.base}" for user in [*self.users[1:5], self.users[20]]])
        self.once()
        self.assertEqual(set(self.sids[:5]), self.member_sids(group))


if __name__ == "__main__":
    unittest.main(verbosity=2)
