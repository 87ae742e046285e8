#include "store/records.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace writeback {

namespace json = boost::json;

namespace {

json::array array_of(const std::vector<std::string>& list) {
    json::array array;
    array.reserve(list.size());
    for (const auto& text : list)
        array.emplace_back(text);
    return array;
}

// Nothing when it is no list of texts.
std::optional<std::vector<std::string>> list_of(const json::value& value) {
    if (!value.is_array()) return std::nullopt;
    std::vector<std::string> list;
    for (const auto& item : value.get_array()) {
        if (!item.is_string()) return std::nullopt;
        list.emplace_back(item.get_string());
    }
    return list;
}

// Null when it is no JSON.
json::value parsed(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    json::error_code error;
    json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) return nullptr;
    return value;
}

std::optional<Attributes> attributes_of(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    Attributes attributes;
    for (const auto& [name, values] : value.get_object()) {
        auto list = list_of(values);
        if (!list) return std::nullopt;
        attributes.emplace(std::string(name), std::move(*list));
    }
    return attributes;
}

std::optional<HoldTarget> target_of(const json::value& value) {
    if (!value.is_array() || value.get_array().size() != 3) return std::nullopt;
    const auto& parts = value.get_array();
    if (!parts[0].is_int64() || !parts[1].is_string() || !parts[2].is_int64()) return std::nullopt;
    const auto kind = parts[0].get_int64();
    const auto evidence = parts[2].get_int64();
    if (!has_value<OperationKind>(kind) || !has_value<Evidence>(evidence)) return std::nullopt;
    return HoldTarget{static_cast<OperationKind>(kind), std::string(parts[1].get_string()),
                      static_cast<Evidence>(evidence)};
}

std::optional<std::vector<HoldTarget>> targets_of(const json::value& value) {
    if (!value.is_array()) return std::nullopt;
    std::vector<HoldTarget> targets;
    for (const auto& item : value.get_array()) {
        auto target = target_of(item);
        if (!target) return std::nullopt;
        targets.push_back(std::move(*target));
    }
    return targets;
}

template <class Value>
Value read_json(const Statement& row, int column,
                std::optional<Value> (*value_of)(const json::value& value)) {
    auto value = value_of(parsed(row.text(column)));
    if (!value) row.damaged("a list in a column cannot be read");
    return value ? std::move(*value) : Value{};
}

}  // namespace

std::string to_json(const std::vector<std::string>& list) {
    return json::serialize(array_of(list));
}

std::vector<std::string> list_at(const Statement& row, int column) {
    return read_json<std::vector<std::string>>(row, column, list_of);
}

std::string to_json(const Attributes& attributes) {
    json::object object;
    for (const auto& [name, values] : attributes)
        object.emplace(name, array_of(values));
    return json::serialize(object);
}

Attributes attributes_at(const Statement& row, int column) {
    return read_json<Attributes>(row, column, attributes_of);
}

std::string to_json(std::vector<HoldTarget> targets) {
    std::sort(targets.begin(), targets.end());
    json::array array;
    array.reserve(targets.size());
    for (const auto& target : targets) {
        array.push_back(json::array{static_cast<int>(target.kind), json::string(target.subject),
                                    static_cast<int>(target.evidence)});
    }
    return json::serialize(array);
}

std::vector<HoldTarget> targets_at(const Statement& row, int column) {
    return read_json<std::vector<HoldTarget>>(row, column, targets_of);
}

AdIdentity identity_at(const Statement& row, int column) {
    AdIdentity identity{Sid(row.text(column)), ObjectGuid(row.text(column + 1))};
    if (identity.key().empty()) row.damaged("an identity has neither SID nor GUID");
    return identity;
}

std::int64_t hold_number(std::string_view id) {
    if (id.size() < 2 || id.front() != 'h') return 0;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
    return error == std::errc() && end == id.data() + id.size() && number > 0 ? number : 0;
}

MirrorGroup mirror_group_from(const Statement& row) {
    MirrorGroup known;
    CloudGroup& group = known.group;
    group.id = GroupId(row.text(1));
    group.display_name = row.text(2);
    group.description = row.optional_text(3);
    group.mail = row.optional_text(4);
    group.mail_nickname = row.optional_text(5);
    group.mail_enabled = row.flag(6);
    group.security_enabled = row.flag(7);
    group.group_types = list_at(row, 8);
    group.proxy_addresses = list_at(row, 9);
    group.visibility = row.optional_text(10);
    group.on_premises_sync_enabled = row.flag(11);
    group.on_premises_security_identifier = Sid(row.text(12));
    group.state = row.as<CloudState>(13);
    known.in_scope = row.flag(14);
    known.generation = row.integer(15);
    known.members_unread = row.flag(16);
    known.unreadable = row.text(17);
    group.further = attributes_at(row, 18);
    known.owners_unread = row.flag(19);
    known.scope_unknown = row.flag(20);
    known.unwatched = row.flag(21);
    return known;
}

WrittenGroup written_group_from(const Statement& row) {
    WrittenGroup written;
    written.guid = ObjectGuid(row.text(0));
    written.sid = Sid(row.text(1));
    written.dn = Dn(row.text(2));
    written.cn = row.text(3);
    written.sam_account_name = row.text(4);
    written.group_type = row.as<std::int32_t>(5);
    written.attributes = attributes_at(row, 6);
    written.origin = row.as<Origin>(7);
    written.keeps_name = row.flag(8);
    written.previous_mark = row.text(9);
    written.usn = row.integer(10);
    written.group = GroupId(row.text(11));
    written.seen_on = row.text(13);
    return written;
}

Hold hold_from(const Statement& row) {
    Hold hold;
    hold.id = "h" + std::to_string(row.integer(0));
    hold.group = GroupId(row.text(1));
    hold.reason = row.as<HoldReason>(2);
    hold.name = row.text(3);
    hold.detail = row.text(4);
    hold.since = row.instant(5);
    hold.decision = row.as<Decision>(6);
    hold.targets = targets_at(row, 7);
    hold.member = MemberId(row.text(8));
    hold.sid = Sid(row.text(9));
    return hold;
}

}  // namespace writeback
