#include "admin/status_words.hpp"

#include <algorithm>

namespace writeback {

namespace {

std::string counted(std::int64_t count, const std::string& word) {
    return std::to_string(count) + " " + word;
}

std::string groups_sentence(const Store::Counts& counts, Instant now) {
    std::string text = counted(counts.managed, "managed") + ", " + counted(counts.dirty, "dirty");
    if (counts.dirty > 0 && counts.oldest_dirty) {
        text += " (the oldest for " + duration_words(now - *counts.oldest_dirty) + ")";
    }
    text += ", " + counted(counts.held, "held");
    if (counts.owed > 0) text += ", " + counted(counts.owed, "with removals owed");
    return text;
}

std::string members_sentence(const Store::Counts& counts) {
    std::string text = counted(counts.members_written, "written");
    std::string separator = "; without an identity in AD: ";
    for (const auto& [reason, count] : counts.unresolved) {
        text += separator + counted(count, reason);
        separator = ", ";
    }
    return text;
}

std::string stream_sentence(const StreamStatus& stream, Instant now) {
    if (!stream.last_round) return "no round has finished yet";
    return "last round " + duration_words(now - *stream.last_round) + " ago";
}

std::string subscription_sentence(const Subscription& subscription, Instant now) {
    const auto left = subscription.expires - now;
    const std::string when = left < Duration::zero() ? "expired " + duration_words(-left) + " ago"
                                                     : "expires in " + duration_words(left);
    return when + " (" + to_text(subscription.expires) + ")";
}

}  // namespace

std::string duration_words(Duration duration) {
    const auto seconds = std::max<std::int64_t>(duration.count() / 1000, 0);
    if (seconds < 120) return counted(seconds, "s");
    if (seconds < 120 * 60) return counted(seconds / 60, "min");
    if (seconds < 48 * 3600) return counted(seconds / 3600, "h");
    return counted(seconds / 86400, "days");
}

std::vector<std::pair<std::string, std::string>> status_facts(const Status& status, Instant now) {
    std::vector<std::pair<std::string, std::string>> facts{
        {"Groups", groups_sentence(status.counts, now)},
        {"Members", members_sentence(status.counts)}};
    for (const auto& stream : status.streams)
        facts.emplace_back("Stream " + stream.name, stream_sentence(stream, now));
    for (const auto& subscription : status.subscriptions) {
        facts.emplace_back("Subscription " + subscription.resource,
                           subscription_sentence(subscription, now));
    }
    facts.emplace_back("Directory", status.directory_bound ? "bound to " + status.directory_server
                                    : status.directory_server.empty()
                                        ? "not bound"
                                        : "not bound; last was " + status.directory_server);
    return facts;
}

std::string decision_words(const Hold& hold) {
    if (hold.decision == Decision::approved) return "approved";
    if (hold.decision == Decision::rejected) return "rejected";
    return needs_a_person(hold.reason) ? "waits for approve or reject" : "";
}

}  // namespace writeback
