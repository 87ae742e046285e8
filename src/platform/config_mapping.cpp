// [mapping]: attribute = "expression". What an expression says is core's to judge; here stand the
// names that must not be mapped, each with its reason.
#include "platform/config_sections.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace writeback {

namespace {

std::string folded(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// Attributes that a mapping must not name, in lower case, and why.
std::string refusal(const std::string& attribute) {
    static const std::map<std::string_view, std::string_view> reasons{
        {"admindescription", "holds the mark that says a group is ours"},
        {"msds-externaldirectoryobjectid", "holds the mark that says a group is ours"},
        {"member", "holds the members, which come from the group itself"},
        {"memberof", "is kept by Active Directory; nesting comes from the groups themselves"},
        {"grouptype", "follows the group's kind: use groups.microsoft365_as"},
        {"objectclass", "is always group"},
        {"objectguid", "is given by Active Directory"},
        {"objectsid", "is given by Active Directory"},
        {"distinguishedname", "follows cn and parentDistinguishedName: map those"},
        {"name", "follows cn: map cn"},
    };
    const auto found = reasons.find(attribute);
    return found == reasons.end() ? std::string() : std::string(found->second);
}

std::string check_attribute(const std::string& name) {
    const auto letter = [](unsigned char c) { return std::isalnum(c) || c == '-'; };
    if (name.empty() || !std::isalpha(static_cast<unsigned char>(name.front())) ||
        !std::all_of(name.begin(), name.end(), letter)) {
        return "is no attribute's name: write letters, digits and dashes, beginning with a letter";
    }
    const auto reason = refusal(folded(name));
    return reason.empty() ? std::string() : "cannot be mapped, for it " + reason + "; take it out";
}

}  // namespace

void read_mapping(ConfigSection section, std::map<std::string, std::string>& mapping) {
    section.all_texts(mapping, check_attribute);
    std::map<std::string, std::string> spelled;
    for (const auto& [name, expression] : mapping) {
        const auto [first, fresh] = spelled.emplace(folded(name), name);
        if (!fresh) section.fail(name, "is " + first->second + " once more: take one of them out");
    }
    for (const std::string_view needed : {"cn", "parentdistinguishedname"}) {
        const auto found = spelled.find(std::string(needed));
        if (found != spelled.end() && mapping.at(found->second).empty()) {
            section.fail(found->second,
                         "is empty, but every group needs one: write an expression, or take the "
                         "line out for the default");
        }
    }
}

}  // namespace writeback
