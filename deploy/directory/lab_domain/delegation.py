"""The rights that group-writeback needs in Active Directory, and no more.

On the container: create and delete groups. On groups below it: write each attribute that the
mapping writes. Nothing is granted elsewhere, and no right to read is needed beyond what every
account has.
"""

import re
import uuid

import ldb

from .progress import Failure

# The attributes of the default mapping. An attribute that the schema doesn't have is left out.
ATTRIBUTES = [
    "cn", "name", "member", "sAMAccountName", "groupType", "displayName", "displayNamePrintable",
    "description", "mail", "adminDescription", "proxyAddresses", "info", "managedBy",
    "msDS-ExternalDirectoryObjectId",
]
# Only for sites whose mapping writes them; the schema must be Exchange's.
EXCHANGE_ATTRIBUTES = [
    "mailNickname", "targetAddress", "legacyExchangeDN", "msExchRecipientDisplayType",
    "msExchRequireAuthToSendTo", "msExchHideFromAddressLists", "hideDLMembership",
    "reportToOriginator", "oOFReplyToOriginator", "authOrig", "msExchCoManagedByLink",
]


def wanted_attributes(exchange):
    return ATTRIBUTES + (EXCHANGE_ATTRIBUTES if exchange else [])


def schema_guid(samdb, name):
    """The GUID by which a right names an attribute or class; None if the schema doesn't have it."""
    found = samdb.search(base=samdb.get_schema_basedn(), scope=ldb.SCOPE_ONELEVEL,
                         expression=f"(lDAPDisplayName={ldb.binary_encode(name)})",
                         attrs=["schemaIDGUID"])
    return str(uuid.UUID(bytes_le=found[0]["schemaIDGUID"][0])) if len(found) else None


def access_control_entries(samdb, sid, attributes):
    """The entries in SDDL, one a right, and the attributes that the schema doesn't have."""
    group = schema_guid(samdb, "group")
    entries, absent = [f"(OA;CI;CCDC;{group};;{sid})"], []
    for attribute in attributes:
        guid = schema_guid(samdb, attribute)
        if guid is None:
            absent.append(attribute)
        else:
            entries.append(f"(OA;CIIO;RPWP;{guid};{group};{sid})")
    return entries, absent


def account_sid(samdb, account):
    """The SID of an account that is given by its DN or its sAMAccountName."""
    if "=" in account:
        found = samdb.search(base=account, scope=ldb.SCOPE_BASE, attrs=["objectSid"])
    else:
        found = samdb.search(base=samdb.get_default_basedn(), scope=ldb.SCOPE_SUBTREE,
                             expression=f"(sAMAccountName={ldb.binary_encode(account)})",
                             attrs=["objectSid"])
    if len(found) != 1:
        raise Failure(f"no account {account} in the directory")
    return samdb.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()


def delegate(samdb, container, account, exchange=False):
    """Adds what is missing of the rights; returns (added entries, absent attributes)."""
    from samba.sd_utils import SDUtils

    entries, absent = access_control_entries(samdb, account_sid(samdb, account),
                                             wanted_attributes(exchange))
    descriptors = SDUtils(samdb)
    present = set(re.findall(r"\([^()]*\)", descriptors.get_sd_as_sddl(
        container, controls=["sd_flags:1:4"])))
    missing = [entry for entry in entries if entry not in present]
    if missing:
        descriptors.update_aces_in_dacl(container, add_aces=missing)
    return len(missing), absent
