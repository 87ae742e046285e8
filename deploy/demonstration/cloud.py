"""The cloud's side: a small made-up tenant, and the calls of Microsoft Graph that change it."""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid

from lab_domain.progress import Failure

TENANT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_ID = "66666666-7777-8888-9999-000000000000"
SECRET = "emulator-secret"  # guards nothing but made-up data
CLOUD_ONLY_USERS = 3

# name: (Microsoft 365 group, description, numbers of its users, names of its groups)
_GROUPS = {
    "Finance": (False, "Budgets and invoices", range(1, 9), []),
    "Finance Approvers": (False, "May approve payments", [1, 2, 3], []),
    "Human Resources": (False, None, range(9, 15), []),
    "Information Technology": (False, "Runs the machines", range(15, 25), ["Help Desk"]),
    "Help Desk": (False, "First line", range(20, 28), []),
    "Sales Europe": (False, "Accounts in Europe", range(25, 35), []),
    "Sales Overseas": (False, "Accounts elsewhere", range(33, 39), []),
    "Sales": (False, "Everyone in sales", [], ["Sales Europe", "Sales Overseas"]),
    "Works Council": (False, "Elected until 2028", [4, 12, 21, 30], []),
    "Project Búzios": (True, "Opening the new site, “phase two”", range(5, 17), []),
    "Company Sports": (True, "Football, rowing, chess", range(1, 40, 3), []),
    "Alumni": (False, "Nobody yet", [], []),
}


def make_tenant(people):
    """The tenant as data, with the given people of Active Directory as synchronised users and some
    that exist in the cloud only."""
    def made_up_id(kind, name):  # the same in each run
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{kind}.quickstart.test"))

    users = [{"id": made_up_id("user", person["sAMAccountName"]),
              "displayName": person["displayName"],
              "userPrincipalName": person["userPrincipalName"],
              "onPremisesSyncEnabled": True,
              "onPremisesSamAccountName": person["sAMAccountName"],
              "onPremisesSecurityIdentifier": person["sid"]} for person in people]
    cloud_only = [{"id": made_up_id("user", f"guest{number}"), "displayName": f"Guest {number}",
                   "userPrincipalName": f"guest{number}@quickstart.test"}
                  for number in range(1, CLOUD_ONLY_USERS + 1)]
    groups = []
    for name, (microsoft365, description, numbers, nested) in _GROUPS.items():
        members = [users[number - 1]["id"] for number in numbers]
        members += [made_up_id("group", other) for other in nested]
        if microsoft365:
            members += [guest["id"] for guest in cloud_only]
        nickname = "".join(letter for letter in name if letter.isascii() and letter.isalnum())
        groups.append({"id": made_up_id("group", name), "displayName": name,
                       "description": description, "mailNickname": nickname,
                       "mailEnabled": microsoft365, "securityEnabled": not microsoft365,
                       "groupTypes": ["Unified"] if microsoft365 else [],
                       **({"mail": f"{nickname.lower()}@quickstart.test"} if microsoft365 else {}),
                       "members": members})
    return {"users": users + cloud_only, "groups": groups}


class Graph:
    """Microsoft Graph as any application calls it."""

    def __init__(self, address):
        self.address = address
        self._token = None

    def _send(self, method, url, body=None, headers=None):
        request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                text = response.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace")[:500]
            raise Failure(f"Graph refused {method} {url}: {refused.code} {said}") from None

    def _authorization(self):
        if self._token is None:
            answer = self._send(
                "POST", f"{self.address}/{TENANT_ID}/oauth2/v2.0/token",
                urllib.parse.urlencode({
                    "grant_type": "client_credentials", "client_id": CLIENT_ID,
                    "client_secret": SECRET, "scope": "https://graph.microsoft.com/.default",
                }).encode())
            self._token = answer["access_token"]
        return {"Authorization": f"Bearer {self._token}"}

    def call(self, method, path, body=None):
        headers = self._authorization()
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        return self._send(method, f"{self.address}/v1.0{path}", body, headers)

    def all(self, path):
        """All items of a collection, page after page."""
        page = self.call("GET", path)
        yield from page["value"]
        while "@odata.nextLink" in page:
            page = self._send("GET", page["@odata.nextLink"], headers=self._authorization())
            yield from page["value"]

    def groups(self):
        """Every group as AD should show it: by its mark, with members by SID or by mark."""
        sids = {user["id"]: user.get("onPremisesSecurityIdentifier") for user in self.all(
            "/users?$select=id,onPremisesSecurityIdentifier")}
        listed = list(self.all(
            "/groups?$select=id,displayName,description,groupTypes,securityEnabled"))
        marks = {group["id"]: mark_of(group["id"]) for group in listed}
        return {marks[group["id"]]: expected_group(group, {
            sids.get(member["id"]) or marks.get(member["id"]) for member in self.all(
                f"/groups/{group['id']}/members?$select=id")} - {None}) for group in listed}


def mark_of(group_id):
    return f"Group_{group_id}"


def expected_group(group, members):
    """The default mapping, said once more and independently of the daemon."""
    name = group["displayName"]
    description = (group.get("description") or "").strip()[:448]
    return {"cn": f"{name.strip()[:51]}_{group['id'][-12:]}", "displayName": name,
            "description": description or None,
            "groupType": 8 if "Unified" in (group.get("groupTypes") or []) else -2147483640,
            "members": frozenset(members)}
