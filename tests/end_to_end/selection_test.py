#!/usr/bin/python3
"""Which groups are written back, by each way to select them, and what becomes of those that a change leaves out."""
import json
import unittest
import urllib.parse

import tenant as tenants
from rig import CLIENT_ID
from story import Story

SECURITY, DISTRIBUTION = tenants.UNIVERSAL_SECURITY, tenants.UNIVERSAL_DISTRIBUTION
TYPES = {"universalDistributionGroup": DISTRIBUTION, "universalSecurityGroup": SECURITY,
         "universalMailEnabledSecurityGroup": SECURITY}


def configuration(enabled, group_type=None):
    return {"isEnabled": enabled, "onPremisesGroupType": group_type}


class Selection(Story):
    def stand(self, groups):
        """For each group: how many members and of which type it is in AD, or None."""
        stands = self.directory.groups(self.container)
        found = [stands.get("Group_" + group["id"]) for group in groups]
        return [one and (len(one["member_sids"]), one["groupType"]) for one in found]

    def configure_writeback(self, group, value):
        token = self.emulator.token()
        self.emulator.raw("PATCH", f"/beta/groups/{group['id']}",
                          json.dumps({"writebackConfiguration": value}).encode(),
                          {"Authorization": "Bearer " + token, "Content-Type": "application/json"})

    def test_the_writeback_configuration_decides_by_its_table(self):
        cases = []  # (kind, configuration or nothing, group type in AD or nothing)
        for group_type, number in {None: DISTRIBUTION, **TYPES}.items():
            cases += [("team", configuration(None, group_type), number), ("team", configuration(True, group_type), number),
                      ("team", configuration(False, group_type), None)]
        cases += [("team", None, DISTRIBUTION), ("security", None, None), ("security", configuration(None), None),
                  ("security", configuration(True), SECURITY), ("security", configuration(False), None),
                  ("security", configuration(None, "universalSecurityGroup"), SECURITY),
                  ("security", configuration(True, "universalSecurityGroup"), SECURITY),
                  ("security", configuration(False, "universalSecurityGroup"), None)]
        groups = []
        for number, (kind, value, _) in enumerate(cases):
            make = tenants.microsoft365_group if kind == "team" else tenants.security_group
            more = {} if value is None else {"writebackConfiguration": value}
            groups.append(make(number, f"Case {number}", self.ids[:5], **more))
        self.begin(groups, {"groups": {"select": "writeback-configuration"}})
        wanted = [group_type and (5, group_type) for _, _, group_type in cases]
        for case, group, want, stands in zip(cases, groups, wanted, self.stand(groups)):
            with self.subTest(case):
                self.assertEqual(want, stands)
        self.assertEqual([], self.held())
        # A plain security group distributes no mail, also where Exchange Online does for the cloud's group.
        for (kind, value, number), group in zip(cases, groups):
            mailed = kind == "team" and (value or {}).get("onPremisesGroupType") != "universalSecurityGroup"
            if number:
                self.assertEqual(group["mail"] if mailed else None, self.found(group)["mail"])
        self.assert_second_run_writes_nothing()

        # It follows while it changes: out of scope empties, another type converts, the SID stays.
        team = groups[0]
        sid = self.found(team)["sid"]
        self.configure_writeback(team, configuration(False))
        self.once()
        self.assertEqual([(0, DISTRIBUTION)], self.stand([team]))
        self.configure_writeback(team, configuration(True, "universalSecurityGroup"))
        self.once()
        self.assertEqual([(5, SECURITY)], self.stand([team]))
        self.configure_writeback(team, None)
        self.once()
        self.assertEqual([(5, DISTRIBUTION)], self.stand([team]))
        self.assertEqual(sid, self.found(team)["sid"])

    def test_documented_defaults_of_the_writeback_configuration_decide_alike(self):
        team = tenants.microsoft365_group(100, "Team", self.ids[:5])
        security = tenants.security_group(101, "Security", self.ids[:5])
        chosen = tenants.security_group(102, "Chosen", self.ids[:5], writebackConfiguration=configuration(True))
        self.begin([team, security, chosen], {"groups": {"select": "writeback-configuration"}}, writebackDefaults=True)
        self.assertEqual([(5, DISTRIBUTION), None, (5, SECURITY)], self.stand([team, security, chosen]))

    def test_a_short_list_of_groups_is_all_that_is_asked_for(self):
        groups = [tenants.security_group(200 + number, f"Listed {number}", self.ids[:5]) for number in range(60)]
        listed = groups[:3]
        self.begin(groups, {"groups": {"select": "listed", "include": [group["id"] for group in listed]}})
        self.assertEqual([(5, SECURITY)] * 3 + [None] * 57, self.stand(groups))
        [first] = self.first_delta_calls()
        for group in listed:
            self.assertIn(f"id eq '{group['id']}'", first["$filter"][0])
        # A longer list brings groups that the stream has not shown yet.
        self.configure(include=[group["id"] for group in groups[:50]])
        self.assertEqual([(5, SECURITY)] * 50 + [None] * 10, self.stand(groups))
        self.assertEqual(50, self.first_delta_calls()[-1]["$filter"][0].count(" eq "))
        # More than the delta query can filter by.
        self.configure(include=[group["id"] for group in groups[:51]])
        self.assertEqual([(5, SECURITY)] * 51 + [None] * 9, self.stand(groups))
        self.assertNotIn("$filter", self.first_delta_calls()[-1])
        self.assert_second_run_writes_nothing()

    def first_delta_calls(self):
        """The options of those calls of groups/delta that began a stream."""
        calls = self.emulator.control("GET", "/requests?last=1000")["last"]
        asked = [urllib.parse.parse_qs(urllib.parse.urlsplit(call["target"]).query) for call in calls
                 if call["operation"] == "groups-delta"]
        return [options for options in asked if not {"$skiptoken", "$deltatoken"} & options.keys()]

    def test_an_expression_selects_and_a_group_enters_and_leaves_by_its_name(self):
        project = tenants.security_group(300, "PRJ-Falcon", self.ids[:5])
        other = tenants.security_group(301, "Falcon", self.ids[:5])
        self.begin([project, other], {"groups": {
            "select": "filter", "filter": 'IIF(Left([displayName],4)="PRJ-", True, False)'}})
        self.assertEqual([(5, SECURITY), None], self.stand([project, other]))
        self.patch(other, displayName="PRJ-Eagle")
        self.patch(project, displayName="Falcon (closed)")
        self.once()
        self.assertEqual([(0, SECURITY), (5, SECURITY)], self.stand([project, other]))
        self.patch(project, displayName="PRJ-Falcon")
        self.once()
        self.assertEqual([(5, SECURITY), (5, SECURITY)], self.stand([project, other]))

    def test_groups_that_are_assigned_to_our_application_are_written(self):
        assigned = tenants.security_group(400, "Assigned", self.ids[:5], appRoleAssignments=[CLIENT_ID])
        other = tenants.security_group(401, "Other", self.ids[:5])
        self.begin([assigned, other], {"groups": {"select": "assigned"}})
        self.assertEqual([(5, SECURITY), None], self.stand([assigned, other]))
        application = self.emulator.graph("GET", f"/servicePrincipals(appId='{CLIENT_ID}')")
        made = self.emulator.graph("POST", f"/groups/{other['id']}/appRoleAssignments", {
            "principalId": other["id"], "resourceId": application["id"],
            "appRoleId": "00000000-0000-0000-0000-000000000000"})
        self.once()
        self.assertEqual([(5, SECURITY), (5, SECURITY)], self.stand([assigned, other]))
        # A list that can't be read is no empty list.
        self.emulator.control("POST", "/permissions", {"granted": ["Group.Read.All", "User.Read.All"]})
        self.daemon.command("once")
        self.assertEqual([(5, SECURITY), (5, SECURITY)], self.stand([assigned, other]))
        self.emulator.control("POST", "/permissions", {"granted": None})
        self.emulator.graph("DELETE", f"/groups/{other['id']}/appRoleAssignments/{made['id']}")
        self.once()
        self.assertEqual([(5, SECURITY), (0, SECURITY)], self.stand([assigned, other]))

    def test_groups_for_roles_and_dynamic_groups_are_a_choice(self):
        plain = tenants.security_group(500, "Plain", self.ids[:5])
        role = tenants.security_group(501, "Role", self.ids[:5], isAssignableToRole=True)
        rule = {"membershipRule": 'user.department -eq "Guards"', "membershipRuleProcessingState": "On"}
        dynamic = tenants.security_group(502, "Dynamic", self.ids[:5], **rule) | {"groupTypes": ["DynamicMembership"]}
        team = tenants.microsoft365_group(503, "Dynamic team", self.ids[:5], **rule) | {
            "groupTypes": ["DynamicMembership", "Unified"]}
        groups = [plain, role, dynamic, team]
        there = [(5, SECURITY), (5, SECURITY), (5, SECURITY), (5, DISTRIBUTION)]
        self.begin(groups)
        self.assertEqual(there, self.stand(groups))
        self.configure(role_assignable=False)
        self.assertEqual([there[0], (0, SECURITY), *there[2:]], self.stand(groups))
        self.configure(role_assignable=None, dynamic=False)
        self.assertEqual([*there[:2], (0, SECURITY), (0, DISTRIBUTION)], self.stand(groups))
        self.configure(dynamic=None)
        self.assertEqual(there, self.stand(groups))

    def test_synced_groups_and_those_of_exchange_are_never_written(self):
        on = {"writebackConfiguration": configuration(True), "appRoleAssignments": [CLIENT_ID]}
        synced = tenants.synced_group(600, self.dc.domain_sid + "-999999", "Synced", self.ids[:5], **on)
        mail = {"mailEnabled": True, "mail": "list@contoso.example"}
        distribution = tenants.security_group(601, "Distribution", self.ids[:5], **on) | mail | {"securityEnabled": False}
        secured = tenants.security_group(602, "Mail-enabled", self.ids[:5], **on) | mail
        ordinary = tenants.security_group(603, "Ordinary", self.ids[:5], **on)
        groups = [synced, distribution, secured, ordinary]
        self.begin(groups)
        never = [None, None, None, (5, SECURITY)]
        self.assertEqual(never, self.stand(groups))
        for settings in ({"select": "listed", "include": [group["id"] for group in groups]},
                         {"select": "writeback-configuration", "include": None},
                         {"select": "assigned"}, {"select": "filter", "filter": "True"}):
            with self.subTest(settings["select"]):
                self.configure(**settings)
                self.assertEqual(never, self.stand(groups))
                self.assertEqual([], self.held())

    def test_another_scope_converges_through_the_guard(self):
        groups = [tenants.security_group(700 + number, f"Scope {number}", self.ids[:30]) for number in range(6)]
        self.begin(groups)
        self.assertEqual([(30, SECURITY)] * 6, self.stand(groups))
        self.configure(select="listed", include=[groups[0]["id"]], run=3)
        self.assertEqual([(30, SECURITY)] * 6, self.stand(groups))
        self.assertEqual({"guard"}, {one["reason"] for one in self.held()})
        # Back before anyone decided: nothing was lost, and nothing is held any more.
        self.configure(select=None, include=None)
        self.assertEqual([], self.held())
        self.configure(select="listed", include=[groups[0]["id"]], run=3)
        self.daemon.command("approve", check=0)
        self.once()
        self.assertEqual([(30, SECURITY)] + [(0, SECURITY)] * 5, self.stand(groups))
        self.configure(select=None, include=None)
        self.assertEqual([(30, SECURITY)] * 6, self.stand(groups))
        self.assert_second_run_writes_nothing()


if __name__ == "__main__":
    unittest.main(verbosity=2)
