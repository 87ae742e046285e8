#include "directory/ldap_errors.hpp"

#include "directory/ldap_text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace writeback {

namespace {

constexpr std::size_t longest_diagnostic = 300;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> candidates) {
    return std::find(candidates.begin(), candidates.end(), text) != candidates.end();
}

bool is_naming(DirectoryAction action) {
    return action == DirectoryAction::create || action == DirectoryAction::rename ||
           action == DirectoryAction::move || action == DirectoryAction::reanimate ||
           action == DirectoryAction::create_container;
}

bool carries_members(DirectoryAction action) {
    return action == DirectoryAction::create || action == DirectoryAction::add_members ||
           action == DirectoryAction::remove_members;
}

// What a value of `member` that the directory does not know or want means for the action.
FailureKind bad_member(DirectoryAction action) {
    return action == DirectoryAction::remove_members ? FailureKind::member_absent
                                                     : FailureKind::member_refused;
}

// Samba fails with this, not with 50, where the account may not read deleted objects.
bool hides_deleted_objects(std::string_view text) {
    return contains(text, "tombstone_reanimate");
}

// 16: a value or attribute that was to be deleted is not there, or an attribute is unknown. The
// mark is deleted and added in every modify, so unless the answer names the member it is the mark
// that is missing; Samba names neither, but says 53 of members.
FailureKind no_such_attribute(DirectoryAction action, std::string_view text) {
    const auto windows = windows_error(text);
    if (windows == "0000200A" || windows == "00000057" ||
        contains(text, "was not found in the schema")) {
        return FailureKind::attribute_unknown;
    }
    const bool of_member = contains(text, "(member)") || contains(text, "'member'");
    return action == DirectoryAction::remove_members && of_member ? FailureKind::member_absent
                                                                  : FailureKind::contradiction;
}

FailureKind value_exists(DirectoryAction action, std::string_view text) {
    if (contains(text, "adminDescription")) return FailureKind::contradiction;
    if (action == DirectoryAction::add_members) return FailureKind::member_exists;
    // A second value where one is kept, or the same twice: reading again would change nothing.
    const bool of_values = is_one_of(windows_error(text), {"0000200D", "00002083"}) ||
                           contains(text, "provided more than once");
    return of_values ? FailureKind::value_refused : FailureKind::contradiction;
}

FailureKind invalid_value(DirectoryAction action, std::string_view text) {
    const bool of_member =
        action == DirectoryAction::create ? contains(text, "'member'") : carries_members(action);
    return of_member ? bad_member(action) : FailureKind::value_refused;
}

// 32: the entry, its future parent, or a member.
FailureKind no_such_object(DirectoryAction action, std::string_view text) {
    if (carries_members(action) && windows_error(text) == "00000525") return bad_member(action);
    if (action == DirectoryAction::create || action == DirectoryAction::create_container) {
        return FailureKind::parent_missing;
    }
    if (action == DirectoryAction::move && !contains(text, "entry does not exist")) {
        return FailureKind::parent_missing;
    }
    return FailureKind::not_found;
}

// 53: the directory is unwilling.
FailureKind unwilling(DirectoryAction action, std::string_view text) {
    const auto windows = windows_error(text);
    if (action == DirectoryAction::remove_members &&
        (is_one_of(windows, {"00000561", "00000529"}) ||
         contains(text, "doesn't exist for target GUID") ||
         contains(text, "already deleted for target GUID") ||
         contains(text, "Unable to find GUID for DN"))) {
        return FailureKind::member_absent;
    }
    // Scope rules, account types and SIDs without an object.
    if (carries_members(action) &&
        (!scope_rule(windows).empty() ||
         is_one_of(windows, {"00000525", "00000534", "0000056B", "0000056C", "00002141"}))) {
        return bad_member(action);
    }
    // What stands in the way of another scope stays there, however often the group is read.
    if (action == DirectoryAction::convert && !scope_rule(windows).empty()) {
        return FailureKind::refused;
    }
    if (action == DirectoryAction::reanimate || action == DirectoryAction::create_container) {
        return FailureKind::refused;
    }
    return FailureKind::contradiction;
}

// 68: a distinguished name, an account name or a member is there already.
FailureKind already_there(DirectoryAction action, std::string_view text) {
    const auto windows = windows_error(text);
    if (contains(text, "CN=ForeignSecurityPrincipals")) return FailureKind::member_refused;
    if (windows == "00000524" || contains(lower_case(text), "samaccountname")) {
        return FailureKind::name_in_use;
    }
    if (is_one_of(windows, {"00000562", "00000528"}) ||
        contains(text, "Attribute member already exists") ||
        contains(text, "Linked attribute member has multiple identical values") ||
        action == DirectoryAction::add_members) {
        return FailureKind::member_exists;
    }
    return is_naming(action) ? FailureKind::already_exists : FailureKind::contradiction;
}

FailureKind insufficient_rights(std::string_view text) {
    return contains(text, "msDS-ObjectSoa") ? FailureKind::enforcement : FailureKind::forbidden;
}

FailureKind kind_of(DirectoryAction action, int code, std::string_view text) {
    switch (code) {
        case 1:
            if (action == DirectoryAction::reanimate && hides_deleted_objects(text)) {
                return FailureKind::forbidden;
            }
            return is_one_of(windows_error(text), {"00002020", "000004DC"})
                       ? FailureKind::credentials
                       : FailureKind::refused;
        case 3:
        case 4:
        case 11:
        case 51:
        case 52:
            return FailureKind::unavailable;
        case 7:
        case 8:
        case 13:
            return FailureKind::tls;
        case 16:
            if (action == DirectoryAction::reanimate) return FailureKind::refused;
            return no_such_attribute(action, text);
        case 17:
            return FailureKind::attribute_unknown;
        case 20:
            return value_exists(action, text);
        case 21:
        case 34:
            return invalid_value(action, text);
        case 19:
            return action == DirectoryAction::replace_mark ? FailureKind::contradiction
                                                           : FailureKind::value_refused;
        case 64:
        case 65:
        case 67:
            return FailureKind::value_refused;
        case 32:
            return no_such_object(action, text);
        case 48:
        case 49:
            return FailureKind::credentials;
        case 50:
            return insufficient_rights(text);
        case 53:
            if (action == DirectoryAction::bind) return FailureKind::refused;
            return contains(text, "msDS-ObjectSoa") ? FailureKind::enforcement
                                                    : unwilling(action, text);
        case 68:
            return already_there(action, text);
        case 80:
            // Windows refuses a sAMAccountName with a character that it may not have this way.
            if (windows_error(text) == "00000523") return FailureKind::value_refused;
            return windows_error(text) == "00002095" ? FailureKind::parent_missing
                                                     : FailureKind::refused;
        default:
            return FailureKind::refused;
    }
}

// Why a bind was refused, from the "data" number that Active Directory gives.
std::string_view bind_reason(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> reasons{{
        {"data 525,", "the account does not exist"},
        {"data 52e,", "name or password is wrong"},
        {"data 530,", "the account may not log on at this time"},
        {"data 531,", "the account may not log on from this computer"},
        {"data 532,", "the password has expired"},
        {"data 533,", "the account is disabled"},
        {"data 701,", "the account has expired"},
        {"data 773,", "the password must be changed first"},
        {"data 775,", "the account is locked out"},
    }};
    for (const auto& [data, reason] : reasons) {
        if (contains(text, data)) return reason;
    }
    return "the directory accepts neither name nor secret";
}

constexpr std::string_view rights_to_restore =
    " Restoring needs the control access right \"Reanimate Tombstones\" on the domain, the right "
    "to "
    "list and read CN=Deleted Objects, to create groups in the container and to write their "
    "attributes; or an administrator restores the group.";

std::string_view remedy(DirectoryAction action, FailureKind kind, int code) {
    if (action == DirectoryAction::reanimate &&
        (kind == FailureKind::forbidden || kind == FailureKind::refused ||
         kind == FailureKind::not_found)) {
        return rights_to_restore;
    }
    if (action == DirectoryAction::create_container && kind == FailureKind::forbidden) {
        return " The account needs no right to create containers for its daily work: let an "
               "administrator create it, or grant the creation of organizationalUnit objects "
               "there.";
    }

    if (code == 10)
        return " This server holds the name read-only or not at all: name a writable one.";
    switch (kind) {
        case FailureKind::tls:
            return " Use ldaps:// or start_tls.";
        case FailureKind::forbidden:
            return " Grant the account this right; check-config --online lists what is missing.";
        case FailureKind::parent_missing:
            return " The container does not exist; create it or change the setting.";
        case FailureKind::attribute_unknown:
            return " The schema does not have the attribute; take it out of the mapping.";
        case FailureKind::enforcement:
            return " The group's source of authority (msDS-ObjectSoa) refuses this account; put "
                   "its "
                   "SID on the policy's break-glass list.";
        default:
            return "";
    }
}

}  // namespace

std::string_view words_of(DirectoryAction action) {
    constexpr std::string_view words[] = {"bind to",
                                          "read",
                                          "create",
                                          "change",
                                          "convert",
                                          "rename",
                                          "move",
                                          "add members to",
                                          "remove members from",
                                          "delete",
                                          "watch",
                                          "change the mark of",
                                          "restore",
                                          "create the container"};
    return words[static_cast<int>(action)];
}

std::string_view scope_rule(std::string_view code) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> rules{{
        {"00002142", "A global group cannot have a group as a member in a mixed-mode domain."},
        {"00002143",
         "A domain-local group cannot have such a group as a member in a mixed-mode "
         "domain."},
        {"00002144", "A global group cannot have a domain-local group as a member."},
        {"00002145", "A global group cannot have a universal group as a member."},
        {"00002146", "A universal group cannot have a domain-local group as a member."},
        {"00002147", "A global group cannot have a member of another domain."},
        {"00002148",
         "A domain-local group cannot have a domain-local group of another domain as "
         "a member."},
        {"00002149", "The group is the primary group of some of its members."},
        {"00002165", "A universal group cannot have a member of another forest."},
    }};
    for (const auto& [known, rule] : rules) {
        if (known == code) return rule;
    }
    return {};
}

std::string_view windows_error(std::string_view diagnostic) {
    constexpr std::string_view digits = "0123456789ABCDEFabcdef";
    if (diagnostic.size() < 9 || diagnostic[8] != ':') return {};
    const auto code = diagnostic.substr(0, 8);
    return code.find_first_not_of(digits) == std::string_view::npos ? code : std::string_view{};
}

std::string printable(std::string_view diagnostic) {
    auto shown = diagnostic.substr(0, longest_diagnostic);
    // No character is cut in the middle.
    if (shown.size() < diagnostic.size() && is_continuation(diagnostic[shown.size()])) {
        while (!shown.empty() && is_continuation(shown.back()))
            shown.remove_suffix(1);
        if (!shown.empty()) shown.remove_suffix(1);
    }
    std::string line;
    for (const char c : shown) {
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (!control) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

Failure directory_failure(DirectoryAction action, std::string_view subject,
                          const DirectoryAnswer& answer) {
    const auto kind = kind_of(action, answer.code, answer.diagnostic);
    std::string code = "LDAP " + std::to_string(answer.code);
    if (const auto windows = windows_error(answer.diagnostic); !windows.empty()) {
        code += " " + std::string(windows);
    }
    std::string detail = "The directory refused to " + std::string(words_of(action)) + " " +
                         std::string(subject) + ": ";
    if (action == DirectoryAction::bind && kind == FailureKind::credentials) {
        detail += std::string(bind_reason(answer.diagnostic)) + " ";
    }
    detail += "(" + code;
    if (const auto text = printable(answer.diagnostic); !text.empty()) detail += ", " + text;
    detail += ").";
    if (const auto rule = scope_rule(windows_error(answer.diagnostic)); !rule.empty()) {
        detail += " " + std::string(rule);
    }
    detail += remedy(action, kind, answer.code);
    return failure(kind, std::move(detail), std::move(code));
}

}  // namespace writeback
