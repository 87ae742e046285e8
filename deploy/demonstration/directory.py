"""Active Directory's side: what really stands there, read by the server's own socket."""

import re


class Directory:
    def __init__(self, settings):
        from samba.param import LoadParm
        from samba.samdb import SamDB

        parameters = LoadParm()
        parameters.load(settings["SAMBA_SMB_CONF"])
        self._container = settings["SAMBA_CONTAINER"]
        self._samdb = SamDB(url=settings["SAMBA_LDAPI"], lp=parameters)

    def _sid(self, value):
        return self._samdb.schema_format_value("objectSid", value).decode()

    def groups(self):
        """Every group of the container, by its mark; members by SID, or by mark if they are one of
        these groups themselves."""
        import ldb

        single = ("cn", "displayName", "description", "groupType")
        entries = self._samdb.search(
            base=self._container, scope=ldb.SCOPE_SUBTREE, expression="(objectClass=group)",
            attrs=["adminDescription", "objectSid", "member", *single],
            controls=["extended_dn:1:1"])
        marks = {self._sid(entry["objectSid"][0]): str(entry.get("adminDescription", ["none"])[0])
                 for entry in entries}
        found = {}
        for entry in entries:
            values = {name: str(entry[name][0]) if name in entry else None for name in single}
            sids = [re.search(r"<SID=(S-[0-9-]+)>", str(value))[1]
                    for value in entry.get("member", [])]
            found[marks[self._sid(entry["objectSid"][0])]] = {
                **values, "groupType": int(values["groupType"]),
                "members": frozenset(marks.get(sid, sid) for sid in sids)}
        return found


def print_groups(groups, names):
    """A table for people; `names` tells who a member is."""
    kinds = {8: "distribution", -2147483640: "security"}
    width = max(len(group["cn"]) for group in groups.values())
    for _, group in sorted(groups.items(), key=lambda item: item[1]["cn"].lower()):
        members = sorted(names.get(member, member) for member in group["members"])
        shown = ", ".join(members[:4])
        if len(members) > 4:
            shown += f" and {len(members) - 4} more"
        print(f"  {group['cn']:<{width}}  {kinds.get(group['groupType'], group['groupType']):<12}"
              f"  {len(members):>3}  {shown}".rstrip())
