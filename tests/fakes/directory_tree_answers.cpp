#include "fakes/directory_tree_answers.hpp"

#include <cstdio>

namespace writeback::fakes {

namespace {

// Windows ends its diagnostics with a newline and a zero byte.
std::string ended(std::string text) {
    text += '\n';
    text += '\0';
    return text;
}

std::string hexadecimal(std::uint32_t number) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "%x", number);
    return buffer;
}

TreeAnswer update_error(int code, const std::string& error, const std::string& problem) {
    return {code, ended(error + ": UpdErr: DSID-031A11E2, problem " + problem + ", data 0")};
}

TreeAnswer service_error(const std::string& error) {
    return {53, ended(error + ": SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0")};
}

TreeAnswer name_error(int code, const std::string& error, const std::string& problem,
                      const std::string& best_match) {
    return {code, ended(error + ": NameErr: DSID-0310028D, problem " + problem +
                        ", data 0, best match of:\n\t'" + best_match + "'")};
}

TreeAnswer attribute_error(int code, const std::string& error, const std::string& problem,
                           const AttributeType& type, const std::string& further = "") {
    return {code, ended(error + ": AtrErr: DSID-03151D2E, #1:\n\t0: " + error +
                        ": DSID-03151D2E, problem " + problem + ", data 0, Att " +
                        hexadecimal(type.number) + " (" + type.name + ")" + further)};
}

TreeAnswer security_error(const std::string& error) {
    return {50,
            ended(error + ": SecErr: DSID-03152D7B, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0")};
}

TreeAnswer conversion_error(int code) {
    return {code, ended("00000057: LdapErr: DSID-0C0910C4, comment: Error in attribute conversion "
                        "operation, data 0, v4563")};
}

std::string quoted(const AttributeType& type, const std::string& dn) {
    return "attribute '" + type.name + "' on entry '" + dn + "'";
}

}  // namespace

TreeAnswer TreeAnswers::name_taken(const std::string& dn) const {
    if (samba()) return {68, "Entry " + dn + " already exists"};
    return update_error(68, "00002071", "6005 (ENTRY_EXISTS)");
}

TreeAnswer TreeAnswers::account_name_taken(const std::string& name) const {
    if (samba()) return {68, "00002071: samldb: samAccountName '" + name + "' already in use!"};
    return update_error(68, "00000524", "6005 (ENTRY_EXISTS)");
}

TreeAnswer TreeAnswers::account_name_character(char c) const {
    if (!samba()) {
        return {80,
                ended("00000523: SysErr: DSID-031A1242, problem 22 (Invalid argument), data 0")};
    }
    char shown[8];
    if (static_cast<unsigned char>(c) < 0x20) {
        std::snprintf(shown, sizeof shown, "0x%02x", static_cast<unsigned>(c));
    } else {
        std::snprintf(shown, sizeof shown, "'%c'", c);
    }
    return {19, std::string("0000202F: samldb: sAMAccountName contains invalid ") + shown +
                    " character"};
}

TreeAnswer TreeAnswers::account_name_dot() const {
    if (samba()) return {19, "0000202F: samldb: sAMAccountName ends with '.'"};
    return account_name_character('.');
}

TreeAnswer TreeAnswers::no_parent(std::string_view verb, const std::string& dn) const {
    if (!samba()) return name_error(32, "0000208D", "2001 (NO_OBJECT)", "");
    const bool renaming = verb == "rename";
    return {renaming ? 80 : 32, std::string(renaming ? "00002095" : "00002030") +
                                    ": objectclass: Cannot " + std::string(verb) + " " + dn +
                                    ", parent does not exist!"};
}

TreeAnswer TreeAnswers::no_object(std::string_view verb, const std::string& dn,
                                  const std::string& best_match) const {
    if (!samba()) return name_error(32, "0000208D", "2001 (NO_OBJECT)", best_match);
    if (verb == "delete" || verb == "rename") {
        return {32, "00002030: objectclass: Cannot " + std::string(verb) + " " + dn +
                        ", entry does not exist!"};
    }
    return {32, "00002030: No such Base DN: " + dn};
}

TreeAnswer TreeAnswers::not_a_leaf(std::size_t children) const {
    if (samba()) {
        return {66, "00002015: subtree_delete: Unable to delete a non-leaf node (it has " +
                        std::to_string(children) + " children)!"};
    }
    return update_error(66, "00002015", "6003 (CANT_ON_NON_LEAF)");
}

TreeAnswer TreeAnswers::malformed_name(const std::string& text) const {
    if (samba()) {
        return {34, "could not parse " + text + " as a 1.3.6.1.4.1.1466.115.121.1.12 DN"};
    }
    return name_error(34, "0000208F", "2006 (BAD_NAME)", text);
}

TreeAnswer TreeAnswers::old_name_must_go() const {
    if (samba()) return {53, "00002035: Unwilling to perform. Old RDN must be deleted"};
    return service_error("00002077");
}

TreeAnswer TreeAnswers::elsewhere(const std::string& domain) const {
    if (samba()) return {32, "00002030: No such Base DN of this server"};
    return {10, ended("0000202B: RefErr: DSID-03100835, data 0, 1 access points\n\tref 1: '" +
                      domain + "'")};
}

TreeAnswer TreeAnswers::member_exists(const AttributeType& type, const std::string& guid) const {
    if (samba()) {
        return {68, "Attribute " + type.name + " already exists for target GUID " + guid};
    }
    if (type.name == "member") return update_error(68, "00000562", "6005 (ENTRY_EXISTS)");
    return attribute_error(20, "00002083", "1006 (ATT_OR_VALUE_EXISTS)", type);
}

TreeAnswer TreeAnswers::member_absent(const AttributeType& type, const std::string& guid) const {
    if (samba()) {
        return {53, "Attribute " + type.name + " doesn't exist for target GUID " + guid};
    }
    if (type.name == "member") return service_error("00000561");
    return attribute_error(16, "00002085", "1001 (NO_ATTRIBUTE_OR_VAL)", type);
}

TreeAnswer TreeAnswers::member_unknown() const {
    if (samba()) {
        return {32,
                "00000525: specified dn doesn't exist at ../../source4/dsdb/samdb/ldb_modules/"
                "extended_dn_store.c:160:extended_dn_handle_fpo_attr"};
    }
    return name_error(32, "00000525", "2001 (NO_OBJECT)", "");
}

TreeAnswer TreeAnswers::absent_member_unknown(const std::string& value,
                                              const std::string& dn) const {
    if (!samba()) return name_error(32, "00000525", "2001 (NO_OBJECT)", "");
    if (value.starts_with("<GUID=")) {
        return {21, "0000200B: objectclass_attrs: attribute 'member' on entry '" + dn +
                        "' contains at least one invalid value!"};
    }
    return {53, "00002035: Unable to find GUID for DN " + value + "\n"};
}

TreeAnswer TreeAnswers::sid_unknown() const {
    if (samba()) {
        return {53,
                "00002141: specified sid doesn't exist in domain at ../../source4/dsdb/samdb/"
                "ldb_modules/extended_dn_store.c:204:extended_dn_handle_fpo_attr"};
    }
    return service_error("00000534");
}

TreeAnswer TreeAnswers::member_twice(const AttributeType& type) const {
    if (samba()) {
        return {68, "00002071: Linked attribute " + type.name + " has multiple identical values"};
    }
    if (type.name == "member") return update_error(68, "00000562", "6005 (ENTRY_EXISTS)");
    return attribute_error(20, "00002083", "1006 (ATT_OR_VALUE_EXISTS)", type);
}

TreeAnswer TreeAnswers::referenced_missing(const AttributeType& type) const {
    if (samba()) {
        return {19,
                "000020B5: Referenced object not found at ../../source4/dsdb/samdb/ldb_modules/"
                "extended_dn_store.c:357:extended_replace_callback"};
    }
    return attribute_error(19, "000020B5", "1005 (CONSTRAINT_ATT_TYPE)", type);
}

TreeAnswer TreeAnswers::back_link(const AttributeType& type, const std::string& dn) const {
    if (samba()) {
        return {53, "00002035: objectclass_attrs: " + quoted(type, dn) +
                        " must not be modified directly, it is a linked attribute"};
    }
    return service_error("0000209A");
}

TreeAnswer TreeAnswers::scope_rule(std::string_view windows_error) const {
    return service_error(std::string(windows_error));
}

TreeAnswer TreeAnswers::group_type_change(bool from_global) const {
    if (samba()) {
        return {53, std::string("00002035: samldb: Change from security/distribution ") +
                        (from_global ? "global" : "local") + " group forbidden!"};
    }
    return service_error("00002141");
}

TreeAnswer TreeAnswers::no_group_type(bool adding) const {
    if (samba() && adding) return {53, "00002035: samldb: Unrecognized account type!"};
    if (samba()) {
        return {53, "error in module samldb: Unwilling to perform during LDB_MODIFY (53)"};
    }
    return service_error("00002141");
}

TreeAnswer TreeAnswers::out_of_range(const AttributeType& type, const std::string& dn,
                                     std::size_t length) const {
    if (samba()) return invalid_value(type, dn);
    return attribute_error(19, "00002082", "1005 (CONSTRAINT_ATT_TYPE)", type,
                           ":len " + std::to_string(length * 2));
}

TreeAnswer TreeAnswers::invalid_value(const AttributeType& type, const std::string& dn) const {
    if (samba()) {
        return {21, "0000200B: objectclass_attrs: " + quoted(type, dn) +
                        " contains at least one invalid value!"};
    }
    return conversion_error(21);
}

TreeAnswer TreeAnswers::empty_value(const AttributeType& type, const std::string& dn) const {
    if (samba()) {
        return {21, "Element " + type.name + " has empty attribute in ldb message (" + dn + ")!"};
    }
    return conversion_error(21);
}

TreeAnswer TreeAnswers::value_exists(const AttributeType& type, const std::string& dn) const {
    if (samba()) {
        return {20, "attribute '" + type.name + "': value #0 on '" + dn + "' already exists"};
    }
    return attribute_error(20, "00002083", "1006 (ATT_OR_VALUE_EXISTS)", type);
}

TreeAnswer TreeAnswers::value_absent(const AttributeType& type, const std::string& dn,
                                     bool whole_attribute) const {
    if (!samba()) return attribute_error(16, "00002085", "1001 (NO_ATTRIBUTE_OR_VAL)", type);
    if (whole_attribute) {
        return {16, "attribute '" + type.name + "': no such attribute for delete on '" + dn + "'"};
    }
    return {16, "attribute '" + type.name +
                    "': no matching attribute value while deleting attribute on '" + dn + "'"};
}

TreeAnswer TreeAnswers::attribute_unknown(const std::string& name, const std::string& dn,
                                          bool adding) const {
    if (samba() && !adding) {
        return {16, "acl_modify: attribute '" + name + "' on entry '" + dn +
                        "' was not found in the schema!"};
    }
    if (samba()) {
        return {16, "0000200A: objectclass_attrs: attribute '" + name + "' on entry '" + dn +
                        "' was not found in the schema!"};
    }
    return conversion_error(16);
}

TreeAnswer TreeAnswers::not_in_class(const std::string& name, const std::string& dn) const {
    if (samba()) {
        return {65, "00002014: objectclass_attrs: attribute '" + name + "' on entry '" + dn +
                        "' does not exist in the specified objectclasses!"};
    }
    return update_error(65, "0000207D", "6002 (OBJ_CLASS_VIOLATION)");
}

TreeAnswer TreeAnswers::several_values(const AttributeType& type, const std::string& dn,
                                       bool adding) const {
    if (samba()) {
        return {adding ? 19 : 20, std::string(adding ? "0000202F" : "0000200D") +
                                      ": SINGLE-VALUE attribute " + type.name + " on " + dn +
                                      " specified more than once"};
    }
    return attribute_error(19, "00002081", "1005 (CONSTRAINT_ATT_TYPE)", type);
}

TreeAnswer TreeAnswers::system_only(const AttributeType& type, const std::string& dn,
                                    bool adding) const {
    if (!samba()) return attribute_error(19, "000020B1", "1005 (CONSTRAINT_ATT_TYPE)", type);
    if (type.name == "objectGUID" && adding) {
        return {53, "00002035: replmd_add: it's not allowed to add an object with objectGUID!"};
    }
    if (type.name == "objectSid") {
        return {53, "00002035: samldb: objectSid must not be specified!"};
    }
    return {19,
            "0000202F: objectclass_attrs: " + quoted(type, dn) + " can only be modified as system"};
}

TreeAnswer TreeAnswers::name_by_modify(const AttributeType& type, const std::string& dn) const {
    if (samba()) {
        const auto what = type.name == "name" ? std::string("'name'") : "RDN 'CN'";
        return {67, "00002016: Modify of " + what + " on " + dn +
                        " not permitted, must use 'rename' operation instead"};
    }
    return update_error(67, "000020B1", "6004 (CANT_ON_RDN)");
}

TreeAnswer TreeAnswers::class_unknown(const std::string& name) const {
    if (samba()) {
        return {16, "0000200A: objectclass " + name + " is not a valid objectClass in schema"};
    }
    return conversion_error(16);
}

TreeAnswer TreeAnswers::class_change(const std::string& dn, const std::string& from,
                                     const std::string& to) const {
    if (samba()) {
        return {65,
                "00002014: objectclass: not permitted to change the structural objectClass on " +
                    dn + " [" + from + "] => [" + to + "]!"};
    }
    return update_error(65, "00002087", "6002 (OBJ_CLASS_VIOLATION)");
}

TreeAnswer TreeAnswers::one_value_alone(const AttributeType& type, const std::string& dn) const {
    if (samba()) return several_values(type, dn, false);
    return attribute_error(20, "00002083", "1006 (ATT_OR_VALUE_EXISTS)", type);
}

TreeAnswer TreeAnswers::value_twice(const AttributeType& type, const std::string& dn,
                                    const std::string& value) const {
    if (!samba()) return value_exists(type, dn);
    return {20, "attribute '" + type.name + "': value '" + value + "' on '" + dn +
                    "' provided more than once in REPLACE"};
}

TreeAnswer TreeAnswers::must_stay(const AttributeType& type, const std::string& dn) const {
    if (!samba()) return update_error(65, "0000207D", "6002 (OBJ_CLASS_VIOLATION)");
    if (type.name == "sAMAccountName") {
        return {53, "00002077: samldb: 'samAccountName' can't be deleted/empty!"};
    }
    return {53, "00002035: objectclass_attrs: delete protected " + quoted(type, dn) + " missing!"};
}

TreeAnswer TreeAnswers::naming_violation(bool adding, const std::string& type,
                                         const std::string& object_class) const {
    if (!samba()) return name_error(64, "00002099", "2005 (NAMING_VIOLATION)", "");
    return {adding ? 64 : 53, std::string(adding ? "00002037" : "00002035") +
                                  ": objectclass: Invalid RDN '" + type + "' for objectclass '" +
                                  object_class + "'!"};
}

TreeAnswer TreeAnswers::too_many_values() const {
    return {11, ended("00002024: SvcErr: DSID-02082F7B, problem 5008 (ADMIN_LIMIT_EXCEEDED), data "
                      "-1026")};
}

TreeAnswer TreeAnswers::not_bound() const {
    if (samba()) return {1, "00002020: Operation unavailable without authentication"};
    return {1, ended("000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this "
                     "operation a successful bind must be completed on the connection., data 0, "
                     "v4563")};
}

TreeAnswer TreeAnswers::bad_credentials() const {
    return {49,
            "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, "
            "v1db1"};
}

TreeAnswer TreeAnswers::may_not_create(const std::string& dn) const {
    if (samba()) return {50, "acl: unable to get access to " + dn};
    return security_error("00000005");
}

TreeAnswer TreeAnswers::may_not_write(const AttributeType& type, const std::string& dn) const {
    if (!samba()) return security_error(type.name == "member" ? "00000005" : "00002098");
    if (type.name == "member") {
        return {50, "error in module acl: insufficient access rights during LDB_MODIFY (50)"};
    }
    return {50, "00002098: Object " + dn + " has no write property access\n"};
}

TreeAnswer TreeAnswers::may_not_delete(const std::string& dn) const {
    if (samba()) return {50, "dsdb_access: Access check failed on " + dn};
    return security_error("00000005");
}

TreeAnswer TreeAnswers::may_not_move(const std::string& dn) const {
    if (samba()) return {50, "acl:access_denied renaming " + dn};
    return security_error("00000005");
}

}  // namespace writeback::fakes
