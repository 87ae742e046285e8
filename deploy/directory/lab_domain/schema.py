"""Extensions of the lab domain's schema: the index on our mark, Windows 2016, Exchange."""

import ldb

# lDAPDisplayName: (cn, attributeID, attributeSyntax, oMSyntax, single-valued, further attributes)
_WINDOWS_2016 = {
    "msDS-ExternalDirectoryObjectId": (
        "ms-DS-External-Directory-Object-Id", "1.2.840.113556.1.4.2310", "2.5.5.12", 64, True,
        ["rangeUpper: 256", "searchFlags: 9", "schemaIDGUID:: kL8pva1m4UCIexDfBwQZpg=="]),
}
_DN = "oMObjectClass:: KwwCh3McAIVK"
_EXCHANGE = {
    "mailNickname": ("ms-Exch-Mail-Nickname", "1.2.840.113556.1.2.447", "2.5.5.12", 64, True,
                     ["rangeLower: 1", "rangeUpper: 64", "searchFlags: 5"]),
    "targetAddress": ("ms-Exch-Target-Address", "1.2.840.113556.1.2.352", "2.5.5.12", 64, True,
                      ["rangeLower: 1", "rangeUpper: 1123", "searchFlags: 1"]),
    "msExchRecipientDisplayType": (
        "ms-Exch-Recipient-Display-Type", "1.2.840.113556.1.4.7000.102.50730", "2.5.5.9", 2, True,
        ["searchFlags: 1"]),
    "msExchRequireAuthToSendTo": (
        "ms-Exch-Require-Auth-To-Send-To", "1.2.840.113556.1.4.5062", "2.5.5.8", 1, True, []),
    "msExchHideFromAddressLists": (
        "ms-Exch-Hide-From-Address-Lists", "1.2.840.113556.1.4.7000.102.73", "2.5.5.8", 1, True,
        []),
    "hideDLMembership": (
        "ms-Exch-Hide-DL-Membership", "1.2.840.113556.1.2.297", "2.5.5.8", 1, True, []),
    "reportToOriginator": (
        "ms-Exch-Report-To-Originator", "1.2.840.113556.1.2.206", "2.5.5.8", 1, True, []),
    "oOFReplyToOriginator": (
        "ms-Exch-OOF-Reply-To-Originator", "1.2.840.113556.1.2.438", "2.5.5.8", 1, True, []),
    "authOrig": ("ms-Exch-Auth-Orig", "1.2.840.113556.1.2.129", "2.5.5.1", 127, False,
                 ["linkID: 110", _DN]),
    "authOrigBL": ("ms-Exch-Auth-Orig-BL", "1.2.840.113556.1.2.290", "2.5.5.1", 127, False,
                   ["linkID: 111", "systemFlags: 1", _DN]),
    "msExchCoManagedByLink": (
        "ms-Exch-CoManaged-By-Link", "1.2.840.113556.1.4.7000.102.51130", "2.5.5.1", 127, False,
        ["linkID: 1264", _DN]),
}
_EXCHANGE_CLASS = "ms-Exch-Group-Attributes"
_BACK_LINKS = ["authOrigBL"]


def extend(open_database, schema):
    """Adds what the schema option names. `open_database` gives a new SamDB: one that is open
    doesn't see what was added to the schema meanwhile."""
    samdb = open_database()
    schema_dn = str(samdb.get_schema_basedn())
    _modify(samdb, f"CN=Admin-Description,{schema_dn}",
            searchFlags=ldb.MessageElement("1", ldb.FLAG_MOD_REPLACE, "searchFlags"))
    if schema in ("windows-2016", "exchange"):
        _add_attributes(samdb, schema_dn, _WINDOWS_2016)
        samdb = _reload(open_database, samdb)
        # As in Windows' own schema: every mail recipient, and so every group, may have it.
        _modify(samdb, f"CN=Mail-Recipient,{schema_dn}", mayContain=ldb.MessageElement(
            list(_WINDOWS_2016), ldb.FLAG_MOD_ADD, "mayContain"))
    if schema == "exchange":
        _add_attributes(samdb, schema_dn, _EXCHANGE)
        samdb = _reload(open_database, samdb)
        contained = "\n".join(
            f"mayContain: {name}" for name in _EXCHANGE if name not in _BACK_LINKS)
        samdb.add_ldif(f"""dn: CN={_EXCHANGE_CLASS},{schema_dn}
objectClass: classSchema
cn: {_EXCHANGE_CLASS}
lDAPDisplayName: msExchGroupAttributes
governsID: 1.3.6.1.4.1.4203.666.99999.1
objectClassCategory: 3
subClassOf: top
{contained}
""")
        samdb = _reload(open_database, samdb)
        _modify(samdb, f"CN=Group,{schema_dn}", auxiliaryClass=ldb.MessageElement(
            "msExchGroupAttributes", ldb.FLAG_MOD_ADD, "auxiliaryClass"))
    _reload(open_database, samdb)


def _add_attributes(samdb, schema_dn, attributes):
    for name, (cn, oid, syntax, om_syntax, single, further) in attributes.items():
        lines = [f"dn: CN={cn},{schema_dn}", "objectClass: attributeSchema", f"cn: {cn}",
                 f"lDAPDisplayName: {name}", f"attributeID: {oid}", f"attributeSyntax: {syntax}",
                 f"oMSyntax: {om_syntax}", f"isSingleValued: {'TRUE' if single else 'FALSE'}"]
        if name not in _BACK_LINKS:
            lines.append("isMemberOfPartialAttributeSet: TRUE")
        samdb.add_ldif("\n".join(lines + further) + "\n")


def _modify(samdb, dn, **elements):
    message = ldb.Message(ldb.Dn(samdb, dn))
    for name, element in elements.items():
        message[name] = element
    samdb.modify(message)


def _reload(open_database, samdb):
    samdb.set_schema_update_now()
    return open_database()
