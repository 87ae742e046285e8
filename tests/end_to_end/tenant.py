"""Tenants for end-to-end tests, and what Active Directory must hold for them.

The expectation is computed here from the documented mapping, on purpose without any of the daemon's code.
"""
import random
import uuid

UNIVERSAL_SECURITY = -2147483640
UNIVERSAL_DISTRIBUTION = 8


def object_id(kind, number):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{number}"))


def user_of(number, entry):
    """The cloud user of a user in AD (an entry of `samba-dc users`)."""
    return {"id": object_id("user", number), "displayName": entry["sAMAccountName"],
            "userPrincipalName": f"{entry['sAMAccountName']}@contoso.example", "accountEnabled": True,
            "onPremisesSyncEnabled": True, "onPremisesSecurityIdentifier": entry["sid"]}


def cloud_only_user(number):
    return {"id": object_id("cloud-only", number), "displayName": f"Cloud {number}", "accountEnabled": True,
            "userPrincipalName": f"cloud{number}@contoso.example"}


def security_group(number, name=None, members=(), **properties):
    return {"id": object_id("group", number), "displayName": name or f"Group {number:04}", "mailEnabled": False,
            "securityEnabled": True, "groupTypes": [], "mailNickname": f"group{number}", "members": list(members),
            **properties}


def microsoft365_group(number, name=None, members=(), **properties):
    return {"id": object_id("group", number), "displayName": name or f"Team {number:04}", "mailEnabled": True,
            "securityEnabled": False, "groupTypes": ["Unified"], "mailNickname": f"team{number}",
            "mail": f"team{number}@contoso.example", "members": list(members), **properties}


def device_of(number, sid, **properties):
    """The cloud device of a computer in AD."""
    return {"id": object_id("device", number), "displayName": f"Device {number}", "accountEnabled": True,
            "onPremisesSyncEnabled": True, "onPremisesSecurityIdentifier": sid, **properties}


def contact_of(number, address, **properties):
    """The cloud contact of a mail contact in AD."""
    return {"id": object_id("contact", number), "displayName": f"Contact {number}", "mail": address,
            "proxyAddresses": ["SMTP:" + address], "onPremisesSyncEnabled": True, **properties}


def synced_group(number, sid, name=None, members=(), **properties):
    """The cloud group of a group in AD."""
    return security_group(number, name, members, onPremisesSyncEnabled=True, onPremisesSecurityIdentifier=sid,
                          **properties)


def generate(ad_users, groups, memberships, cloud_only=10, seed=1):
    """A tenant of `groups` groups with `memberships` memberships in all, spread unevenly; every tenth an M365 group."""
    chance = random.Random(seed)
    users = [user_of(number, entry) for number, entry in enumerate(ad_users)]
    users += [cloud_only_user(number) for number in range(cloud_only)]
    ids = [user["id"] for user in users]
    made = []
    for number in range(groups):
        make = microsoft365_group if number % 10 == 9 else security_group
        made.append(make(number, description=f"Description of {number}" if number % 3 else None))
    left = memberships
    for number, group in enumerate(made):
        share = left // (groups - number)
        size = min(len(ids), left, chance.randint(0, 2 * share) if number < groups - 1 else left)
        group["members"] = chance.sample(ids, size)
        left -= size
    fullest = iter(made)
    while left > 0:
        group = next(fullest)
        missing = [one for one in ids if one not in set(group["members"])][:left]
        group["members"] += missing
        left -= len(missing)
    return {"users": users, "groups": made}


def cn_of(group):
    return (group["displayName"] or "").strip()[:51] + "_" + group["id"][24:]


def group_type_of(group):
    return UNIVERSAL_DISTRIBUTION if "Unified" in group["groupTypes"] else UNIVERSAL_SECURITY


def expected(tenant):
    """mark -> what AD must hold: cn, displayName, description, groupType, member SIDs and member marks."""
    sids = {user["id"]: user.get("onPremisesSecurityIdentifier") for user in tenant["users"]}
    groups = {group["id"]: group for group in tenant["groups"]}
    result = {}
    for group in tenant["groups"]:
        members = {sids[one] for one in group["members"] if sids.get(one)}
        members |= {"Group_" + one for one in group["members"] if one in groups}
        description = (group.get("description") or "").strip()[:448]
        result["Group_" + group["id"]] = {
            "cn": cn_of(group), "displayName": group["displayName"], "description": description or None,
            "groupType": group_type_of(group), "members": members}
    return result
