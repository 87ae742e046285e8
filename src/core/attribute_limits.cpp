#include "core/attribute_limits.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <set>
#include <utility>
#include <variant>

namespace writeback {

namespace {

using Syntax = AttributeSyntax;

struct KnownAttribute {
    std::string_view name;
    AttributeFacts facts;
};

// The attributes that group objects have in every Active Directory, and Exchange's. description
// has several values in the schema, but the directory allows groups a single one.
constexpr std::array known_attributes = {
    KnownAttribute{"adminDescription", {Syntax::text, true, 1024}},
    KnownAttribute{"cn", {Syntax::text, true, most_cn_units}},
    KnownAttribute{"description", {Syntax::text, true, 1024}},
    KnownAttribute{"displayName", {Syntax::text, true, 256}},
    KnownAttribute{"displayNamePrintable", {Syntax::printable, true, 256}},
    KnownAttribute{"info", {Syntax::text, true, 1024}},
    KnownAttribute{"legacyExchangeDN", {Syntax::printable, true, 0}},
    KnownAttribute{"mail", {Syntax::text, true, 256}},
    KnownAttribute{"managedBy", {Syntax::name, true, 0}},
    KnownAttribute{"msDS-ExternalDirectoryObjectId", {Syntax::text, true, 256}},
    KnownAttribute{"proxyAddresses", {Syntax::text, false, 1123}},
    KnownAttribute{"sAMAccountName", {Syntax::text, true, most_account_name_units}},
    KnownAttribute{"showInAddressBook", {Syntax::name, false, 0}},
    KnownAttribute{"telephoneNumber", {Syntax::text, true, 64}},
    KnownAttribute{"textEncodedORAddress", {Syntax::text, true, 1024}},
    KnownAttribute{"wWWHomePage", {Syntax::text, true, 2048}},
    KnownAttribute{"authOrig", {Syntax::name, false, 0}},
    KnownAttribute{"hideDLMembership", {Syntax::boolean, true, 0}},
    KnownAttribute{"mailNickname", {Syntax::text, true, 64}},
    KnownAttribute{"msExchCoManagedByLink", {Syntax::name, false, 0}},
    KnownAttribute{"msExchHideFromAddressLists", {Syntax::boolean, true, 0}},
    KnownAttribute{"msExchRecipientDisplayType", {Syntax::integer, true, 0}},
    KnownAttribute{"msExchRecipientTypeDetails", {Syntax::integer, true, 0}},
    KnownAttribute{"msExchRequireAuthToSendTo", {Syntax::boolean, true, 0}},
    KnownAttribute{"oOFReplyToOriginator", {Syntax::boolean, true, 0}},
    KnownAttribute{"reportToOriginator", {Syntax::boolean, true, 0}},
    KnownAttribute{"reportToOwner", {Syntax::boolean, true, 0}},
    KnownAttribute{"targetAddress", {Syntax::text, true, 1123}},
};

// Attributes that nobody but this program, or the directory itself, writes.
struct Forbidden {
    std::string_view name;
    std::string_view why;
};
constexpr std::string_view systems = "is kept by Active Directory";
constexpr std::array forbidden_attributes = {
    Forbidden{"adminDescription", "holds the mark that says a group is ours"},
    Forbidden{"msDS-ExternalDirectoryObjectId", "holds the mark that says a group is ours"},
    Forbidden{"member", "holds the members, which come from the group itself"},
    Forbidden{"groupType", "follows the group's kind; use groups.microsoft365_as"},
    Forbidden{"objectClass", "is always group"},
    Forbidden{"distinguishedName", "follows cn and parentDistinguishedName; map those"},
    Forbidden{"name", "follows cn; map cn"},
    Forbidden{"nTSecurityDescriptor", "holds rights, which no mapping gives"},
    Forbidden{"sIDHistory", "holds rights, which no mapping gives"},
    Forbidden{"memberOf", systems},
    Forbidden{"objectGUID", systems},
    Forbidden{"objectSid", systems},
    Forbidden{"objectCategory", systems},
    Forbidden{"instanceType", systems},
    Forbidden{"uSNChanged", systems},
    Forbidden{"uSNCreated", systems},
    Forbidden{"whenChanged", systems},
    Forbidden{"whenCreated", systems},
    Forbidden{"sAMAccountType", systems},
    Forbidden{"adminCount", systems},
    Forbidden{"isCriticalSystemObject", systems},
    Forbidden{"systemFlags", systems},
    Forbidden{"isDeleted", systems},
    Forbidden{"primaryGroupToken", systems},
    Forbidden{"canonicalName", systems},
};

std::string in_lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

bool is_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && in_lower_case(a) == in_lower_case(b);
}

const KnownAttribute* known(std::string_view name) {
    const auto* const found =
        std::find_if(known_attributes.begin(), known_attributes.end(),
                     [&](const KnownAttribute& one) { return is_name(one.name, name); });
    return found == known_attributes.end() ? nullptr : found;
}

bool is_address(std::string_view name) {
    return is_name(name, "mail") || is_name(name, "proxyAddresses") ||
           is_name(name, "targetAddress");
}

Failure refuse(std::string_view name, const std::string& what) {
    return failure(FailureKind::value_refused, "[mapping] " + std::string(name) + ": " + what);
}

std::string shown(std::string_view text) {
    std::string result = left(text, 60);
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
    return "\"" + result + (result.size() < text.size() ? "…\"" : "\"");
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Why AD would refuse the text as an account name, with the remedy; empty when it takes it.
std::string fault_of_account_name(const std::string& text) {
    for (const char c : text) {
        const bool wrong = std::string_view("\"/\\[]:;|=,+*?<>").find(c) != std::string_view::npos;
        if (wrong || is_control(c)) {
            return shown(text) + " holds " +
                   (wrong ? std::string("the character ") + c : "a control character") +
                   ", which no account name may have; take it out with Replace";
        }
    }
    if (text.starts_with('$')) {
        return shown(text) +
               " begins with $, as the names that the directory makes up do; put another character "
               "before it";
    }
    if (text.ends_with('.')) {
        return shown(text) + " ends with a dot, which no account name may; append something to it";
    }
    if (text.find_first_not_of(" .") == std::string::npos) {
        return "the name is blank; append something to it, as Mid([objectId],25,12)";
    }
    return {};
}

Result<std::string> text_of(std::string_view name, const AttributeFacts& facts, std::string text) {
    text = clean(text);
    if (is_name(name, "cn")) text = trim(text);
    const std::size_t most = facts.most_length;
    if (most > 0 && utf16_length(text) > most) {
        if (is_address(name)) {
            return refuse(name, shown(text) + " has " + std::to_string(utf16_length(text)) +
                                    " characters where the directory takes " +
                                    std::to_string(most) +
                                    ", and an address that is cut is another one; give the group "
                                    "a shorter address");
        }
        text = left(text, most);
        if (is_name(name, "cn")) text = trim(text);
    }
    if (facts.syntax == Syntax::printable) {
        for (const char c : text) {
            if (is_control(c) || static_cast<unsigned char>(c) >= 0x80) {
                return refuse(name, shown(text) +
                                        " holds characters that the directory does not print; it "
                                        "takes letters of ASCII here, so use NormalizeDiacritics "
                                        "and Replace");
            }
        }
    }
    if (is_name(name, "sAMAccountName") && !text.empty()) {
        if (auto fault = fault_of_account_name(text); !fault.empty()) return refuse(name, fault);
    }
    return text;
}

Result<std::string> boolean_of(std::string_view name, const ExpressionValue& value) {
    if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "TRUE" : "FALSE";
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (is_name(*text, "true")) return "TRUE";
        if (is_name(*text, "false")) return "FALSE";
        return refuse(name, shown(*text) +
                                " is neither True nor False, and the directory takes nothing else "
                                "here; compare it in the expression");
    }
    return refuse(name, "a number is neither True nor False; compare it in the expression");
}

Result<std::string> integer_of(std::string_view name, const ExpressionValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) {
        const std::string digits = trim(*text);
        std::int64_t number = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (read.ec == std::errc() && read.ptr == digits.data() + digits.size()) {
            return std::to_string(number);
        }
        return refuse(name, shown(*text) +
                                " is no whole number, and the directory takes nothing else here; "
                                "mend the expression or the group's property");
    }
    return refuse(name, "True or False is no number; use IIF to give one");
}

Result<std::string> one_of(std::string_view name, const AttributeFacts& facts,
                           const ExpressionValue& value) {
    switch (facts.syntax) {
        case Syntax::boolean:
            return boolean_of(name, value);
        case Syntax::integer:
            return integer_of(name, value);
        case Syntax::name:
        case Syntax::other:
            return refuse(name, "the directory keeps no text in it; take it out of the mapping");
        case Syntax::text:
        case Syntax::printable:
            break;
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return text_of(name, facts, std::to_string(*number));
    }
    if (const bool* boolean = std::get_if<bool>(&value)) {
        return text_of(name, facts, *boolean ? "True" : "False");
    }
    return text_of(name, facts, std::get<std::string>(value));
}

bool is_empty(const ExpressionValue& value) {
    if (std::holds_alternative<std::monostate>(value)) return true;
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->empty();
}

}  // namespace

std::optional<AttributeFacts> facts_of(std::string_view name, const Schema& schema) {
    const KnownAttribute* const standard = known(name);
    if (schema.empty()) return standard ? std::optional(standard->facts) : std::nullopt;
    const auto found = schema.find(in_lower_case(name));
    if (found == schema.end()) return std::nullopt;
    AttributeFacts facts = found->second;
    if (standard == nullptr) return facts;
    // A directory that tells no more than that it has the attribute.
    if (facts == AttributeFacts{}) return standard->facts;
    if (facts.most_length == 0) facts.most_length = standard->facts.most_length;
    if (is_name(name, "description")) facts.single_valued = true;
    return facts;
}

std::string spelled(std::string_view name) {
    const KnownAttribute* const standard = known(name);
    return std::string(standard ? standard->name : name);
}

std::string forbidden(std::string_view name, const AttributeFacts& facts) {
    for (const Forbidden& one : forbidden_attributes) {
        if (is_name(one.name, name)) return std::string(one.why);
    }
    if (facts.syntax == Syntax::name) {
        return "names other objects, which an expression cannot; of these only managedBy can be "
               "written, with [owners]";
    }
    if (facts.syntax == Syntax::other) return "holds no text, number or Boolean";
    return {};
}

Result<std::vector<std::string>> fit(std::string_view name, const AttributeFacts& facts,
                                     const ExpressionValue& value) {
    std::vector<ExpressionValue> given;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        given.assign(texts->begin(), texts->end());
    } else {
        given.push_back(value);
    }
    std::vector<std::string> values;
    std::set<std::string> listed;  // the directory compares without case
    for (const ExpressionValue& one : given) {
        if (is_empty(one)) continue;
        auto fitting = one_of(name, facts, one);
        if (!fitting) return fitting.error();
        if (fitting->empty() || !listed.insert(in_lower_case(*fitting)).second) continue;
        values.push_back(std::move(*fitting));
    }
    if (facts.single_valued && values.size() > 1) {
        return refuse(name, "the expression gives " + std::to_string(values.size()) +
                                " values, and the directory takes one; choose one with Item, or "
                                "use Join");
    }
    return values;
}

std::string with_id(std::string_view name, const GroupId& id, std::size_t most_units) {
    const std::string suffix = "_" + mid(id.text(), 25, 12);
    return left(name, most_units - suffix.size()) + suffix;
}

}  // namespace writeback
