#!/usr/bin/python3
"""A tenant whose groups bear the most awkward names comes to stand in AD, under the default mapping and its own."""
import unicodedata
import unittest

import tenant as tenants
from story import Story

NAMES = [
    "", " ", "   blanks around   ", "x" * 256, "é" * 256, "😀" * 128, "a" * 50 + "😀" + "b" * 20, "a" * 63 + "😀",
    '"quoted"', "O'Brien's", '"', "'", "a, b, c", ",", "#", "# first", "#1234", "+", "a+b=c", "<angle>", "semi;colon",
    "back\\slash", "slash/es", "\\", "\\2C", "*)(cn=*", "(&(objectClass=*))", "CN=Domain Admins,CN=Users,DC=x",
    "OU=Other", "=", "$dollar", "$", ".", "..", "dot.", "@at", "a\tb", "line\nbreak", "\r\n", "bell\x07", "\x01", "\x7f",
    "\u200b", "\ufeffmark", "\u202eoverride", "\u00a0hard blank\u00a0", "\u3000wide blank\u3000", "שלום עולם",
    "مجموعة العمل", "日本語グループ", "👨‍👩‍👧‍👦 family", "e\u0301 combined", "é combined", "ﬁ ligature", "ＦＵＬＬ width", "İstanbul",
    "ISTANBUL", "istanbul", "ıstanbul", "STRASSE", "Straße", "straße", "Resume", "Résumé", "RESUME", "resumé", "Ångström",
    "ÅNGSTRÖM", "Domain Admins", "Administrators", "krbtgt", "user0001", "null", "None", "%s%n", "../../etc/passwd",
    "{}", "[displayName]", "NUL", "-", "--help", "a" * 64, "a" * 64 + "b",
]
SAME = 300
# AD takes no sAMAccountName with these characters, and none that ends in a full stop or is blank; one that begins with
# a dollar looks like one that AD made up.
NO_ACCOUNT_NAME = set('"/\\[]:;|=,+*?<>')


def could_be_account_name(name):
    kept = name.strip()
    return bool(kept) and not kept.startswith("$") and not kept.endswith(".") and not any(
        one in NO_ACCOUNT_NAME or unicodedata.category(one) == "Cc" for one in kept)


class HostileNames(Story):
    def tenant(self, number):
        named = [tenants.security_group(number + one, members=self.ids[one % 40:one % 40 + 3], description=name or None)
                 | {"displayName": name} for one, name in enumerate(NAMES)]
        same = [tenants.security_group(number + 1000 + one, "Same name", [self.ids[one % 50]]) for one in range(SAME)]
        return [*named, *same]

    def assert_stands(self, groups):
        """Every group stands once, with its name, its members and a name for logging on that is its own."""
        stands = self.directory.groups(self.container)
        self.assertEqual({"Group_" + group["id"] for group in groups}, stands.keys())
        for group in groups:
            with self.subTest(group["displayName"]):
                found = stands["Group_" + group["id"]]
                self.assertEqual(group["displayName"] or None, found["displayName"])
                self.assertEqual({self.sids[self.ids.index(one)] for one in group["members"]},
                                 set(found["member_sids"]))
                self.assertLessEqual(len(found["cn"].encode("utf-16-le")) // 2, 64)
        accounts = [found["sAMAccountName"] for found in stands.values()]
        self.assertEqual(len(accounts), len({name.lower() for name in accounts}))
        self.assertEqual([], [name for name in accounts if name.startswith("$")])
        return stands

    def rename_some(self, groups):
        """Names go round in a circle: each group takes the next one's."""
        some = groups[10:20]
        names = [group["displayName"] for group in some]
        for group, name in zip(some, names[1:] + names[:1]):
            self.patch(group, displayName=name)

    def test_the_default_mapping_brings_every_name_into_ad(self):
        groups = self.tenant(0)
        self.begin(groups)
        self.assertEqual([], self.held())
        before = self.assert_stands(groups)
        self.assert_second_run_writes_nothing()
        self.rename_some(groups)
        self.once()
        after = self.assert_stands(groups)
        self.assertEqual({mark: one["sid"] for mark, one in before.items()},
                         {mark: one["sid"] for mark, one in after.items()})
        self.assert_second_run_writes_nothing()

    def test_a_mapping_by_display_name_alone_tells_equal_names_apart(self):
        groups = self.tenant(5000)
        self.begin(groups, {"mapping": {"cn": "[displayName]", "sAMAccountName": "[displayName]"}}, first=None)
        self.once(0)
        held = {one["group_id"]: one for one in self.held()}
        could_work = [group for group in groups if could_be_account_name(group["displayName"])]
        self.assertEqual([], [group["displayName"] for group in could_work if group["id"] in held])
        self.assertEqual({"refused"}, {one["reason"] for one in held.values()} | {"refused"})
        stands = self.assert_stands([group for group in groups if group["id"] not in held])
        plain = [found for found in stands.values() if found["cn"] == "Same name"]
        self.assertEqual(1, len(plain))
        self.assert_second_run_writes_nothing()
        # Three more take the name that 300 have, and one of those takes another.
        for group in could_work[10:13]:
            self.patch(group, displayName="Same name")
        self.patch(groups[-1], displayName="Its own name")
        self.once(0)
        self.assert_stands([group for group in groups if group["id"] not in held])
        self.assert_second_run_writes_nothing()


if __name__ == "__main__":
    unittest.main(verbosity=2)
