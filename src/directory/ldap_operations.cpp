#include "directory/ldap_operations.hpp"

#include "directory/ldap_text.hpp"

namespace writeback {

const std::vector<std::string>* LdapEntry::find(std::string_view name) const {
    const std::string wanted = lower_case(name);
    for (const auto& attribute : attributes) {
        if (lower_case(attribute.name) == wanted) return &attribute.values;
    }
    return nullptr;
}

std::optional<std::string> LdapEntry::first(std::string_view name) const {
    const auto* values = find(name);
    if (values == nullptr || values->empty()) return std::nullopt;
    return values->front();
}

}  // namespace writeback
