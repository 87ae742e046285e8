#include "fakes/directory_tree_modification.hpp"

#include <algorithm>
#include <stdexcept>

namespace writeback::fakes {

std::vector<std::string> DirectoryTree::Modification::current(const std::string& name) const {
    if (const auto found = attributes_.find(name); found != attributes_.end()) return found->second;
    const auto found = entry_.attributes.find(name);
    return found == entry_.attributes.end() ? std::vector<std::string>() : found->second;
}

std::int32_t DirectoryTree::Modification::group_type() const {
    const auto values = current("grouptype");
    return values.empty() ? 0 : static_cast<std::int32_t>(std::stoll(values.front()));
}

std::optional<TreeAnswer> DirectoryTree::Modification::may_change(const LdapChange& change,
                                                                  const AttributeType* type) const {
    const auto& answers = tree_.answers_;
    if (type == nullptr) return answers.attribute_unknown(change.name, dn_, adding_);
    if (type->link == LinkKind::back) return answers.back_link(*type, dn_);
    const auto key = lower(change.name);
    if (key == "name" || key == lower(entry_.rdn_type)) return answers.name_by_modify(*type, dn_);
    if (key == "objectclass") {
        return answers.class_change(dn_, entry_.object_class.back(),
                                    change.values.empty() ? "" : change.values.back());
    }
    if (type->system_only && !caller_->system) return answers.system_only(*type, dn_, false);
    if (!tree_.may_write(caller_, entry_, key)) return answers.may_not_write(*type, dn_);
    if (!tree_.schema_.allows(entry_.object_class, *type)) {
        return answers.not_in_class(change.name, dn_);
    }
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::Modification::apply(const LdapChange& change) {
    const auto* type = tree_.schema_.find(change.name);
    if (auto refusal = may_change(change, type)) return refusal;
    return type->link == LinkKind::forward ? apply_link(*type, change) : apply_plain(*type, change);
}

// ----- plain attributes

std::optional<TreeAnswer> DirectoryTree::Modification::apply_plain(const AttributeType& type,
                                                                   const LdapChange& change) {
    const auto key = lower(type.name);
    auto values = current(key);
    std::optional<TreeAnswer> refusal;
    if (change.kind == LdapChangeKind::replace) values.clear();
    if (change.kind == LdapChangeKind::remove) {
        refusal = remove_plain(type, change, values);
    } else {
        refusal = add_plain(type, change, values);
    }
    if (!refusal) attributes_[key] = std::move(values);
    return refusal;
}

std::optional<TreeAnswer> DirectoryTree::Modification::add_plain(const AttributeType& type,
                                                                 const LdapChange& change,
                                                                 std::vector<std::string>& values) {
    const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
    // Samba compares new values byte by byte, and those to remove as the syntax says.
    const auto key_of = [&](const std::string& value) {
        return windows ? tree_.value_key(type, value) : value;
    };
    for (const auto& value : change.values) {
        if (auto refusal = tree_.check_value(type, dn_, value)) return refusal;
        const auto key = key_of(value);
        const bool there = std::any_of(values.begin(), values.end(),
                                       [&](const auto& one) { return key_of(one) == key; });
        if (!there) {
            values.push_back(value);
        } else if (!permissive_) {
            return change.kind == LdapChangeKind::replace
                       ? tree_.answers_.value_twice(type, dn_, value)
                       : tree_.answers_.value_exists(type, dn_);
        }
    }
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::Modification::remove_plain(
    const AttributeType& type, const LdapChange& change, std::vector<std::string>& values) {
    if (change.values.empty()) {
        if (values.empty() && !permissive_) return tree_.answers_.value_absent(type, dn_, true);
        values.clear();
    }
    for (const auto& value : change.values) {
        const auto key = tree_.value_key(type, value);
        const auto found = std::find_if(values.begin(), values.end(), [&](const auto& one) {
            return tree_.value_key(type, one) == key;
        });
        if (found != values.end()) {
            values.erase(found);
        } else if (!permissive_) {
            return tree_.answers_.value_absent(type, dn_, false);
        }
    }
    return std::nullopt;
}

// ----- links

bool DirectoryTree::Modification::is_linked(const std::string& name, const LinkEdit& edit,
                                            EntryNumber target) const {
    if (edit.added.contains(target)) return true;
    if (edit.emptied || edit.removed.contains(target)) return false;
    const auto found = entry_.links.find(name);
    return found != entry_.links.end() && found->second.contains(target);
}

std::size_t DirectoryTree::Modification::link_count(const std::string& name) const {
    const auto found = entry_.links.find(name);
    const auto& edit = links_.at(name);
    std::size_t count = edit.added.size() + edit.foreign.size();
    if (!edit.emptied && found != entry_.links.end()) {
        count += found->second.size() - edit.removed.size();
    }
    return count;
}

std::optional<TreeAnswer> DirectoryTree::Modification::apply_link(const AttributeType& type,
                                                                  const LdapChange& change) {
    const auto name = lower(type.name);
    const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
    if (windows && change.values.size() > tree_.options_.values_a_modify) {
        return tree_.answers_.too_many_values();
    }
    auto& edit = links_[name];
    const bool whole = change.kind == LdapChangeKind::replace ||
                       (change.kind == LdapChangeKind::remove && change.values.empty());
    if (whole) {
        if (change.kind == LdapChangeKind::remove && link_count(name) == 0 && !permissive_) {
            return tree_.answers_.value_absent(type, dn_, true);
        }
        edit = {};
        edit.emptied = true;
    }
    std::set<std::string> seen;
    for (const auto& value : change.values) {
        if (!seen.insert(lower(value)).second && !windows && !whole) {
            throw std::logic_error("a value of " + type.name +
                                   " twice in one modify: Samba would store it twice");
        }
        auto refusal = change.kind == LdapChangeKind::remove ? remove_link(type, edit, value)
                                                             : add_link(type, edit, value, whole);
        if (refusal) return refusal;
    }
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::Modification::add_link(const AttributeType& type,
                                                                LinkEdit& edit,
                                                                const std::string& value,
                                                                bool replacing) {
    const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
    const auto target = tree_.target_of(type, dn_, value, false);
    if (target.refusal) return target.refusal;
    if (!target.number) {
        const auto scope = static_cast<std::uint32_t>(group_type()) & 14U;
        if (windows && scope == 8) return tree_.answers_.scope_rule("00002165");
        if (windows && scope == 2) return tree_.answers_.scope_rule("00002147");
        edit.foreign.push_back(target.foreign_sid);
        return std::nullopt;
    }
    const auto name = lower(type.name);
    const auto& object = tree_.entries_.at(*target.number);
    if (is_linked(name, edit, object.number)) {
        if (permissive_ && windows) return std::nullopt;
        if (replacing) return tree_.answers_.member_twice(type);
        return tree_.answers_.member_exists(type, object.guid.text());
    }
    if (name == "member") {
        if (auto refusal = tree_.check_scope(group_type(), &entry_, object)) return refusal;
    }
    if (edit.removed.erase(object.number) == 0) edit.added.insert(object.number);
    return std::nullopt;
}

std::optional<TreeAnswer> DirectoryTree::Modification::remove_link(const AttributeType& type,
                                                                   LinkEdit& edit,
                                                                   const std::string& value) {
    const auto target = tree_.target_of(type, dn_, value, true);
    if (target.refusal) return target.refusal;
    const auto name = lower(type.name);
    const auto& object = tree_.entries_.at(*target.number);
    if (!is_linked(name, edit, object.number)) {
        const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
        if (permissive_ && windows) return std::nullopt;
        return tree_.answers_.member_absent(type, object.guid.text());
    }
    if (edit.added.erase(object.number) == 0) edit.removed.insert(object.number);
    return std::nullopt;
}

// ----- the whole

std::optional<TreeAnswer> DirectoryTree::Modification::check() const {
    const bool windows = tree_.options_.dialect == DirectoryDialect::windows;
    const bool principal = !entry_.sid.empty();
    for (const auto& [name, values] : attributes_) {
        const auto& type = tree_.schema_.get(name);
        if (type.single_valued && values.size() > 1) {
            return tree_.answers_.several_values(type, dn_, adding_);
        }
        // SAM keeps one description for the accounts that it manages, whatever the schema says;
        // Samba's not at their creation.
        const bool single = principal && name == "description" && (windows || !adding_);
        if (single && values.size() > 1) return tree_.answers_.one_value_alone(type, dn_);
        const bool needed = name == "samaccountname" || name == "grouptype";
        if (needed && principal && values.empty()) return tree_.answers_.must_stay(type, dn_);
        if (name == "samaccountname" && !values.empty()) {
            if (auto refusal = tree_.check_account_name(entry_, values.front())) return refusal;
        }
        if (name == "grouptype" && !values.empty()) {
            const auto from = entry_.group_type();
            if (auto refusal = tree_.check_group_type(entry_, from, group_type())) return refusal;
        }
    }
    for (const auto& [name, edit] : links_) {
        const auto& type = tree_.schema_.get(name);
        if (type.single_valued && link_count(name) > 1) {
            return tree_.answers_.several_values(type, dn_, adding_);
        }
    }
    return std::nullopt;
}

void DirectoryTree::Modification::commit() {
    bool moved = false;
    for (auto& [name, values] : attributes_) {
        const auto found = entry_.attributes.find(name);
        const bool same =
            found == entry_.attributes.end() ? values.empty() : found->second == values;
        if (same) continue;
        if (name == "grouptype" && !values.empty()) values = {std::to_string(group_type())};
        tree_.store(entry_, tree_.schema_.get(name), values);
        moved = true;
    }
    for (auto& [name, edit] : links_) {
        const auto& type = tree_.schema_.get(name);
        const auto found = entry_.links.find(name);
        auto leaving = edit.removed;
        if (edit.emptied && found != entry_.links.end()) leaving = found->second;
        for (const auto target : leaving)
            tree_.unlink(entry_, name, target);
        for (const auto target : edit.added)
            tree_.link(entry_, type, target);
        for (const auto& sid : edit.foreign)
            tree_.link(entry_, type, tree_.foreign_principal(sid));
        moved |= edit.emptied || !leaving.empty() || !edit.added.empty() || !edit.foreign.empty();
    }
    if (moved) tree_.touch(entry_);
}

}  // namespace writeback::fakes
