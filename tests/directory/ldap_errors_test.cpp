// The table of answers, row by row, as Samba 4.17 and Windows give them.
#include "directory/ldap_errors.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace writeback;
using Action = DirectoryAction;
using Kind = FailureKind;

namespace {

struct Row {
    Action action;
    int code;
    const char* diagnostic;
    Kind kind;
};

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        const auto failure = directory_failure(row.action, "CN=a", {row.code, row.diagnostic});
        CAPTURE(words_of(row.action));
        CAPTURE(row.code);
        CAPTURE(row.diagnostic);
        CHECK(name_of(failure.kind) == name_of(row.kind));
        CHECK(failure.code.starts_with("LDAP " + std::to_string(row.code)));
        CHECK_FALSE(failure.detail.empty());
    }
}

}  // namespace

TEST_CASE("names: in use, invalid, nowhere, gone") {
    check({
        {Action::create, 68, "Entry CN=us1,OU=x already exists", Kind::already_exists},
        {Action::create, 68,
         "00002071: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0\n",
         Kind::already_exists},
        {Action::rename, 68, "Entry CN=us1,OU=x already exists", Kind::already_exists},
        {Action::move, 68, "00002071: UpdErr: DSID-1, problem 6005 (ENTRY_EXISTS)",
         Kind::already_exists},
        {Action::create, 68, "00002071: samldb: samAccountName 'us1' already in use!",
         Kind::name_in_use},
        {Action::modify, 68, "00002071: samldb: samAccountName 'us1' already in use!",
         Kind::name_in_use},
        {Action::create, 68, "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS)",
         Kind::name_in_use},
        {Action::create, 19, "0000202F: samldb: sAMAccountName contains invalid '/' character",
         Kind::value_refused},
        {Action::create, 19, "0000202F: samldb: sAMAccountName ends with '.'", Kind::value_refused},
        {Action::create, 1, "", Kind::refused},
        {Action::create, 32, "00002030: objectclass: Cannot add CN=a, parent does not exist!",
         Kind::parent_missing},
        {Action::create, 32, "0000208D: NameErr: DSID-1, problem 2001 (NO_OBJECT), best match of:",
         Kind::parent_missing},
        {Action::modify, 32, "00002030: No such Base DN: CN=a", Kind::not_found},
        {Action::add_members, 32, "00002030: No such Base DN: CN=a", Kind::not_found},
        {Action::add_members, 32, "0000208D: NameErr: DSID-1, problem 2001 (NO_OBJECT)",
         Kind::not_found},
        {Action::remove, 32, "00002030: objectclass: Cannot delete CN=a, entry does not exist!",
         Kind::not_found},
        {Action::rename, 32, "00002030: objectclass: Cannot rename CN=a, entry does not exist!",
         Kind::not_found},
        {Action::move, 32, "00002030: objectclass: Cannot rename CN=a, entry does not exist!",
         Kind::not_found},
        {Action::move, 32, "0000208D: NameErr: DSID-1, problem 2001 (NO_OBJECT)",
         Kind::parent_missing},
        {Action::create, 80,
         "00000523: SysErr: DSID-031A1242, problem 22 (Invalid argument), data 0\n",
         Kind::value_refused},
        {Action::move, 80, "00002095: objectclass: Cannot rename CN=a, parent does not exist!",
         Kind::parent_missing},
        {Action::read, 32, "", Kind::not_found},
        {Action::remove, 66, "00002015: subtree_delete: Unable to delete a non-leaf node",
         Kind::refused},
    });
}

TEST_CASE("members: there already, absent, refused") {
    check({
        {Action::add_members, 68, "Attribute member already exists for target GUID bb1a4be8",
         Kind::member_exists},
        {Action::add_members, 68, "00000562: UpdErr: DSID-031A119B, problem 6005 (ENTRY_EXISTS)",
         Kind::member_exists},
        {Action::create, 68,
         "00002071: Linked attribute member has multiple identical values on CN=a",
         Kind::member_exists},
        {Action::add_members, 20, "", Kind::member_exists},
        {Action::remove_members, 53, "Attribute member doesn't exist for target GUID e6457c00",
         Kind::member_absent},
        {Action::remove_members, 53, "Attribute member already deleted for target GUID e6457c00",
         Kind::member_absent},
        {Action::remove_members, 53,
         "00000561: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0",
         Kind::member_absent},
        {Action::remove_members, 53, "00002035: Unable to find GUID for DN CN=ghost,DC=x\n",
         Kind::member_absent},
        {Action::remove_members, 16,
         "00002085: AttrErr: DSID-1, #1:\n\t0: 00002085: problem 1001 (NO_ATTRIBUTE_OR_VAL), data "
         "0, Att 1f (member):len 92",
         Kind::member_absent},
        {Action::remove_members, 21,
         "0000200B: objectclass_attrs: attribute 'member' on entry 'CN=a' contains at least one "
         "invalid value!",
         Kind::member_absent},
        {Action::add_members, 32,
         "00000525: specified dn doesn't exist at ../../source4/dsdb/extended_dn_store.c:160",
         Kind::member_refused},
        {Action::create, 32, "00000525: specified dn doesn't exist at ../../x",
         Kind::member_refused},
        {Action::add_members, 32,
         "00000525: NameErr: DSID-031A1261, problem 2001 (NO_OBJECT), data 0, best match of:",
         Kind::member_refused},
        {Action::remove_members, 32, "00000525: specified dn doesn't exist at ../../x",
         Kind::member_absent},
        {Action::add_members, 34, "could not parse not a dn as a 1.3.6.1.4.1.1466.115.121.1.12 DN",
         Kind::member_refused},
        {Action::add_members, 53, "00002141: specified sid doesn't exist in domain at x.c:204",
         Kind::member_refused},
        {Action::create, 53, "00002141: specified sid doesn't exist in domain at x.c:204",
         Kind::member_refused},
        {Action::add_members, 53, "00002145: SvcErr: DSID-1, problem 5003 (WILL_NOT_PERFORM)",
         Kind::member_refused},
        {Action::add_members, 53, "0000056C: SvcErr: DSID-1, problem 5003 (WILL_NOT_PERFORM)",
         Kind::member_refused},
        {Action::add_members, 68,
         "Entry CN=S-1-5-11,CN=ForeignSecurityPrincipals,DC=x already exists",
         Kind::member_refused},
    });
}

TEST_CASE("attributes: a rule broken, unknown, not as we believed") {
    check({
        {Action::modify, 21,
         "0000200B: objectclass_attrs: attribute 'displayName' on entry 'CN=a' contains at least "
         "one invalid value!",
         Kind::value_refused},
        {Action::create, 21,
         "0000200B: objectclass_attrs: attribute 'mail' on entry 'CN=a' contains at least one "
         "invalid value!",
         Kind::value_refused},
        {Action::modify, 19, "00002082: AtrErr: DSID-1, problem 1005 (CONSTRAINT_ATT_TYPE)",
         Kind::value_refused},
        {Action::modify, 21, "Element displayName has empty attribute in ldb message (CN=a)!",
         Kind::value_refused},
        {Action::modify, 16, "attribute 'displayName': no such attribute for delete on 'CN=a'",
         Kind::contradiction},
        {Action::modify, 20, "attribute 'proxyAddresses': value #16 on 'CN=a' already exists",
         Kind::contradiction},
        {Action::modify, 20,
         "0000200D: SINGLE-VALUE attribute description on CN=a specified more than once",
         Kind::value_refused},
        {Action::modify, 20,
         "attribute 'proxyAddresses': value 'a' on 'CN=a' provided more than once in REPLACE",
         Kind::value_refused},
        {Action::modify, 20,
         "00002083: AtrErr: DSID-1, problem 1006 (ATT_OR_VALUE_EXISTS), Att d (description)",
         Kind::value_refused},
        {Action::modify, 16,
         "0000200A: objectclass_attrs: attribute 'mailNickname' on entry 'CN=a' was not found in "
         "the schema!",
         Kind::attribute_unknown},
        {Action::modify, 16,
         "acl_modify: attribute 'mailNickname' on entry 'CN=a' was not found in the schema!",
         Kind::attribute_unknown},
        {Action::modify, 16,
         "00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation",
         Kind::attribute_unknown},
        {Action::modify, 17, "", Kind::attribute_unknown},
        {Action::modify, 65,
         "00002014: objectclass_attrs: attribute 'homeDirectory' does not exist",
         Kind::value_refused},
        {Action::modify, 19, "0000202F: SINGLE-VALUE attribute displayName on CN=a specified more",
         Kind::value_refused},
        {Action::modify, 67, "00002016: Modify of RDN 'CN' on CN=a not permitted",
         Kind::value_refused},
        {Action::modify, 19, "000020B5: Referenced object not found at x.c:357",
         Kind::value_refused},
        {Action::convert, 53,
         "00002035: samldb: Change from security/distribution local group forbidden!",
         Kind::contradiction},
        {Action::modify, 53, "00002035: samldb: objectSid must not be specified!",
         Kind::contradiction},
    });
}

TEST_CASE("a missing mark is a contradiction, whatever was to be written") {
    for (const auto action :
         {Action::modify, Action::convert, Action::add_members, Action::remove_members}) {
        check({
            {action, 16, "error in module repl_meta_data: No such attribute during LDB_MODIFY (16)",
             Kind::contradiction},
            {action, 16, "attribute 'adminDescription': no such attribute for delete on 'CN=a'",
             Kind::contradiction},
            {action, 16,
             "00002085: AttrErr: DSID-1, problem 1001 (NO_ATTRIBUTE_OR_VAL), data 0, Att 90372 "
             "(adminDescription):len 82",
             Kind::contradiction},
            {action, 20, "00002083: AtrErr: DSID-1, Att 900e2 (adminDescription)",
             Kind::contradiction},
        });
    }
}

TEST_CASE("rights, the server's limits and the server as a whole") {
    check({
        {Action::create, 50, "acl: unable to get access to CN=a", Kind::forbidden},
        {Action::modify, 50, "00002098: Object CN=a has no write property access", Kind::forbidden},
        {Action::add_members, 50,
         "error in module acl: insufficient access rights during LDB_MODIFY (50)", Kind::forbidden},
        {Action::modify, 50, "00002098: SecErr: DSID-1, msDS-ObjectSoa", Kind::enforcement},
        {Action::modify, 53, "0000216D: SvcErr: blocked by msDS-ObjectSoa policy",
         Kind::enforcement},
        {Action::read, 3, "", Kind::unavailable},
        {Action::read, 4, "", Kind::unavailable},
        {Action::modify, 11, "", Kind::unavailable},
        {Action::modify, 51, "", Kind::unavailable},
        {Action::modify, 52, "", Kind::unavailable},
        {Action::modify, 10, "0000202B: RefErr: DSID-1, data 0, 1 access points", Kind::refused},
        {Action::read, 1, "00002020: Operation unavailable without authentication",
         Kind::credentials},
        {Action::read, 1, "000004DC: LdapErr: DSID-1, comment: In order to perform this operation",
         Kind::credentials},
        {Action::bind, 8, "BindSimple: Transport encryption required.", Kind::tls},
        {Action::bind, 13, "", Kind::tls},
        {Action::bind, 7, "", Kind::tls},
        {Action::bind, 53, "SASL:[GSSAPI]: Sign or Seal are not allowed if TLS is used",
         Kind::refused},
        {Action::modify, 2, "", Kind::refused},
        {Action::modify, 12, "Attempt to use critical non-registered control", Kind::refused},
        {Action::modify, 80, "", Kind::refused},
        {Action::modify, 118, "", Kind::refused},
    });
}

TEST_CASE("a refused bind says why, as far as the directory tells") {
    const auto detail = [](const char* data) {
        return directory_failure(Action::bind, "ldaps://dc1",
                                 {49,
                                  "80090308: LdapErr: DSID-0C0903A9, comment: "
                                  "AcceptSecurityContext error, data " +
                                      std::string(data) + ", v1db1"})
            .detail;
    };
    CHECK(detail("52e").find("name or password is wrong") != std::string::npos);
    CHECK(detail("775").find("locked out") != std::string::npos);
    CHECK(detail("532").find("password has expired") != std::string::npos);
    CHECK(directory_failure(Action::bind, "x", {49, ""}).kind == Kind::credentials);
}

TEST_CASE("a diagnostic becomes one printable line of limited length") {
    CHECK(printable(std::string("a\n\tb\0", 5)) == "a b");
    CHECK(printable(std::string(1000, 'x')).size() == 300);
    CHECK(printable(std::string(299, 'x') + "\xF0\x9F\x99\x82").size() == 299);
    CHECK(windows_error("00002071: x") == "00002071");
    CHECK(windows_error("0000207x: x").empty());
    CHECK(windows_error("Entry: x").empty());
    const auto failure = directory_failure(Action::create, "CN=a", {68, "00002071: x"});
    CHECK(failure.code == "LDAP 68 00002071");
}

TEST_CASE("the rules for the members of groups are told in words, and need no second reading") {
    const auto text = [](Action action, const std::string& windows) {
        return directory_failure(action, "CN=a", {53, windows + ": SvcErr: DSID-1, problem 5003"})
            .detail;
    };
    CHECK(text(Action::add_members, "00002146")
              .find("A universal group cannot have a domain-local group as a member.") !=
          std::string::npos);
    CHECK(text(Action::create, "00002165").find("another forest") != std::string::npos);
    check({
        {Action::add_members, 53, "00002146: SvcErr: DSID-1", Kind::member_refused},
        {Action::create, 53, "00002165: SvcErr: DSID-1", Kind::member_refused},
        {Action::remove_members, 53, "00002146: SvcErr: DSID-1", Kind::member_absent},
        {Action::convert, 53, "00002144: SvcErr: DSID-1", Kind::refused},
        {Action::convert, 53, "00002035: SvcErr: DSID-1", Kind::contradiction},
    });
}

TEST_CASE("what stands in the way of a restore, and of an exchange of marks") {
    check({
        {Action::reanimate, 1, "00002020: operations error at tombstone_reanimate.c:370",
         Kind::forbidden},
        {Action::reanimate, 50, "00002098: SecErr: DSID-1", Kind::forbidden},
        {Action::reanimate, 53, "0000209A: SvcErr: DSID-1", Kind::refused},
        {Action::reanimate, 16, "attribute 'isRecycled': no such attribute for delete on 'CN=a'",
         Kind::refused},
        {Action::reanimate, 68, "00002071: UpdErr: DSID-1", Kind::already_exists},
        {Action::reanimate, 68, "00000524: UpdErr: DSID-1", Kind::name_in_use},
        {Action::reanimate, 32, "0000208D: NameErr: DSID-1", Kind::not_found},
        {Action::replace_mark, 16, "00002085: AttrErr: DSID-1, Att 900e2 (adminDescription)",
         Kind::contradiction},
        {Action::replace_mark, 20, "0000200D: SINGLE-VALUE attribute adminDescription on CN=a",
         Kind::contradiction},
        {Action::replace_mark, 19, "00002081: AttrErr: DSID-1", Kind::contradiction},
        {Action::create_container, 32, "0000208D: NameErr: DSID-1", Kind::parent_missing},
        {Action::create_container, 50, "00002098: SecErr: DSID-1", Kind::forbidden},
        {Action::create_container, 68, "00002071: UpdErr: DSID-1", Kind::already_exists},
        {Action::watch, 12, "no such control", Kind::refused},
    });
    for (const int code : {50, 53, 16, 32}) {
        const auto failure = directory_failure(Action::reanimate, "CN=a", {code, ""});
        CHECK(failure.detail.find("Reanimate Tombstones") != std::string::npos);
    }
}
