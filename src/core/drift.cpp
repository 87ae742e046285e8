#include "core/drift.hpp"

#include "core/distinguished_name.hpp"
#include "core/identity_set.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace writeback {

namespace {

constexpr std::size_t told_units = 120;
constexpr const char* mark_attribute = "adminDescription";

std::string on_one_line(std::string result) {
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
    return result;
}

std::string quoted(const std::string& text) {
    const bool too_long = utf16_length(text) > told_units;
    return "\"" + on_one_line(too_long ? left(text, told_units) + "…" : text) + "\"";
}

std::string quoted(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values)
        text += (text.empty() ? "" : ", ") + quoted(value);
    return text;
}

// The values of an attribute have no order.
std::vector<std::string> values(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    std::vector<std::string> sorted = found->second;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

template <class T>
std::optional<Difference<T>> difference(const T& before, const T& now) {
    if (before == now) return std::nullopt;
    return Difference<T>{before, now};
}

// Those of `some` who are not among `others`, in key order.
std::vector<AdIdentity> without(const std::vector<AdIdentity>& some,
                                const std::vector<AdIdentity>& others) {
    IdentitySet known;
    for (const AdIdentity& other : others)
        known.insert(other);
    std::vector<AdIdentity> result;
    for (const AdIdentity& one : some) {
        if (!known.contains(one)) result.push_back(one);
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::string mark_of(const DirectoryGroup& found) {
    if (!found.mark_text.empty()) return found.mark_text;
    const auto read = values(found.attributes, mark_attribute);
    if (!read.empty()) return read.front();
    return found.mark ? writeback::mark_of(*found.mark) : std::string();
}

std::string sentence_of(const AttributeChange& change) {
    if (change.values.empty()) {
        return change.name + " was " + quoted(change.before) + " and has been removed.";
    }
    if (change.before.empty()) return change.name + " is " + quoted(change.values) + " now.";
    return change.name + " was " + quoted(change.before) + " and is " + quoted(change.values) +
           " now.";
}

std::string sentence_of(const std::vector<AdIdentity>& members, std::size_t most,
                        const std::string& what_happened) {
    std::string text = std::to_string(members.size()) +
                       (members.size() == 1 ? " member was " : " members were ") + what_happened +
                       ": ";
    const std::size_t told = std::min(most, members.size());
    for (std::size_t i = 0; i < told; ++i)
        text += (i == 0 ? "" : ", ") + members[i].key();
    if (told < members.size()) {
        text += (told == 0 ? "" : " and ") + std::to_string(members.size() - told) + " more";
    }
    return text + ".";
}

}  // namespace

Drift drift_of(const WrittenGroup& believed, const std::vector<AdIdentity>& members,
               const DirectoryGroup& found, const DriftRules& rules) {
    Drift drift;
    drift.group = believed.group;
    drift.mark = difference(writeback::mark_of(believed.group), mark_of(found));
    drift.cn = difference(believed.cn, found.cn);
    const Dn before = parent_of(believed.dn);
    const Dn now = parent_of(found.dn);
    if (!is_same_name(before, now)) drift.container = {before, now};
    if (rules.compares_sam_account_name) {
        drift.sam_account_name = difference(believed.sam_account_name, found.sam_account_name);
    }
    drift.group_type = difference(believed.group_type, found.group_type);
    for (const std::string& name : rules.attributes) {
        if (name == mark_attribute) continue;
        AttributeChange change{name, values(believed.attributes, name),
                               values(found.attributes, name)};
        if (change.before != change.values) drift.attributes.push_back(std::move(change));
    }
    if (rules.membership == Membership::authoritative) {
        drift.gained = without(found.members, members);
    }
    drift.lost = without(members, found.members);
    return drift;
}

std::vector<std::string> sentences_of(const Drift& drift, std::size_t most_members) {
    std::vector<std::string> result;
    if (drift.mark) result.push_back(changed_mark_sentence(drift.group, drift.mark->now));
    if (drift.cn) {
        result.push_back("Its CN was " + quoted(drift.cn->before) + " and is " +
                         quoted(drift.cn->now) + " now.");
    }
    if (drift.container) {
        result.push_back("It stood in " + on_one_line(drift.container->before.text()) +
                         " and stands in " + on_one_line(drift.container->now.text()) + " now.");
    }
    if (drift.sam_account_name) {
        result.push_back("Its sAMAccountName was " + quoted(drift.sam_account_name->before) +
                         " and is " + quoted(drift.sam_account_name->now) + " now.");
    }
    if (drift.group_type) {
        result.push_back("Its groupType was " + std::to_string(drift.group_type->before) +
                         " and is " + std::to_string(drift.group_type->now) + " now.");
    }
    for (const AttributeChange& change : drift.attributes)
        result.push_back(sentence_of(change));
    if (!drift.gained.empty()) {
        result.push_back(sentence_of(drift.gained, most_members, "added in the directory"));
    }
    if (!drift.lost.empty()) {
        result.push_back(sentence_of(drift.lost, most_members, "removed in the directory"));
    }
    return result;
}

std::string to_text(const Drift& drift) {
    std::string text;
    for (const std::string& sentence : sentences_of(drift))
        text += (text.empty() ? "" : " ") + sentence;
    return text;
}

std::string changed_mark_sentence(const GroupId& group, const std::string& mark) {
    const std::string ours = writeback::mark_of(group);
    if (mark == ours) return {};
    const std::string begin =
        mark.empty()
            ? "Its mark, " + ours + " in adminDescription, has been removed"
            : "Its adminDescription is " + quoted(mark) + " and no longer its mark, " + ours;
    return begin +
           ": it is not ours to change, and nothing is written to it. Restore the mark to have it "
           "written again.";
}

std::string moved_away_sentence(const Dn& dn) {
    return "It stands at " + on_one_line(dn.text()) +
           ", outside the configured containers, and nothing is written to it. Move it back, or "
           "add the container to directory.containers.";
}

std::string missing_sentence(const WrittenGroup& believed) {
    return "Its object (objectGUID " + believed.guid.text() + ", SID " + believed.sid.text() +
           ") at " + on_one_line(believed.dn.text()) +
           " is not in the directory any more. `group-writeback restore` brings a deleted object "
           "back with its SID; groups.recreate = true makes a new one with another SID.";
}

std::string host_of(const std::string& usn_source) {
    return usn_source.substr(0, usn_source.find(' '));
}

std::string missing_here_sentence(const WrittenGroup& believed, const std::string& usn_source) {
    const std::string elsewhere =
        believed.seen_on.empty() ? "another domain controller" : host_of(believed.seen_on);
    return "Its object (objectGUID " + believed.guid.text() + ", SID " + believed.sid.text() +
           ") at " + on_one_line(believed.dn.text()) + " is not on " + host_of(usn_source) +
           ", which may be behind " + elsewhere +
           ", where it may still stand. It is looked for again, and not taken for gone before " +
           elsewhere + " has said so.";
}

}  // namespace writeback
