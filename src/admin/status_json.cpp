// The status as JSON, and back.
#include "admin/status.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace writeback {

namespace json = boost::json;

namespace {

constexpr std::array reasons{HoldReason::collision, HoldReason::guard,       HoldReason::take_over,
                             HoldReason::refused,   HoldReason::enforcement, HoldReason::drift,
                             HoldReason::missing,   HoldReason::unreadable};
constexpr std::array<std::pair<std::string_view, Decision>, 3> decisions{
    {{"pending", Decision::pending},
     {"approved", Decision::approved},
     {"rejected", Decision::rejected}}};

std::string_view name_of_decision(Decision decision) {
    return decisions[static_cast<std::size_t>(decision)].first;
}

json::value instant_value(const std::optional<Instant>& instant) {
    return instant ? json::value(to_text(*instant)) : json::value(nullptr);
}

json::object hold_object(const Hold& hold) {
    json::object object{{"id", hold.id},
                        {"group_id", hold.group.text()},
                        {"name", hold.name},
                        {"reason", name_of(hold.reason)},
                        {"detail", hold.detail},
                        {"since", to_text(hold.since)},
                        {"decision", name_of_decision(hold.decision)}};
    if (!hold.member.empty()) object["member_id"] = hold.member.text();
    if (!hold.sid.empty()) object["sid"] = hold.sid.text();
    return object;
}

json::object counts_object(const Store::Counts& counts) {
    return {{"managed", counts.managed},
            {"dirty", counts.dirty},
            {"held", counts.held},
            {"owed", counts.owed},
            {"oldest_dirty", instant_value(counts.oldest_dirty)}};
}

json::object streams_object(const std::vector<StreamStatus>& streams) {
    json::object object;
    for (const auto& stream : streams) {
        object[stream.name] = json::object{
            {"last_round", instant_value(stream.last_round)},
            {"token_age_seconds",
             stream.token_age_seconds ? json::value(*stream.token_age_seconds) : json::value()}};
    }
    return object;
}

// Reads what the functions above wrote. A member that is absent, of an older daemon say, leaves the
// default; one of a wrong type throws, and read_status_json makes a Failure of it.
std::string text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value == nullptr || value->is_null() ? std::string() : std::string(value->as_string());
}

std::int64_t number_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value == nullptr || value->is_null() ? 0 : value->to_number<std::int64_t>();
}

const json::object& object_at(const json::object& object, std::string_view name) {
    static const json::object none;
    const auto* value = object.if_contains(name);
    return value == nullptr || value->is_null() ? none : value->as_object();
}

const json::array& array_at(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value == nullptr || value->is_null() ? none : value->as_array();
}

std::optional<Instant> instant_at(const json::object& object, std::string_view name) {
    const auto text = text_at(object, name);
    if (text.empty()) return std::nullopt;
    std::tm parts{};
    int milliseconds = 0;
    const int read =
        std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &parts.tm_year, &parts.tm_mon,
                    &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds);
    if (read < 6) throw std::invalid_argument("no instant");
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return Instant(std::chrono::seconds(timegm(&parts))) + Duration(milliseconds);
}

Hold read_hold(const json::object& object) {
    Hold hold;
    hold.id = text_at(object, "id");
    hold.group = GroupId(text_at(object, "group_id"));
    hold.name = text_at(object, "name");
    const auto reason = text_at(object, "reason");
    const auto found = std::find_if(reasons.begin(), reasons.end(),
                                    [&](HoldReason known) { return name_of(known) == reason; });
    if (found != reasons.end()) hold.reason = *found;
    hold.detail = text_at(object, "detail");
    hold.since = instant_at(object, "since").value_or(Instant{});
    for (const auto& [word, decision] : decisions) {
        if (text_at(object, "decision") == word) hold.decision = decision;
    }
    hold.member = MemberId(text_at(object, "member_id"));
    hold.sid = Sid(text_at(object, "sid"));
    return hold;
}

Store::Counts read_counts(const json::object& document) {
    Store::Counts counts;
    const auto& groups = object_at(document, "groups");
    counts.managed = number_at(groups, "managed");
    counts.dirty = number_at(groups, "dirty");
    counts.held = number_at(groups, "held");
    counts.owed = number_at(groups, "owed");
    counts.oldest_dirty = instant_at(groups, "oldest_dirty");
    const auto& members = object_at(document, "members");
    counts.members_written = number_at(members, "written");
    for (const auto& [reason, count] : object_at(members, "unresolved")) {
        counts.unresolved.emplace_back(reason, count.to_number<std::int64_t>());
    }
    for (const auto& entry : array_at(document, "last_errors")) {
        counts.last_errors.emplace_back(text_at(entry.as_object(), "group"),
                                        text_at(entry.as_object(), "error"));
    }
    return counts;
}

Status read_document(const json::object& document) {
    Status status;
    status.state = text_at(document, "state");
    status.version = text_at(document, "version");
    status.policy = text_at(document, "policy");
    for (const auto& problem : array_at(document, "problems"))
        status.problems.emplace_back(problem.as_string());
    status.counts = read_counts(document);
    for (const auto& hold : array_at(document, "held"))
        status.held.push_back(read_hold(hold.as_object()));
    for (const auto& [name, value] : object_at(document, "streams")) {
        const auto& stream = value.as_object();
        StreamStatus one{std::string(name), instant_at(stream, "last_round"), std::nullopt};
        const auto* age = stream.if_contains("token_age_seconds");
        if (age != nullptr && !age->is_null()) {
            one.token_age_seconds = age->to_number<std::int64_t>();
        }
        status.streams.push_back(std::move(one));
    }
    for (const auto& value : array_at(document, "subscriptions")) {
        const auto& object = value.as_object();
        status.subscriptions.push_back({SubscriptionId(text_at(object, "id")),
                                        text_at(object, "resource"), "",
                                        instant_at(object, "expires").value_or(Instant{})});
    }
    const auto& directory = object_at(document, "directory");
    status.directory_server = text_at(directory, "server");
    const auto* bound = directory.if_contains("bound");
    status.directory_bound = bound != nullptr && bound->is_bool() && bound->get_bool();
    return status;
}

}  // namespace

std::string status_json(const Status& status) {
    json::array held;
    for (const auto& hold : status.held)
        held.push_back(hold_object(hold));
    json::object unresolved;
    for (const auto& [reason, count] : status.counts.unresolved)
        unresolved[reason] = count;
    json::array subscriptions;
    for (const auto& subscription : status.subscriptions) {
        subscriptions.push_back(json::object{{"id", subscription.id.text()},
                                             {"resource", subscription.resource},
                                             {"expires", to_text(subscription.expires)}});
    }
    json::array errors;
    for (const auto& [group, error] : status.counts.last_errors)
        errors.push_back(json::object{{"group", group}, {"error", error}});
    const json::object document{
        {"state", status.state},
        {"version", status.version},
        {"policy", status.policy},
        {"problems", json::array(status.problems.begin(), status.problems.end())},
        {"groups", counts_object(status.counts)},
        {"held", std::move(held)},
        {"members",
         {{"written", status.counts.members_written}, {"unresolved", std::move(unresolved)}}},
        {"streams", streams_object(status.streams)},
        {"subscriptions", std::move(subscriptions)},
        {"directory", {{"server", status.directory_server}, {"bound", status.directory_bound}}},
        {"last_errors", std::move(errors)}};
    return json::serialize(document);
}

Result<Status> read_status_json(std::string_view text) {
    try {
        return read_document(json::parse(text).as_object());
    } catch (const std::exception& error) {
        return failure(FailureKind::unreadable,
                       "The daemon's status cannot be read (" + std::string(error.what()) +
                           "); are the command and the daemon of one version?");
    }
}

}  // namespace writeback
