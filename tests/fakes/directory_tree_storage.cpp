// What the tree keeps: entries, links, and the ways to find them again.
#include "directory/distinguished_name.hpp"
#include "directory/ldap_text.hpp"
#include "fakes/directory_tree.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace writeback::fakes {

namespace {

// Attributes by which entries are found without looking at each.
constexpr std::array<const char*, 7> indexed_attributes = {
    "admindescription",  "samaccountname",  "mail", "proxyaddresses",
    "userprincipalname", "lDAPDisplayName", "name"};

std::string index_key(std::string_view attribute, const std::string& key) {
    std::string result(attribute);
    result += '\0';
    result += key;
    return result;
}

// Spreads consecutive numbers over all bits, so that ids do not stand in the order of creation.
std::uint64_t scattered(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15ULL;
    number = (number ^ number >> 30U) * 0xbf58476d1ce4e5b9ULL;
    number = (number ^ number >> 27U) * 0x94d049bb133111ebULL;
    return number ^ number >> 31U;
}

}  // namespace

std::string DirectoryTree::next_guid() {
    constexpr const char* digits = "0123456789abcdef";
    const auto high = scattered(options_.seed * 1'000'003 + ++made_);
    const auto low = scattered(high ^ made_);
    std::string text;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        const auto word = i < 16 ? high : low;
        auto digit = digits[word >> static_cast<unsigned>(4 * (i % 16)) & 0xfU];
        if (i == 12) digit = '4';
        if (i == 16) digit = '9';
        text += digit;
    }
    return text;
}

void DirectoryTree::place(TreeEntry& entry, EntryNumber parent, const std::string& type,
                          const std::string& value) {
    entry.parent = parent;
    entry.rdn_type = type;
    entry.rdn_value = value;
    children_[{parent, child_key(type, value)}] = entry.number;
}

void DirectoryTree::unplace(const TreeEntry& entry) {
    children_.erase({entry.parent, child_key(entry.rdn_type, entry.rdn_value)});
}

TreeEntry& DirectoryTree::insert(EntryNumber parent, const std::string& type,
                                 const std::string& value, const std::string& object_class) {
    const auto number = ++last_number_;
    auto& entry = entries_[number];
    entry.number = number;
    entry.guid = ObjectGuid(next_guid());
    const auto* chain = schema_.class_chain(object_class);
    if (chain == nullptr) throw std::logic_error("no class of the model: " + object_class);
    entry.object_class = *chain;
    entry.created = "20260101000000.0Z";
    by_guid_[entry.guid] = number;
    if (parent == 0) {
        entry.rdn_type = type;
        entry.rdn_value = value;
        roots_[root_key(value)] = number;
    } else {
        place(entry, parent, type, value);
    }
    touch(entry);
    note(entry, TreeDelta::Kind::born);
    entry.usn_created = entry.usn_changed;
    index_value(entry, "name", true);
    return entry;
}

void DirectoryTree::touch(TreeEntry& entry) {
    by_usn_.erase({entry.usn_changed, entry.number});
    entry.usn_changed = ++usn_;
    by_usn_.insert({entry.usn_changed, entry.number});
    changed_.push_back(entry.guid);
}

void DirectoryTree::tell() {
    auto written = std::exchange(written_, {});
    for (auto& delta : written)
        complete(delta);
    if (on_write && !written.empty()) on_write(std::move(written));
    const auto changed = std::exchange(changed_, {});
    if (on_change && !changed.empty()) on_change(changed);
}

std::string DirectoryTree::value_key(const AttributeType& type, const std::string& value) const {
    if (type.syntax == ValueSyntax::text) {
        return comparison_key(value, options_.dialect).value_or(value);
    }
    if (type.syntax == ValueSyntax::teletex || type.syntax == ValueSyntax::printable) return value;
    if (type.syntax == ValueSyntax::oid || type.syntax == ValueSyntax::boolean) return lower(value);
    if (type.syntax == ValueSyntax::integer) {
        try {
            return std::to_string(static_cast<std::int32_t>(std::stoll(value)));
        } catch (const std::exception&) {
            return value;
        }
    }
    return value;
}

void DirectoryTree::index_value(const TreeEntry& entry, const std::string& type, bool present) {
    const auto known = std::find_if(indexed_attributes.begin(), indexed_attributes.end(),
                                    [&](const char* one) { return lower(one) == type; });
    if (known == indexed_attributes.end()) return;
    const auto& attribute = schema_.get(type);
    for (const auto& value : values(entry, type)) {
        const auto key = index_key(type, value_key(attribute, value));
        if (present) {
            by_value_[key].insert(entry.number);
        } else if (const auto found = by_value_.find(key); found != by_value_.end()) {
            found->second.erase(entry.number);
            if (found->second.empty()) by_value_.erase(found);
        }
    }
}

void DirectoryTree::index(const TreeEntry& entry, bool present) {
    for (const auto* one : indexed_attributes)
        index_value(entry, lower(one), present);
}

void DirectoryTree::store(TreeEntry& entry, const AttributeType& type,
                          std::vector<std::string> values) {
    const auto key = lower(type.name);
    index_value(entry, key, false);
    if (values.empty()) {
        entry.attributes.erase(key);
    } else {
        entry.attributes[key] = std::move(values);
    }
    index_value(entry, key, true);
    if (auto* delta = note(entry, TreeDelta::Kind::attribute)) delta->name = key;
}

void DirectoryTree::link(TreeEntry& entry, const AttributeType& type, EntryNumber target) {
    const auto name = lower(type.name);
    auto& object = entries_.at(target);
    entry.links[name].insert(target);
    object.back_links[name].insert(entry.number);
    note_link(entry, name, object, true);
}

void DirectoryTree::unlink(TreeEntry& entry, const std::string& type, EntryNumber target) {
    if (const auto found = entry.links.find(type); found != entry.links.end()) {
        found->second.erase(target);
        if (found->second.empty()) entry.links.erase(found);
    }
    auto& object = entries_.at(target);
    auto& back = object.back_links;
    if (const auto found = back.find(type); found != back.end()) {
        found->second.erase(entry.number);
        if (found->second.empty()) back.erase(found);
    }
    note_link(entry, type, object, false);
}

const TreeEntry* DirectoryTree::find_by_guid_value(const std::string& value) const {
    if (const auto guid = guid_from_bytes(value)) return find(*guid);
    const auto canonical = canonical_guid(value);
    return canonical ? find(ObjectGuid(*canonical)) : nullptr;
}

const TreeEntry* DirectoryTree::find_by_sid_value(const std::string& value) const {
    if (const auto sid = sid_from_bytes(value)) return find(*sid);
    return find(Sid(value));
}

std::optional<EntryNumbers> DirectoryTree::indexed(const TreeFilter& filter) const {
    const auto attribute = lower(filter.attribute);
    if (filter.kind == TreeFilter::Kind::all_of) {
        for (const auto& one : filter.inner) {
            if (auto found = indexed(one)) return found;
        }
        return std::nullopt;
    }
    if (filter.kind == TreeFilter::Kind::any_of) {
        EntryNumbers all;
        for (const auto& one : filter.inner) {
            const auto found = indexed(one);
            if (!found) return std::nullopt;
            all.insert(found->begin(), found->end());
        }
        return all;
    }
    if (filter.kind == TreeFilter::Kind::at_least && attribute == "usnchanged") {
        EntryNumbers found;
        const auto first = by_usn_.lower_bound({std::stoll(filter.value), 0});
        for (auto one = first; one != by_usn_.end(); ++one)
            found.insert(one->second);
        return found;
    }
    if (filter.kind != TreeFilter::Kind::equal) return std::nullopt;
    if (attribute == "objectguid" || attribute == "objectsid") {
        const auto* entry = attribute == "objectguid" ? find_by_guid_value(filter.value)
                                                      : find_by_sid_value(filter.value);
        return entry == nullptr ? EntryNumbers() : EntryNumbers{entry->number};
    }
    const bool known = std::any_of(indexed_attributes.begin(), indexed_attributes.end(),
                                   [&](const char* one) { return lower(one) == attribute; });
    if (!known) return std::nullopt;
    const auto* type = schema_.find(attribute);
    if (type == nullptr) return EntryNumbers();
    const auto found = by_value_.find(index_key(attribute, value_key(*type, filter.value)));
    return found == by_value_.end() ? EntryNumbers() : found->second;
}

}  // namespace writeback::fakes
