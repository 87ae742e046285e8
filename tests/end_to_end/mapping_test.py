#!/usr/bin/python3
"""Attributes and containers as a mapping asks for them, with Exchange's schema and without it."""
import unittest

import ldap.dn
import tenant as tenants
from story import Story

EXTENSION = "extension_0123456789abcdef0123456789abcdef_adContainer"
EXCHANGE = {
    "mailNickname": "[mailNickname]", "targetAddress": 'Append("SMTP:",[mail])',
    "msExchHideFromAddressLists": 'IIF([visibility]="Private", True, False)',
    "hideDLMembership": 'IIF([visibility]="HiddenMembership", True, False)',
    "msExchRecipientDisplayType": "1", "reportToOriginator": "True",
}


class Mapping(Story):
    controller_options = ("--schema", "exchange", "--exchange-rights")

    def managed_by(self, group):
        [name] = self.attributes(group, "managedBy")["managedBy"] or [None]
        return name and name.rpartition(";")[2]

    def own(self, group, user):
        self.emulator.graph("POST", f"/groups/{group['id']}/owners/$ref",
                            {"@odata.id": f"{self.emulator.url}/v1.0/directoryObjects/{user}"})

    def disown(self, group, user):
        self.emulator.graph("DELETE", f"/groups/{group['id']}/owners/{user}/$ref")

    def dn_of(self, number):
        return f"CN={self.users[number]['displayName']},OU=People,{self.dc.base}"

    def unit(self, group):
        """The name of the unit that the group stands in."""
        return ldap.dn.explode_dn(self.found(group)["dn"], notypes=True)[1]

    def follow_the_owner(self, number, owners_in_stream):
        cloud_only = tenants.cloud_only_user(1)
        group = tenants.security_group(number, "Owned", self.ids[:5], owners=[cloud_only["id"], self.ids[7]])
        nobody = tenants.security_group(number + 1, "Owned by nobody", self.ids[:5], owners=[cloud_only["id"]])
        self.begin([group, nobody], {"mapping": {"managedBy": "[owners]"}}, users=[cloud_only], first=None)
        self.emulator.control("POST", "/delta", {"owners": owners_in_stream})
        self.once()
        self.assertEqual((self.dn_of(7), None), (self.managed_by(group), self.managed_by(nobody)))
        # One more owner is no reason to name another; one who left is.
        self.own(group, self.ids[3])
        self.once()
        self.assertEqual(self.dn_of(7), self.managed_by(group))
        self.disown(group, self.ids[7])
        self.once()
        self.assertEqual(self.dn_of(3), self.managed_by(group))
        self.disown(group, self.ids[3])
        self.once()
        self.assertIsNone(self.managed_by(group))
        self.assert_second_run_writes_nothing()

    def test_managed_by_follows_the_owner(self):
        self.follow_the_owner(1, owners_in_stream=True)

    def test_managed_by_follows_the_owner_where_the_stream_shows_none(self):
        self.follow_the_owner(3, owners_in_stream=False)

    def test_of_all_addresses_the_primary_one_is_written(self):
        team = tenants.microsoft365_group(10, "Team", self.ids[:5], proxyAddresses=[
            "smtp:old@contoso.example", "SMTP:team10@contoso.example", "x500:/o=Contoso/cn=team", "SIP:team@contoso.example"])
        security = tenants.security_group(11, "No mail", self.ids[:5])
        self.begin([team, security])
        self.assertEqual({"mail": ["team10@contoso.example"], "proxyAddresses": ["SMTP:team10@contoso.example"]},
                         self.attributes(team, "mail", "proxyAddresses"))
        self.assertEqual({"mail": [], "proxyAddresses": []}, self.attributes(security, "mail", "proxyAddresses"))
        self.patch(team, mail="new@contoso.example",
                   proxyAddresses=["SMTP:new@contoso.example", "smtp:team10@contoso.example"])
        self.once()
        self.assertEqual({"mail": ["new@contoso.example"], "proxyAddresses": ["SMTP:new@contoso.example"]},
                         self.attributes(team, "mail", "proxyAddresses"))

    def test_exchange_attributes_are_written_where_they_are_mapped(self):
        team = tenants.microsoft365_group(20, "Team", self.ids[:5], visibility="Private")
        hidden = tenants.microsoft365_group(21, "Hidden", self.ids[:5], visibility="HiddenMembership")
        self.begin([team, hidden], {"mapping": EXCHANGE})
        self.assertEqual({"mailNickname": ["team20"], "targetAddress": ["SMTP:team20@contoso.example"],
                          "msExchHideFromAddressLists": ["TRUE"], "hideDLMembership": ["FALSE"],
                          "msExchRecipientDisplayType": ["1"], "reportToOriginator": ["TRUE"]},
                         self.attributes(team, *EXCHANGE))
        self.assertEqual({"msExchHideFromAddressLists": ["FALSE"], "hideDLMembership": ["TRUE"]},
                         self.attributes(hidden, "msExchHideFromAddressLists", "hideDLMembership"))
        self.assert_second_run_writes_nothing()
        self.assertEqual(0, self.daemon.command("check-config", "--online").returncode)
        # What is no longer mapped is left as it is; what is mapped to nothing is removed.
        self.patch(team, visibility="Public")
        self.configure("mapping", mailNickname='IIF([visibility]="Public", "", [mailNickname])')
        self.assertEqual({"mailNickname": [], "msExchHideFromAddressLists": ["FALSE"]},
                         self.attributes(team, "mailNickname", "msExchHideFromAddressLists"))

    def test_attributes_follow_their_expressions_and_a_changed_mapping(self):
        group = tenants.security_group(30, "Sales Europe", self.ids[:5], description="From the cloud",
                                       classification="Internal", **{EXTENSION: "extended"})
        self.begin([group], {"mapping": {
            "info": 'Join(", ",[classification],[securityIdentifier])', "displayNamePrintable": "ToUpper([displayName])",
            "description": "", "displayName": f'Append(Append([displayName]," - "),[{EXTENSION}])'}})
        sid = self.emulator.graph("GET", f"/groups/{group['id']}")["securityIdentifier"]
        self.assertEqual({"info": ["Internal, " + sid], "displayNamePrintable": ["SALES EUROPE"], "description": [],
                          "displayName": ["Sales Europe - extended"]},
                         self.attributes(group, "info", "displayNamePrintable", "description", "displayName"))
        self.patch(group, classification="Public")
        self.patch(group, **{EXTENSION: "further"})
        self.once()
        self.assertEqual({"info": ["Public, " + sid], "displayName": ["Sales Europe - further"]},
                         self.attributes(group, "info", "displayName"))
        before = self.found(group)
        self.configure("mapping", cn='Append("Cloud ",[displayName])', description=None, displayName=None)
        after = self.found(group)
        self.assertEqual(("Cloud Sales Europe", "Sales Europe", "From the cloud", before["sid"]),
                         (after["cn"], after["displayName"], after["description"], after["sid"]))
        self.assert_second_run_writes_nothing()

    def test_the_account_name_stays_through_renames_unless_it_is_mapped(self):
        group = tenants.security_group(40, "First", self.ids[:5])
        twin = tenants.security_group(41, "Second", self.ids[:5])
        self.begin([group, twin])
        before = self.found(group)["sAMAccountName"]
        self.patch(group, displayName="Second")
        self.once()
        self.assertEqual(before, self.found(group)["sAMAccountName"])
        self.configure("mapping", sAMAccountName="[displayName]")
        names = {self.found(group)["sAMAccountName"], self.found(twin)["sAMAccountName"]}
        self.assertIn(names, [{"Second", "Second_" + one["id"][24:]} for one in (group, twin)])
        self.assert_second_run_writes_nothing()

    def test_what_ad_can_not_take_is_cut_or_held_before_any_write(self):
        long = tenants.security_group(50, "x" * 256, self.ids[:5], description="y" * 1000)
        odd = tenants.security_group(51, "a/b", self.ids[:5])
        plain = tenants.security_group(52, "plain", self.ids[:5])
        self.begin([long, odd, plain], {"mapping": {
            "cn": "[displayName]", "info": "[description]", "displayNamePrintable": 'Replace([displayName],,"a.b",,"ä",,)',
            "sAMAccountName": 'Left([displayName],20)'}}, first=None)
        self.once()
        self.assertEqual(("x" * 64, "y" * 1000), (self.found(long)["cn"], self.attributes(long, "info")["info"][0]))
        self.assertIsNotNone(self.found(plain))
        if self.found(odd) is None:
            [held] = self.held()
            self.assertEqual(("refused", odd["id"]), (held["reason"], held["group_id"]))
            self.assertNotIn(odd["id"], [one["group_id"] for one in self.daemon.audit()])

    def test_groups_stand_where_the_container_expression_says_and_move_when_it_changes(self):
        sales = tenants.security_group(60, "Sales", self.ids[:5], classification="Sales")
        other = tenants.security_group(61, "Other", self.ids[:5])
        inside = tenants.security_group(62, "Inside", [*self.ids[:5], sales["id"]], classification="Legal")
        self.begin([sales, other, inside], first=None, units=["Sales", "Legal", "Rest"])
        self.configure("mapping", parentDistinguishedName=(
            f'Switch([classification],"OU=Rest,{self.container}","Sales","OU=Sales,{self.container}",'
            f'"Legal","OU=Legal,{self.container}","Missing","OU=Missing,{self.container}","Away","OU=Other,{self.dc.base}")'))
        self.assertEqual(["Sales", "Rest", "Legal"], [self.unit(group) for group in (sales, other, inside)])
        before = self.found(sales)
        self.patch(sales, classification="Legal", displayName="Sales, moved")
        self.once()
        after = self.found(sales)
        self.assertEqual(("Legal", before["sid"], 5), (self.unit(sales), after["sid"], len(after["member_sids"])))
        self.assertIn(before["sid"], self.member_sids(inside))
        # A container that is not there, or not ours, is named, and the group stays as it stands.
        self.patch(sales, classification="Missing")
        self.patch(other, classification="Away")
        self.emulator.remove_member(inside["id"], self.ids[0])
        self.once()
        held = {one["group_id"]: one for one in self.held()}
        self.assertEqual({sales["id"]: "refused", other["id"]: "refused"},
                         {group: one["reason"] for group, one in held.items()})
        self.assertIn("OU=Missing", held[sales["id"]]["detail"])
        self.assertIn("OU=Other", held[other["id"]]["detail"])
        self.assertEqual(["Legal", "Rest", "Legal"], [self.unit(group) for group in (sales, other, inside)])
        self.assertEqual(5, len(self.member_sids(inside)))
        self.patch(other, classification=None)
        self.add(f"OU=Missing,{self.container}", objectClass="organizationalUnit")
        self.patch(sales, classification="Missing", description="there now")
        self.once()
        self.assertEqual([], self.held())
        self.assertEqual(["Missing", "Rest"], [self.unit(sales), self.unit(other)])
        self.assert_second_run_writes_nothing()

    def test_several_containers_hold_groups(self):
        first = tenants.security_group(70, "First", self.ids[:5])
        second = tenants.security_group(71, "Second", self.ids[:5], classification="Second")
        self.begin([first, second], first=None)
        away = self.add(f"OU=Second container,{self.dc.container}", objectClass="organizationalUnit")
        self.configure("directory", containers=[away], run=None)
        self.configure("mapping", parentDistinguishedName=(
            f'IIF([classification]="Second","{away}","{self.container}")'))
        everywhere = self.directory.groups()
        self.assertEqual([self.container, away], [everywhere["Group_" + group["id"]]["dn"].split(",", 1)[1]
                                                  for group in (first, second)])
        self.patch(second, classification="First")
        self.once()
        self.assertIsNotNone(self.found(second))
        self.assert_second_run_writes_nothing()
        online = self.daemon.command("check-config", "--online", check=0).stdout
        self.assertIn("Second container", online)


class WithoutExchange(Story):
    users_in_ad = 50

    def test_attributes_that_the_schema_does_not_have_are_left_out_and_told_once(self):
        team = tenants.microsoft365_group(100, "Team", self.ids[:5], visibility="Private")
        self.begin([team], {"mapping": EXCHANGE})
        self.assertEqual((5, tenants.UNIVERSAL_DISTRIBUTION),
                         (len(self.found(team)["member_sids"]), self.found(team)["groupType"]))
        self.assertEqual([], self.held())
        told = self.daemon.command("check-config", "--online", check=0)
        lines = [line for line in (told.stdout + told.stderr).splitlines()
                 if any(name in line for name in EXCHANGE)]
        self.assertEqual(1, len(lines), lines)
        for name in EXCHANGE:
            self.assertIn(name, lines[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
