#include "simulation/invariants_hints.hpp"

#include "fakes/model_disk.hpp"
#include "simulation/process.hpp"
#include "store/inbox_file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace writeback::simulation {

namespace json = boost::json;

namespace {

constexpr std::size_t most_read = 100'000;

std::string text_at(const json::object& object, const char* key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<Stream> stream_of(std::string_view target) {
    if (target.find("/groups/delta") != std::string_view::npos) return Stream::groups;
    if (target.find("/users/delta") != std::string_view::npos) return Stream::users;
    return std::nullopt;
}

// What stands in the inbox's file; nothing when it cannot be read.
std::optional<std::vector<Hint>> hints_in(fakes::ModelDisk& disk) {
    InboxOptions options;
    options.path = inbox_file;
    options.vfs = disk.vfs();
    const auto file = InboxFile::open(options);
    if (!file) return std::nullopt;
    auto hints = (*file)->read(0, most_read);
    if (!hints) return std::nullopt;
    return std::move(*hints);
}

}  // namespace

void AcknowledgedHints::answered(const WebhookExchange& exchange,
                                 const AcceptedSubscriptions& accepted, Duration now) {
    if (exchange.status != 202) return;
    boost::system::error_code error;
    const auto body = json::parse(exchange.body, error);
    const auto* items =
        error || !body.is_object() ? nullptr : body.get_object().if_contains("value");
    if (items == nullptr || !items->is_array()) return;
    for (const auto& item : items->get_array()) {
        if (!item.is_object()) continue;
        const auto& one = item.get_object();
        if (one.contains("lifecycleEvent")) continue;
        const auto answer = accepted.ask(SubscriptionId(text_at(one, "subscriptionId")),
                                         text_at(one, "clientState"));
        const auto* resource = one.if_contains("resourceData");
        if (resource == nullptr || !resource->is_object()) continue;
        const std::string object = text_at(resource->get_object(), "id");
        using Verdict = AcceptedSubscriptions::Verdict;
        const bool other_tenant = text_at(one, "tenantId") != tenant_;
        if (answer.verdict == Verdict::client_state) {
            refused_.insert(text_at(one, "subscriptionId"));
        } else if (other_tenant) {
            refused_.insert(object);
        }
        if (other_tenant || answer.verdict != Verdict::accepted || !answer.stream) continue;
        ++count_;
        if (canonical_guid(object)) acknowledged_.push_back({*answer.stream, object, now});
    }
}

void AcknowledgedHints::exchanged(const CloudExchange& exchange) {
    const auto stream = stream_of(exchange.request.target);
    if (!stream || exchange.response.status != 200) return;
    Round& round = rounds_[*stream];
    const std::string& target = exchange.request.target;
    const bool begins = target.find("skiptoken") == std::string::npos;
    if (begins || !round.began) round.began = exchange.began;
    if (exchange.response.body.find("@odata.deltaLink") == std::string::npos) return;
    round.last_complete_began = round.began;
    round.began.reset();
    std::erase_if(acknowledged_, [&](const Acknowledged& hint) {
        return hint.stream == *stream && hint.at <= *round.last_complete_began;
    });
}

void AcknowledgedHints::check_refused(fakes::ModelDisk& disk) {
    if (refused_.empty()) return;
    const auto kept = hints_in(disk);
    if (!kept) return;
    for (const Hint& hint : *kept) {
        if (!refused_.contains(hint.subscription.text()) && !refused_.contains(hint.object_id)) {
            continue;
        }
        violations_.report("law 1", "A notification of " + hint.object_id +
                                        " was forged, and stands in the inbox.");
    }
    refused_.clear();
}

void AcknowledgedHints::check(fakes::ModelDisk& disk, Duration now) {
    for (auto& [stream, round] : rounds_)
        round.began.reset();
    if (acknowledged_.empty()) return;
    const auto hints = hints_in(disk);
    if (!hints) return;
    std::set<std::string> kept;
    for (const Hint& hint : *hints)
        kept.insert(hint.object_id);
    for (const Acknowledged& hint : acknowledged_) {
        if (kept.contains(hint.object)) continue;
        violations_.report(
            "I2", "A notification of " + hint.object + " was answered 202, " +
                      std::to_string((now - hint.at).count()) +
                      " ms before the process ended, and is neither in the inbox nor satisfied.");
        return;
    }
}

}  // namespace writeback::simulation
