#include "fakes/directory_tree_schema.hpp"

#include "fakes/directory_tree_text.hpp"

#include <stdexcept>

namespace writeback::fakes {

namespace {

// Letters in the tables: s single-valued, c in the global catalog, y system-only, k constructed.
struct Row {
    const char* name;
    const char* cn;
    const char* oid;
    std::uint32_t number;
    ValueSyntax syntax;
    const char* letters;
    int least;  // -1: none
    int most;
    const char* classes;
    SchemaExtent since = SchemaExtent::plain;
};

constexpr auto text = ValueSyntax::text;
constexpr auto integer = ValueSyntax::integer;
constexpr auto octets = ValueSyntax::octets;
constexpr auto boolean = ValueSyntax::boolean;
constexpr auto w2016 = SchemaExtent::windows_2016;
constexpr auto exchange = SchemaExtent::exchange;

constexpr const char* any = "*";
constexpr const char* principals = "group user computer";
constexpr const char* recipients = "group user computer contact";

const Row rows[] = {
    {"objectClass", "Object-Class", "2.5.4.0", 0, ValueSyntax::oid, "c", -1, -1, any},
    {"cn", "Common-Name", "2.5.4.3", 3, text, "sc", 1, 64, any},
    {"ou", "Organizational-Unit-Name", "2.5.4.11", 0xb, text, "c", 1, 64, any},
    {"dc", "Domain-Component", "0.9.2342.19200300.100.1.25", 0x150019, text, "sc", 1, 255, any},
    {"name", "RDN", "1.2.840.113556.1.4.1", 0x90001, text, "scy", 1, 255, any},
    {"distinguishedName", "Obj-Dist-Name", "2.5.4.49", 0x31, ValueSyntax::name, "scy", -1, -1, any},
    {"objectGUID", "Object-Guid", "1.2.840.113556.1.4.2", 0x90002, octets, "scy", 16, 16, any},
    {"objectSid", "Object-Sid", "1.2.840.113556.1.4.146", 0x90092, ValueSyntax::sid, "scy", 0, 28,
     "group user computer domainDNS foreignSecurityPrincipal"},
    {"objectCategory", "Object-Category", "1.2.840.113556.1.4.782", 0x9030e, ValueSyntax::name,
     "sc", -1, -1, any},
    {"instanceType", "Instance-Type", "1.2.840.113556.1.2.1", 0x20001, integer, "scy", -1, -1, any},
    {"whenCreated", "When-Created", "1.2.840.113556.1.2.2", 0x20002, ValueSyntax::time, "scy", -1,
     -1, any},
    {"whenChanged", "When-Changed", "1.2.840.113556.1.2.3", 0x20003, ValueSyntax::time, "sy", -1,
     -1, any},
    {"uSNCreated", "USN-Created", "1.2.840.113556.1.2.19", 0x20013, ValueSyntax::large_integer,
     "scy", -1, -1, any},
    {"uSNChanged", "USN-Changed", "1.2.840.113556.1.2.120", 0x20078, ValueSyntax::large_integer,
     "scy", -1, -1, any},
    {"isDeleted", "Is-Deleted", "1.2.840.113556.1.2.48", 0x20030, boolean, "scy", -1, -1, any},
    {"isRecycled", "Is-Recycled", "1.2.840.113556.1.4.2058", 0x9080a, boolean, "scy", -1, -1, any},
    {"lastKnownParent", "Last-Known-Parent", "1.2.840.113556.1.4.781", 0x9030d, ValueSyntax::name,
     "sy", -1, -1, any},
    {"msDS-LastKnownRDN", "ms-DS-Last-Known-RDN", "1.2.840.113556.1.4.2067", 0x90813, text, "sy", 1,
     255, any},
    {"isCriticalSystemObject", "Is-Critical-System-Object", "1.2.840.113556.1.4.868", 0x90364,
     boolean, "sc", -1, -1, any},
    {"allowedAttributes", "Allowed-Attributes", "1.2.840.113556.1.4.913", 0x90391, ValueSyntax::oid,
     "yk", -1, -1, any},
    {"allowedAttributesEffective", "Allowed-Attributes-Effective", "1.2.840.113556.1.4.914",
     0x90392, ValueSyntax::oid, "yk", -1, -1, any},
    {"allowedChildClassesEffective", "Allowed-Child-Classes-Effective", "1.2.840.113556.1.4.912",
     0x90390, ValueSyntax::oid, "yk", -1, -1, any},
    {"sAMAccountName", "SAM-Account-Name", "1.2.840.113556.1.4.221", 0x900dd, text, "sc", 0, 256,
     principals},
    {"sAMAccountType", "SAM-Account-Type", "1.2.840.113556.1.4.302", 0x9012e, integer, "scy", -1,
     -1, principals},
    {"groupType", "Group-Type", "1.2.840.113556.1.4.750", 0x902ee, integer, "sc", -1, -1, "group"},
    {"displayName", "Display-Name", "1.2.840.113556.1.2.13", 0x2000d, text, "sc", 0, 256, any},
    {"displayNamePrintable", "Display-Name-Printable", "1.2.840.113556.1.2.353", 0x20161,
     ValueSyntax::printable, "sc", 1, 256, any},
    {"description", "Description", "2.5.4.13", 0xd, text, "c", 0, 1024, any},
    {"adminDescription", "Admin-Description", "1.2.840.113556.1.2.226", 0x200e2, text, "s", 0, 1024,
     any},
    {"adminDisplayName", "Admin-Display-Name", "1.2.840.113556.1.2.194", 0x200c2, text, "s", 1, 256,
     any},
    {"mail", "E-mail-Addresses", "0.9.2342.19200300.100.1.3", 0x150003, text, "sc", 0, 256,
     recipients},
    {"proxyAddresses", "Proxy-Addresses", "1.2.840.113556.1.2.210", 0x200d2, text, "c", 1, 1123,
     recipients},
    {"info", "Comment", "1.2.840.113556.1.2.81", 0x20051, text, "s", 1, 1024, recipients},
    {"legacyExchangeDN", "Legacy-Exchange-DN", "1.2.840.113556.1.4.655", 0x9028f,
     ValueSyntax::teletex, "sc", -1, -1, recipients},
    {"textEncodedORAddress", "Text-Encoded-OR-Address", "0.9.2342.19200300.100.1.2", 0x150002, text,
     "s", 1, 1024, recipients},
    {"wWWHomePage", "WWW-Home-Page", "1.2.840.113556.1.2.464", 0x201d0, text, "s", 1, 2048,
     recipients},
    {"url", "WWW-Page-Other", "1.2.840.113556.1.4.749", 0x902ed, text, "", -1, -1, any},
    {"telephoneNumber", "Telephone-Number", "2.5.4.20", 0x14, text, "sc", 1, 64, recipients},
    {"extensionName", "Extension-Name", "1.2.840.113556.1.2.227", 0x200e3, text, "", 1, 255, any},
    {"mS-DS-ConsistencyGuid", "MS-DS-Consistency-Guid", "1.2.840.113556.1.4.1360", 0x90550, octets,
     "s", -1, -1, any},
    {"msDS-CloudAnchor", "ms-DS-Cloud-Anchor", "1.2.840.113556.1.4.2273", 0x908e1, octets, "s", -1,
     -1, any},
    {"sIDHistory", "SID-History", "1.2.840.113556.1.4.609", 0x90261, ValueSyntax::sid, "cy", -1, -1,
     principals},
    {"userPrincipalName", "User-Principal-Name", "1.2.840.113556.1.4.656", 0x90290, text, "sc", -1,
     1024, "user computer"},
    {"userAccountControl", "User-Account-Control", "1.2.840.113556.1.4.8", 0x90008, integer, "sc",
     -1, -1, "user computer"},
    {"primaryGroupID", "Primary-Group-ID", "1.2.840.113556.1.4.98", 0x90062, integer, "sc", -1, -1,
     "user computer"},
    {"givenName", "Given-Name", "2.5.4.42", 0x2a, text, "sc", 1, 64, "user contact computer"},
    {"sn", "Surname", "2.5.4.4", 4, text, "sc", 1, 64, "user contact computer"},
    {"homeDirectory", "Home-Directory", "1.2.840.113556.1.4.44", 0x9002c, text, "s", -1, -1,
     "user computer"},
    {"invocationId", "Invocation-Id", "1.2.840.113556.1.2.115", 0x20073, octets, "scy", 16, 16,
     "nTDSDSA"},
    {"lDAPDisplayName", "LDAP-Display-Name", "1.2.840.113556.1.2.460", 0x201cc, text, "sy", 1, 256,
     "attributeSchema classSchema"},
    {"attributeID", "Attribute-ID", "1.2.840.113556.1.2.30", 0x2001e, ValueSyntax::oid, "sy", -1,
     -1, "attributeSchema"},
    {"attributeSyntax", "Attribute-Syntax", "1.2.840.113556.1.2.32", 0x20020, ValueSyntax::oid,
     "sy", -1, -1, "attributeSchema"},
    {"oMSyntax", "OM-Syntax", "1.2.840.113556.1.2.231", 0x200e7, integer, "sy", -1, -1,
     "attributeSchema"},
    {"isSingleValued", "Is-Single-Valued", "1.2.840.113556.1.2.33", 0x20021, boolean, "sy", -1, -1,
     "attributeSchema"},
    {"rangeLower", "Range-Lower", "1.2.840.113556.1.2.34", 0x20022, integer, "sy", -1, -1,
     "attributeSchema"},
    {"rangeUpper", "Range-Upper", "1.2.840.113556.1.2.35", 0x20023, integer, "sy", -1, -1,
     "attributeSchema"},
    {"linkID", "Link-ID", "1.2.840.113556.1.2.50", 0x20032, integer, "sy", -1, -1,
     "attributeSchema"},
    {"searchFlags", "Search-Flags", "1.2.840.113556.1.2.334", 0x2014e, integer, "sy", -1, -1,
     "attributeSchema"},
    {"systemOnly", "System-Only", "1.2.840.113556.1.4.170", 0x900aa, boolean, "sy", -1, -1,
     "attributeSchema"},
    {"systemFlags", "System-Flags", "1.2.840.113556.1.4.375", 0x90177, integer, "sy", -1, -1, any},
    {"nCName", "NC-Name", "1.2.840.113556.1.2.16", 0x20010, ValueSyntax::name, "sy", -1, -1,
     "crossRef"},
    {"nETBIOSName", "NETBIOS-Name", "1.2.840.113556.1.4.87", 0x90057, text, "sy", 1, 16,
     "crossRef"},
    {"dnsRoot", "Dns-Root", "1.2.840.113556.1.4.28", 0x9001c, text, "y", 1, 255, "crossRef"},
    {"schemaIDGUID", "Schema-ID-GUID", "1.2.840.113556.1.4.148", 0x90094, octets, "sy", 16, 16,
     "attributeSchema classSchema"},
    {"msDS-ExternalDirectoryObjectId", "ms-DS-External-Directory-Object-Id",
     "1.2.840.113556.1.4.2310", 0x90906, text, "s", -1, 256, recipients, w2016},
    // Not in a published schema: the mark of a group whose source of authority was transferred.
    {"msDS-ObjectSoa", "ms-DS-Object-Soa", "1.2.840.113556.1.4.2373", 0x90945, text, "s", -1, 256,
     "group user contact", w2016},
    {"mailNickname", "ms-Exch-Mail-Nickname", "1.2.840.113556.1.2.447", 0x201bf, text, "sc", 1, 64,
     recipients, exchange},
    {"targetAddress", "ms-Exch-Target-Address", "1.2.840.113556.1.2.352", 0x20160, text, "sc", 1,
     1123, recipients, exchange},
    {"msExchRecipientDisplayType", "ms-Exch-Recipient-Display-Type",
     "1.2.840.113556.1.4.7000.102.50730", 0x7fc0c62a, integer, "sc", -1, -1, recipients, exchange},
    {"msExchRequireAuthToSendTo", "ms-Exch-Require-Auth-To-Send-To", "1.2.840.113556.1.4.5062",
     0x913c6, boolean, "sc", -1, -1, recipients, exchange},
    {"msExchHideFromAddressLists", "ms-Exch-Hide-From-Address-Lists",
     "1.2.840.113556.1.4.7000.102.73", 0x7fc00049, boolean, "sc", -1, -1, recipients, exchange},
    {"hideDLMembership", "ms-Exch-Hide-DL-Membership", "1.2.840.113556.1.2.297", 0x20129, boolean,
     "sc", -1, -1, "group", exchange},
    {"reportToOriginator", "ms-Exch-Report-To-Originator", "1.2.840.113556.1.2.206", 0x200ce,
     boolean, "sc", -1, -1, "group", exchange},
    {"oOFReplyToOriginator", "ms-Exch-OOF-Reply-To-Originator", "1.2.840.113556.1.2.438", 0x201b6,
     boolean, "sc", -1, -1, "group", exchange},
};

struct LinkRow {
    const char* name;
    const char* cn;
    const char* oid;
    std::uint32_t number;
    const char* letters;
    int link_id;
    const char* back;
    const char* classes;
    SchemaExtent since;
};

constexpr auto plain = SchemaExtent::plain;
const LinkRow links[] = {
    {"member", "Member", "2.5.4.31", 0x1f, "c", 2, "memberOf", "group", plain},
    {"managedBy", "Managed-By", "1.2.840.113556.1.4.653", 0x9028d, "sc", 72, "managedObjects",
     "group organizationalUnit computer container", plain},
    {"manager", "Manager", "0.9.2342.19200300.100.1.10", 0x15000a, "sc", 42, "directReports",
     "user contact", plain},
    {"showInAddressBook", "Show-In-Address-Book", "1.2.840.113556.1.4.644", 0x90284, "c", 0, "",
     recipients, plain},
    {"authOrig", "ms-Exch-Auth-Orig", "1.2.840.113556.1.2.129", 0x20081, "c", 110, "authOrigBL",
     recipients, exchange},
    {"msExchCoManagedByLink", "ms-Exch-CoManaged-By-Link", "1.2.840.113556.1.4.7000.102.51130",
     0x7fc0c7ba, "c", 1264, "", "group", exchange},
};
const LinkRow back_links[] = {
    {"memberOf", "Is-Member-Of-DL", "1.2.840.113556.1.2.102", 0x20066, "c", 3, "member", any,
     plain},
    {"managedObjects", "Managed-Objects", "1.2.840.113556.1.4.654", 0x9028e, "", 73, "managedBy",
     any, plain},
    {"directReports", "Reports", "1.2.840.113556.1.2.436", 0x201b4, "c", 43, "manager", any, plain},
    {"authOrigBL", "ms-Exch-Auth-Orig-BL", "1.2.840.113556.1.2.290", 0x20122, "", 111, "authOrig",
     any, exchange},
};

bool has(const char* letters, char letter) {
    return std::string_view(letters).find(letter) != std::string_view::npos;
}

std::set<std::string> words(std::string_view list) {
    std::set<std::string> result;
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        result.insert(lower(list.substr(0, end)));
        list.remove_prefix(std::min(list.size(), end + 1));
    }
    return result;
}

AttributeType type_of(const Row& row) {
    AttributeType type;
    type.name = row.name;
    type.cn = row.cn;
    type.oid = row.oid;
    type.number = row.number;
    type.syntax = row.syntax;
    type.single_valued = has(row.letters, 's');
    type.in_catalog = has(row.letters, 'c');
    type.system_only = has(row.letters, 'y');
    type.constructed = has(row.letters, 'k');
    if (row.least >= 0) type.least = row.least;
    if (row.most >= 0) type.most = row.most;
    type.classes = words(row.classes);
    type.since = row.since;
    return type;
}

AttributeType type_of(const LinkRow& row, LinkKind kind) {
    AttributeType type;
    type.name = row.name;
    type.cn = row.cn;
    type.oid = row.oid;
    type.number = row.number;
    type.syntax = ValueSyntax::name;
    type.single_valued = has(row.letters, 's');
    type.in_catalog = has(row.letters, 'c');
    type.system_only = kind == LinkKind::back;
    type.link = kind;
    type.link_id = row.link_id;
    type.other_end = lower(row.back);
    type.classes = words(row.classes);
    type.since = row.since;
    return type;
}

const std::map<std::string, std::vector<std::string>>& classes() {
    static const std::map<std::string, std::vector<std::string>> chains = {
        {"group", {"top", "group"}},
        {"user", {"top", "person", "organizationalPerson", "user"}},
        {"computer", {"top", "person", "organizationalPerson", "user", "computer"}},
        {"contact", {"top", "person", "organizationalPerson", "contact"}},
        {"organizationalunit", {"top", "organizationalUnit"}},
        {"container", {"top", "container"}},
        {"domaindns", {"top", "domain", "domainDNS"}},
        {"configuration", {"top", "configuration"}},
        {"dmd", {"top", "dMD"}},
        {"attributeschema", {"top", "attributeSchema"}},
        {"classschema", {"top", "classSchema"}},
        {"foreignsecurityprincipal", {"top", "foreignSecurityPrincipal"}},
        {"server", {"top", "server"}},
        {"crossref", {"top", "crossRef"}},
        {"ntdsdsa", {"top", "applicationSettings", "nTDSDSA"}},
    };
    return chains;
}

}  // namespace

TreeSchema::TreeSchema(SchemaExtent extent, bool source_of_authority) {
    const auto take = [&](AttributeType type) {
        const auto key = lower(type.name);
        const bool absent = key == "msds-objectsoa" && !source_of_authority;
        if (type.since > extent || absent) {
            elsewhere_.insert(key);
        } else {
            types_.emplace(key, std::move(type));
        }
    };
    for (const auto& row : rows)
        take(type_of(row));
    for (const auto& row : links)
        take(type_of(row, LinkKind::forward));
    for (const auto& row : back_links)
        take(type_of(row, LinkKind::back));
}

const AttributeType* TreeSchema::find(std::string_view name) const {
    const auto key = lower(name);
    const auto found = types_.find(key);
    if (found != types_.end()) return &found->second;
    if (elsewhere_.contains(key)) return nullptr;
    throw std::logic_error("the model directory's schema has no row for the attribute " +
                           std::string(name) + ": add it to directory_tree_schema.cpp");
}

const AttributeType& TreeSchema::get(std::string_view name) const {
    const auto* type = find(name);
    if (type == nullptr) throw std::logic_error("not in this schema: " + std::string(name));
    return *type;
}

bool TreeSchema::allows(const std::vector<std::string>& object_classes,
                        const AttributeType& type) const {
    if (type.classes.contains(any)) return true;
    for (const auto& one : object_classes) {
        if (type.classes.contains(lower(one))) return true;
    }
    return false;
}

const std::vector<std::string>* TreeSchema::class_chain(std::string_view name) const {
    const auto found = classes().find(lower(name));
    return found == classes().end() ? nullptr : &found->second;
}

std::string syntax_oid(ValueSyntax syntax) {
    switch (syntax) {
        case ValueSyntax::text:
            return "2.5.5.12";
        case ValueSyntax::teletex:
            return "2.5.5.4";
        case ValueSyntax::printable:
            return "2.5.5.5";
        case ValueSyntax::integer:
            return "2.5.5.9";
        case ValueSyntax::large_integer:
            return "2.5.5.16";
        case ValueSyntax::boolean:
            return "2.5.5.8";
        case ValueSyntax::octets:
            return "2.5.5.10";
        case ValueSyntax::name:
            return "2.5.5.1";
        case ValueSyntax::sid:
            return "2.5.5.17";
        case ValueSyntax::time:
            return "2.5.5.11";
        case ValueSyntax::oid:
            return "2.5.5.2";
    }
    throw std::logic_error("no such syntax");
}

std::string om_syntax(ValueSyntax syntax) {
    switch (syntax) {
        case ValueSyntax::text:
            return "64";
        case ValueSyntax::teletex:
            return "20";
        case ValueSyntax::printable:
            return "19";
        case ValueSyntax::integer:
            return "2";
        case ValueSyntax::large_integer:
            return "65";
        case ValueSyntax::boolean:
            return "1";
        case ValueSyntax::octets:
        case ValueSyntax::sid:
            return "4";
        case ValueSyntax::name:
            return "127";
        case ValueSyntax::time:
            return "24";
        case ValueSyntax::oid:
            return "6";
    }
    throw std::logic_error("no such syntax");
}

}  // namespace writeback::fakes
