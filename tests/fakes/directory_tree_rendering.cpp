#include "fakes/directory_tree_rendering.hpp"

#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace writeback::fakes {

namespace {

std::string hexadecimal(const std::string& bytes) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

std::string account_type(const TreeEntry& entry) {
    if (!entry.is("group")) return entry.is("computer") ? "805306369" : "805306368";
    const auto bits = static_cast<std::uint32_t>(entry.group_type());
    const bool security = (bits & 0x80000000U) != 0;
    const bool local = (bits & 4U) != 0;
    return std::to_string((local ? 536870912 : 268435456) + (security ? 0 : 1));
}

}  // namespace

std::vector<std::string> DirectoryTree::values(const TreeEntry& entry,
                                               const std::string& name) const {
    const auto dn_list = [&](const std::map<std::string, EntryNumbers>& all,
                             const std::string& link_name) {
        std::vector<std::string> names;
        const auto found = all.find(link_name);
        if (found == all.end()) return names;
        for (const auto number : found->second)
            names.push_back(dn_of(entries_.at(number)).text());
        return names;
    };
    if (name == "objectclass") return entry.object_class;
    if (name == "name" || name == lower(entry.rdn_type)) {
        const auto comma = entry.parent == 0 ? entry.rdn_value.find(',') : std::string::npos;
        const auto value = entry.rdn_value.substr(0, comma);
        return {entry.parent == 0 ? value.substr(value.find('=') + 1) : value};
    }
    if (name == "distinguishedname") return {dn_of(entry).text()};
    if (name == "objectguid") return {*bytes_of(entry.guid)};
    if (name == "objectsid") {
        return entry.sid.empty() ? std::vector<std::string>()
                                 : std::vector<std::string>{*bytes_of(entry.sid)};
    }
    if (name == "usnchanged") return {std::to_string(entry.usn_changed)};
    if (name == "usncreated") return {std::to_string(entry.usn_created)};
    if (name == "whencreated" || name == "whenchanged") return {entry.created};
    if (name == "instancetype") return {entry.parent == 0 ? "5" : "4"};
    if (name == "objectcategory") {
        const auto schema_name = dn_of(entries_.at(schema_root_)).text();
        return {"CN=" + entry.object_class.back() + "," + schema_name};
    }
    if (name == "samaccounttype") {
        if (!entry.is("group") && !entry.is("user")) return {};
        return {account_type(entry)};
    }
    const auto& type = schema_.get(name);
    if (type.link == LinkKind::forward) return dn_list(entry.links, name);
    if (type.link == LinkKind::back) return dn_list(entry.back_links, type.other_end);
    const auto found = entry.attributes.find(name);
    return found == entry.attributes.end() ? std::vector<std::string>() : found->second;
}

std::string DirectoryTree::Rendering::name(const TreeEntry& entry) const {
    const auto dn = tree_.dn_of(entry).text();
    using Names = TreeControls::Names;
    if (search_.controls.names == Names::plain) return dn;
    const bool text = search_.controls.names == Names::text;
    std::string extended =
        "<GUID=" + (text ? entry.guid.text() : hexadecimal(*bytes_of(entry.guid))) + ">;";
    if (!entry.sid.empty()) {
        extended += "<SID=" + (text ? entry.sid.text() : hexadecimal(*bytes_of(entry.sid))) + ">;";
    }
    return extended + dn;
}

LdapEntry DirectoryTree::Rendering::render(const TreeEntry& entry) const {
    LdapEntry result;
    result.dn = name(entry);
    if (search_.attributes.empty()) all(entry, result);
    for (const auto& wanted : search_.attributes) {
        if (wanted == "1.1") continue;
        if (wanted == "*") {
            all(entry, result);
        } else if (wanted != "+") {
            attribute(entry, wanted, result);
        }
    }
    if (search_.names_only) {
        for (auto& one : result.attributes)
            one.values.clear();
    }
    return result;
}

void DirectoryTree::Rendering::all(const TreeEntry& entry, LdapEntry& into) const {
    for (const auto& [key, type] : tree_.schema_.types()) {
        if (!type.constructed) attribute(entry, type.name, into);
    }
}

void DirectoryTree::Rendering::attribute(const TreeEntry& entry, const std::string& wanted,
                                         LdapEntry& into) const {
    const auto semicolon = wanted.find(';');
    const auto* type = tree_.schema_.find(wanted.substr(0, semicolon));
    if (type == nullptr) return;
    if (search_.in_catalog && !type->in_catalog) return;
    const auto key = lower(type->name);
    if (type->constructed) {
        if (auto values = constructed(entry, key); !values.empty()) {
            into.attributes.push_back({type->name, std::move(values)});
        }
        return;
    }
    if (type->link != LinkKind::none) {
        const auto option = semicolon == std::string::npos ? "" : wanted.substr(semicolon + 1);
        return linked(entry, *type, option, into);
    }
    auto values = tree_.values(entry, key);
    // As of links; a name of no object stays as it is.
    for (auto& value : values) {
        if (type->syntax != ValueSyntax::name) break;
        const auto named = tree_.resolve_dn(value);
        if (named) value = name(tree_.entries_.at(*named));
    }
    if (!values.empty()) into.attributes.push_back({type->name, std::move(values)});
}

void DirectoryTree::Rendering::linked(const TreeEntry& entry, const AttributeType& type,
                                      const std::string& option, LdapEntry& into) const {
    const auto key = lower(type.name);
    const auto& all = type.link == LinkKind::forward ? entry.links : entry.back_links;
    const auto found = all.find(type.link == LinkKind::forward ? key : type.other_end);
    const auto count = found == all.end() ? 0 : found->second.size();
    // The global catalog knows the members of universal groups alone.
    const bool universal = (static_cast<std::uint32_t>(entry.group_type()) & 8U) != 0;
    if (search_.in_catalog && key == "member" && !universal && !tree_.is_ours(entry)) return;

    const auto range =
        option.empty() ? std::nullopt : parse_attribute_range(type.name + ";" + option);
    if (!option.empty() && !range) {
        throw std::logic_error("an option of an attribute that the model does not know: " + option);
    }
    const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
    std::size_t first = range ? range->first : 0;
    std::size_t most = range && range->last ? *range->last - first + 1 : count;
    if (windows) most = std::min(most, tree_.options_.values_a_read);
    if (count == 0) return;
    if (first >= count) {
        if (!windows) into.attributes.push_back({attribute_range(type.name, first, first), {}});
        if (!windows)
            into.attributes.back().name = type.name + ";range=" + std::to_string(first) + "-*";
        return;
    }
    std::vector<std::string> values;
    auto one = found->second.nth(first);
    for (; one != found->second.end() && values.size() < most; ++one)
        values.push_back(name(tree_.entries_.at(*one)));
    const bool to_the_end = first + values.size() == count;
    if (!range && to_the_end) {
        into.attributes.push_back({type.name, std::move(values)});
        return;
    }
    if (!range) into.attributes.push_back({type.name, {}});
    const auto last = to_the_end ? std::string("*") : std::to_string(first + values.size() - 1);
    into.attributes.push_back(
        {type.name + ";range=" + std::to_string(first) + "-" + last, std::move(values)});
}

std::vector<std::string> DirectoryTree::Rendering::constructed(const TreeEntry& entry,
                                                               const std::string& name) const {
    std::vector<std::string> names;
    if (name == "allowedchildclasseseffective") {
        const bool container =
            entry.is("organizationalUnit") || entry.is("container") || entry.is("domainDNS");
        if (!container) return names;
        if (tree_.may_create_groups(caller_, entry)) names.push_back("group");
        if (caller_->administrator) {
            for (const char* one : {"contact", "computer", "organizationalUnit", "user"})
                names.push_back(one);
        }
        return names;
    }
    for (const auto& [key, type] : tree_.schema_.types()) {
        if (!tree_.schema_.allows(entry.object_class, type)) continue;
        if (name == "allowedattributes") {
            names.push_back(type.name);
            continue;
        }
        const bool writable = !type.system_only && type.link != LinkKind::back;
        if (writable && tree_.may_write(caller_, entry, key)) names.push_back(type.name);
    }
    return names;
}

TreeFound DirectoryTree::root(TreeCaller caller, const TreeSearch& search) const {
    const auto& base = options_.base.text();
    const auto settings = dn_of(entries_.at(settings_)).text();
    const bool windows = options_.dialect == DirectoryDialect::windows;
    std::vector<std::string> controls;
    for (const char* last : {"319", "417", "528", "529", "805", "1413"})
        controls.push_back(std::string("1.2.840.113556.1.4.") + last);
    std::vector<LdapAttribute> known = {
        {"defaultNamingContext", {base}},
        {"rootDomainNamingContext", {base}},
        {"configurationNamingContext", {"CN=Configuration," + base}},
        {"schemaNamingContext", {"CN=Schema,CN=Configuration," + base}},
        {"namingContexts",
         {base, "CN=Configuration," + base, "CN=Schema,CN=Configuration," + base}},
        {"subschemaSubentry", {"CN=Aggregate,CN=Schema,CN=Configuration," + base}},
        {"dnsHostName", {options_.host}},
        {"serverName", {settings.substr(settings.find(',') + 1)}},
        {"dsServiceName", {settings}},
        {"highestCommittedUSN", {std::to_string(usn_)}},
        {"isGlobalCatalogReady", {"TRUE"}},
        {"isSynchronized", {"TRUE"}},
        {"domainFunctionality", {windows ? "7" : "4"}},
        {"forestFunctionality", {windows ? "7" : "4"}},
        {"domainControllerFunctionality", {windows ? "7" : "4"}},
        {"supportedLDAPVersion", {"3", "2"}},
        {"supportedCapabilities", {"1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670"}},
        {"supportedControl", controls},
        {"supportedSASLMechanisms", {}},
        {"supportedExtension", {}},
    };
    if (windows) {
        known.push_back(
            {"supportedExtension", {"1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.3"}});
    }
    if (caller != nullptr && !caller->sid.empty()) {
        known.push_back(
            {"tokenGroups",
             {*bytes_of(caller->sid), *bytes_of(Sid(options_.domain_sid.text() + "-513"))}});
    }
    LdapEntry entry;
    for (auto& one : known) {
        const bool wanted =
            search.attributes.empty() ||
            std::any_of(search.attributes.begin(), search.attributes.end(), [&](const auto& name) {
                return name == "*" || name == "+" || lower(name) == lower(one.name);
            });
        if (wanted && !one.values.empty()) entry.attributes.push_back(std::move(one));
    }
    return {{}, {std::move(entry)}, {}};
}

}  // namespace writeback::fakes
