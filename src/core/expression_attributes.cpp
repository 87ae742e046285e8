#include "core/expression_attributes.hpp"

#include "core/expression_words.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace writeback::expressions {

namespace {

constexpr auto text = ExpressionType::text;
constexpr auto boolean = ExpressionType::boolean;
constexpr auto texts = ExpressionType::texts;

ExpressionValue of(const std::optional<std::string>& field) {
    return field ? ExpressionValue(*field) : ExpressionValue();
}
ExpressionValue unless_empty(const std::string& field) {
    return field.empty() ? ExpressionValue() : ExpressionValue(field);
}

// Why some properties of a group cannot be read.
struct Refused {
    std::string_view name;
    std::string_view why;
};
const std::vector<Refused>& refused_attributes() {
    constexpr std::string_view reference =
        "because it holds references to other objects and not texts; members are written to "
        "`member` and owners to `managedBy` by themselves";
    constexpr std::string_view single =
        "because Graph gives it only when one group is read by itself, so that no change of it "
        "would be seen; use another attribute or a directory extension";
    constexpr std::string_view on_premises =
        "because it tells of the on-premises group that a group came from, which is never written; "
        "use a directory extension that keeps the value";
    static const std::vector<Refused> refused = {
        {"members", reference},
        {"member", reference},
        {"owners", reference},
        {"owner", reference},
        {"managedBy", reference},
        {"memberOf", reference},
        {"transitiveMembers", reference},
        {"transitiveMemberOf", reference},
        {"acceptedSenders", reference},
        {"rejectedSenders", reference},
        {"allowExternalSenders", single},
        {"autoSubscribeNewMembers", single},
        {"hideFromAddressLists", single},
        {"hideFromOutlookClients", single},
        {"isSubscribedByMail", single},
        {"unseenCount", single},
        {"isArchived", single},
        {"onPremisesDistinguishedName", on_premises},
        {"distinguishedName", on_premises},
        {"assignedLabels", "because its values are objects and not texts; use classification"},
        {"assignedLicenses", "because its values are objects and not texts; use an extension"},
        {"userPrincipalName", "because users have it and groups do not; use mail or mailNickname"},
    };
    return refused;
}

// extension_<application id, 32 hexadecimal digits>_<name>, in lower case but for the name.
std::optional<std::string> directory_extension(std::string_view name) {
    constexpr std::string_view prefix = "extension_";
    constexpr std::size_t digits = 32;
    constexpr std::size_t longest = 256;
    if (name.size() < prefix.size() + digits + 2 || name.size() > longest) return std::nullopt;
    std::string begin = in_lower_case(name.substr(0, prefix.size() + digits));
    const bool hexadecimal =
        begin.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
    const std::string_view rest = name.substr(begin.size() + 1);
    const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
    if (!begin.starts_with(prefix) || !hexadecimal || name[begin.size()] != '_' || !plain) {
        return std::nullopt;
    }
    return begin + "_" + std::string(rest);
}

std::string unknown(std::string_view name) {
    std::vector<std::string_view> names;
    for (const KnownAttribute& attribute : known_attributes()) {
        names.push_back(attribute.name);
        if (!attribute.other_name.empty()) names.push_back(attribute.other_name);
    }
    const std::string begin =
        "[" + left(name, 80) + "] is no attribute of a group that can be read";
    if (in_lower_case(name).starts_with("extension")) {
        return begin +
               "; a directory extension is written extension_<32 hexadecimal digits of the "
               "application id>_<name>";
    }
    const std::string_view near = nearest(name, names);
    return begin + (near.empty() ? std::string("; deploy/EXPRESSIONS.md lists them")
                                 : "; did you mean [" + std::string(near) + "]?");
}

Failure refuse(const AttributeRead& read, const std::string& what) {
    return failure(FailureKind::value_refused, "the group's " + read.name + " " + what);
}

Result<std::string> checked(const AttributeRead& read, const std::string& value) {
    if (value.size() > most_text_bytes) {
        return refuse(read, "has " + std::to_string(value.size()) + " bytes, more than the " +
                                std::to_string(most_text_bytes) + " that an expression takes");
    }
    std::string result = clean(value);
    if (result.size() > most_text_bytes) return refuse(read, "is too long and no UTF-8");
    return result;
}

Result<ExpressionValue> all_of(const AttributeRead& read, const std::vector<std::string>& values) {
    if (values.empty()) return ExpressionValue();
    if (values.size() > most_values) {
        return refuse(read, "has " + std::to_string(values.size()) + " values, more than the " +
                                std::to_string(most_values) + " that an expression takes");
    }
    std::vector<std::string> result;
    for (const std::string& value : values) {
        auto one = checked(read, value);
        if (!one) return one.error();
        result.push_back(std::move(*one));
    }
    return ExpressionValue(std::move(result));
}

Result<ExpressionValue> further_value(const AttributeRead& read, const CloudGroup& group) {
    auto found = group.further.find(read.name);
    if (found == group.further.end()) {
        found = std::find_if(group.further.begin(), group.further.end(), [&](const auto& entry) {
            return is_same_word(entry.first, read.name);
        });
    }
    if (found == group.further.end() || found->second.empty()) return ExpressionValue();
    const std::vector<std::string>& values = found->second;
    if (read.type == ExpressionType::texts) return all_of(read, values);
    if (values.size() > 1) {
        return refuse(read,
                      "has " + std::to_string(values.size()) + " values where a mapping reads one");
    }
    if (read.type == ExpressionType::text) {
        auto one = checked(read, values.front());
        return one ? Result<ExpressionValue>(std::move(*one)) : one.error();
    }
    if (is_same_word(values.front(), "true")) return ExpressionValue(true);
    if (is_same_word(values.front(), "false")) return ExpressionValue(false);
    return refuse(read, "is " + excerpt(clean(values.front())) + ", which is no Boolean");
}

}  // namespace

const std::vector<KnownAttribute>& known_attributes() {
    using Group = CloudGroup;
    static const std::vector<KnownAttribute> attributes = {
        {"id", text, "The object id, in lower case.", "objectId",
         [](const Group& g) { return unless_empty(g.id.text()); }},
        {"displayName",
         text,
         "The display name.",
         {},
         [](const Group& g) { return unless_empty(g.display_name); }},
        {"description",
         text,
         "The description.",
         {},
         [](const Group& g) { return of(g.description); }},
        {"mail", text, "The primary mail address.", {}, [](const Group& g) { return of(g.mail); }},
        {"mailNickname",
         text,
         "The mail alias; security groups have one as well.",
         {},
         [](const Group& g) { return of(g.mail_nickname); }},
        {"mailEnabled",
         boolean,
         "Whether the group has a mailbox or distributes mail.",
         {},
         [](const Group& g) { return ExpressionValue(g.mail_enabled); }},
        {"securityEnabled",
         boolean,
         "Whether the group may be given rights.",
         {},
         [](const Group& g) { return ExpressionValue(g.security_enabled); }},
        {"groupTypes",
         texts,
         "Unified (Microsoft 365), DynamicMembership, or nothing.",
         {},
         [](const Group& g) { return ExpressionValue(g.group_types); }},
        {"proxyAddresses",
         texts,
         "The mail addresses with their kind, as SMTP:a@contoso.com.",
         {},
         [](const Group& g) { return ExpressionValue(g.proxy_addresses); }},
        {"visibility",
         text,
         "Private, Public or HiddenMembership.",
         {},
         [](const Group& g) { return of(g.visibility); }},
        {"onPremisesSyncEnabled", boolean,
         "Whether AD is the source; such groups are never written.", "dirSyncEnabled",
         [](const Group& g) { return ExpressionValue(g.on_premises_sync_enabled); }},
        {"onPremisesSecurityIdentifier",
         text,
         "The SID of the group that it came from.",
         {},
         [](const Group& g) { return unless_empty(g.on_premises_security_identifier.text()); }},
        {"classification", text, "The classification, as \"low\"."},
        {"createdDateTime", text, "When it was created, as 2026-11-22T08:00:00Z."},
        {"creationOptions", texts, "What the group was created with."},
        {"expirationDateTime", text, "When the group expires."},
        {"isAssignableToRole", boolean, "Whether Entra roles can be given to it."},
        {"isManagementRestricted", boolean, "Whether a restricted unit holds it."},
        {"membershipRule", text, "The rule of a dynamic group."},
        {"membershipRuleProcessingState", text, "On or Paused."},
        {"onPremisesDomainName", text, "The DNS name of the domain that it came from."},
        {"onPremisesLastSyncDateTime", text, "When it was last synced from AD."},
        {"onPremisesNetBiosName", text, "The NetBIOS name of the domain that it came from."},
        {"onPremisesSamAccountName", text, "The sAMAccountName of the group that it came from."},
        {"preferredDataLocation", text, "Where its data is kept, as EUR."},
        {"preferredLanguage", text, "The language of a Microsoft 365 group, as en-US."},
        {"renewedDateTime", text, "When it was last renewed."},
        {"resourceBehaviorOptions", texts, "How the Microsoft 365 group behaves."},
        {"resourceProvisioningOptions", texts, "Team where Teams uses the group."},
        {"securityIdentifier", text, "The SID that the cloud gave it, S-1-12-1-…."},
        {"theme", text, "The colour of a Microsoft 365 group."},
        {"uniqueName", text, "The name that an application gave it."},
        {"writebackConfiguration.isEnabled", boolean,
         "Whether it is to be written back; NULL where "
         "nobody said so.",
         "isWritebackEnabled"},
        {"writebackConfiguration.onPremisesGroupType", text,
         "What it is to be in AD, as "
         "universalSecurityGroup."},
    };
    return attributes;
}

std::variant<AttributeRead, std::string> find_attribute(std::string_view name) {
    for (const KnownAttribute& attribute : known_attributes()) {
        if (is_same_word(name, attribute.name) ||
            (!attribute.other_name.empty() && is_same_word(name, attribute.other_name))) {
            return AttributeRead{std::string(attribute.name), attribute.type, attribute.field};
        }
    }
    if (auto extension = directory_extension(name)) {
        return AttributeRead{std::move(*extension), text, nullptr};
    }
    for (const Refused& refused : refused_attributes()) {
        if (is_same_word(name, refused.name)) {
            return "[" + std::string(refused.name) + "] cannot be read by an expression, " +
                   std::string(refused.why);
        }
    }
    return unknown(name);
}

Result<ExpressionValue> value_of(const AttributeRead& read, const CloudGroup& group) {
    if (read.field == nullptr) return further_value(read, group);
    ExpressionValue value = read.field(group);
    if (const auto* several = std::get_if<std::vector<std::string>>(&value)) {
        return all_of(read, *several);
    }
    if (const auto* one = std::get_if<std::string>(&value)) {
        auto cleaned = checked(read, *one);
        return cleaned ? Result<ExpressionValue>(std::move(*cleaned)) : cleaned.error();
    }
    return value;
}

}  // namespace writeback::expressions
