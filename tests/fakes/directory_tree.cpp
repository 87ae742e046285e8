#include "fakes/directory_tree.hpp"

#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

std::optional<std::string_view> inside(std::string_view text, std::string_view opening) {
    if (!lower(text).starts_with(lower(opening)) || !text.ends_with('>')) return std::nullopt;
    return text.substr(opening.size(), text.size() - opening.size() - 1);
}

std::optional<std::string> bytes_of_hexadecimal(std::string_view digits) {
    std::string bytes;
    if (digits.size() % 2 != 0) return std::nullopt;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto pair = std::string(digits.substr(i, 2));
        if (pair.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
            return std::nullopt;
        }
        bytes += static_cast<char>(std::stoi(pair, nullptr, 16));
    }
    return bytes;
}

// The well-known GUID of CN=Deleted Objects.
constexpr std::string_view deleted_objects_guid = "18e2ea80684f11d2b9aa00c04f79f805";

}  // namespace

DirectoryTree::DirectoryTree(TreeOptions options)
    : options_(std::move(options)),
      schema_(options_.schema, options_.source_of_authority),
      answers_(options_.dialect) {
    system_.system = true;
    system_.administrator = true;
    build_domain();
    build_schema();
}

TreeAccount& DirectoryTree::add_account(TreeAccount account) {
    const auto key = lower(account.dn.text());
    if (account.sid.empty()) {
        if (const auto* entry = find(account.dn)) account.sid = entry->sid;
    }
    return accounts_[key] = std::move(account);
}

TreeCaller DirectoryTree::bind(const std::string& name, const std::string& password) const {
    for (const auto& [key, account] : accounts_) {
        const auto* entry = find(account.dn);
        if (entry == nullptr) continue;
        const auto* short_name = entry->first("samaccountname");
        const auto* principal = entry->first("userprincipalname");
        const bool named = key == lower(name) ||
                           (principal != nullptr && lower(*principal) == lower(name)) ||
                           (short_name != nullptr &&
                            lower(options_.net_bios_name + "\\" + *short_name) == lower(name));
        if (named) return account.password == password ? &account : nullptr;
    }
    return nullptr;
}

void DirectoryTree::fail_over(const std::string& host) {
    options_.host = host;
    usn_ += 100'000;  // each domain controller counts by itself
    auto& settings = entries_.at(settings_);
    settings.attributes["invocationid"] = {*bytes_of(ObjectGuid(next_guid()))};
}

void DirectoryTree::speak(DirectoryDialect dialect) {
    if (options_.dialect == dialect) return;
    options_.dialect = dialect;
    answers_ = TreeAnswers(dialect);
    children_.clear();
    roots_.clear();
    by_value_.clear();
    for (const auto& [number, entry] : entries_) {
        if (entry.parent == 0) {
            roots_[root_key(entry.rdn_value)] = number;
        } else {
            children_[{entry.parent, child_key(entry.rdn_type, entry.rdn_value)}] = number;
        }
        index(entry, true);
    }
}

ObjectGuid DirectoryTree::invocation_id() const {
    return *guid_from_bytes(entries_.at(settings_).attributes.at("invocationid").front());
}

std::vector<ObjectGuid> DirectoryTree::changed_above(std::int64_t usn) const {
    std::vector<ObjectGuid> changed;
    for (auto one = by_usn_.lower_bound({usn + 1, 0}); one != by_usn_.end(); ++one)
        changed.push_back(entries_.at(one->second).guid);
    return changed;
}

// ----- names

std::string DirectoryTree::root_key(const std::string& name) const {
    std::string key;
    const auto parsed = parse_name(name);
    for (const auto& part : *parsed)
        key += (key.empty() ? "" : ",") + child_key(part[0].type, part[0].value);
    return key;
}

std::string DirectoryTree::child_key(const std::string& type, const std::string& value) const {
    const auto key = comparison_key(value, options_.dialect);
    return lower(type) + "=" + key.value_or(value);
}

std::optional<EntryNumber> DirectoryTree::child(EntryNumber parent, const std::string& type,
                                                const std::string& value) const {
    const auto found = children_.find({parent, child_key(type, value)});
    return found == children_.end() ? std::nullopt : std::optional(found->second);
}

bool DirectoryTree::parses(const std::string& name) const {
    if (name.starts_with("<")) return true;
    const auto parsed = parse_name(name);
    if (!parsed || parsed->empty()) return false;
    return std::all_of(parsed->begin(), parsed->end(), [](const RelativeName& part) {
        return part.size() == 1 && comparison_key(part[0].value, DirectoryDialect::samba);
    });
}

std::optional<EntryNumber> DirectoryTree::resolve_dn(const std::string& name) const {
    const auto parsed = parse_name(name);
    if (!parsed) return std::nullopt;
    std::vector<std::string> keys;
    for (const auto& part : *parsed) {
        if (part.size() != 1) return std::nullopt;
        keys.push_back(child_key(part[0].type, part[0].value));
    }
    for (std::size_t first = 0; first < keys.size(); ++first) {
        std::string root;
        for (std::size_t i = first; i < keys.size(); ++i)
            root += (root.empty() ? "" : ",") + keys[i];
        const auto found = roots_.find(root);
        if (found == roots_.end()) continue;
        auto number = found->second;
        for (auto i = first; i-- > 0;) {
            const auto next = children_.find({number, keys[i]});
            if (next == children_.end()) return std::nullopt;
            number = next->second;
        }
        return number;
    }
    return std::nullopt;
}

std::optional<EntryNumber> DirectoryTree::resolve(const std::string& name) const {
    if (!name.starts_with("<")) return resolve_dn(name);
    if (const auto extended = parse_extended_name(name)) {
        const auto* entry = find(extended->guid);
        return entry == nullptr ? std::nullopt : std::optional(entry->number);
    }
    if (const auto guid = inside(name, "<GUID=")) {
        auto canonical = canonical_guid(*guid);
        if (!canonical) {
            const auto bytes = bytes_of_hexadecimal(*guid);
            const auto decoded = bytes ? guid_from_bytes(*bytes) : std::nullopt;
            if (!decoded) throw std::logic_error("no form of a GUID that is known: " + name);
            canonical = decoded->text();
        }
        const auto* entry = find(ObjectGuid(*canonical));
        return entry == nullptr ? std::nullopt : std::optional(entry->number);
    }
    if (const auto text = inside(name, "<SID=")) {
        auto sid = Sid(std::string(*text));
        if (!bytes_of(sid)) {
            const auto bytes = bytes_of_hexadecimal(*text);
            const auto decoded = bytes ? sid_from_bytes(*bytes) : std::nullopt;
            if (!decoded) throw std::logic_error("no form of a SID that is known: " + name);
            sid = *decoded;
        }
        const auto* entry = find(sid);
        return entry == nullptr ? std::nullopt : std::optional(entry->number);
    }
    if (const auto known = inside(name, "<WKGUID=")) {
        const auto comma = known->find(',');
        if (lower(known->substr(0, comma)) == deleted_objects_guid) return deleted_objects_;
    }
    throw std::logic_error("no form of a name that is known: " + name);
}

std::string DirectoryTree::best_match(const std::string& name) const {
    if (name.starts_with("<")) return "";
    for (auto parent = container_of(Dn(name)); !parent.empty(); parent = container_of(parent)) {
        if (const auto found = resolve_dn(parent.text())) return dn_of(entries_.at(*found)).text();
    }
    return "";
}

const DirectoryTree::Domain& DirectoryTree::domain_of(const TreeEntry& entry) const {
    const auto* one = &entry;
    while (one->parent != 0)
        one = &entries_.at(one->parent);
    for (const auto& domain : domains_) {
        if (domain.root == one->number) return domain;
    }
    return domains_.front();  // configuration and schema
}

bool DirectoryTree::is_ours(const TreeEntry& entry) const {
    return domain_of(entry).ours;
}

Dn DirectoryTree::dn_of(const TreeEntry& entry) const {
    std::string text;
    const auto* one = &entry;
    for (; one->parent != 0; one = &entries_.at(one->parent)) {
        text += one->rdn_type + "=" + escape_name_value(one->rdn_value) + ",";
    }
    return Dn(text + one->rdn_value);
}

bool DirectoryTree::is_below(const TreeEntry& entry, const TreeEntry& ancestor) const {
    for (auto parent = entry.parent; parent != 0; parent = entries_.at(parent).parent) {
        if (parent == ancestor.number) return true;
    }
    return false;
}

// ----- looking

const TreeEntry* DirectoryTree::find(const ObjectGuid& guid) const {
    const auto found = by_guid_.find(guid);
    return found == by_guid_.end() ? nullptr : &entries_.at(found->second);
}

const TreeEntry* DirectoryTree::find(const Sid& sid) const {
    const auto found = by_sid_.find(sid.text());
    return found == by_sid_.end() ? nullptr : &entries_.at(found->second);
}

const TreeEntry* DirectoryTree::find_named(const std::string& name) const {
    const auto found = parses(name) ? resolve(name) : std::nullopt;
    return found ? &entries_.at(*found) : nullptr;
}

const TreeEntry* DirectoryTree::find(const Dn& dn) const {
    const auto found = resolve_dn(dn.text());
    return found ? &entries_.at(*found) : nullptr;
}

}  // namespace writeback::fakes
