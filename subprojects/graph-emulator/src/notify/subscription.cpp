#include "subscription.hpp"

#include "../base/text.hpp"
#include "../http/poster.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr std::chrono::minutes shortest_life{45};
constexpr std::chrono::minutes longest_life{41760};
constexpr std::chrono::minutes between_renewals{10};
constexpr std::chrono::hours longest_kept{4};
constexpr std::size_t most_expired = 100;
constexpr std::size_t longest_client_state = 128;

Refusal invalid(std::string message) {
    return {400, "InvalidRequest", std::move(message)};
}

Verdict check_change_types(std::string_view text) {
    for (const auto& type : split(text, ',')) {
        const auto name = trimmed(type);
        if (name != "created" && name != "updated" && name != "deleted") {
            return invalid("Subscription change type '" + std::string(name) +
                           "' is not supported.");
        }
    }
    return std::nullopt;
}

/// groups, groups/{id}, groups/{id}/members, groups/{id}/owners, users, users/{id}
bool is_supported(std::string_view canonical) {
    const auto parts = split(canonical, '/');
    if (parts[0] != "groups" && parts[0] != "users") return false;
    if (parts.size() == 1) return true;
    if (!is_guid(parts[1])) return false;
    if (parts.size() == 2) return true;
    return parts.size() == 3 && parts[0] == "groups" &&
           (parts[2] == "members" || parts[2] == "owners");
}

Verdict check_url(std::string_view url, std::string_view name) {
    const auto address = parse_web_address(url);
    // Graph takes https only; plain http is the emulator's concession to tests on the same machine.
    const bool local = address && (address->host == "localhost" || address->host == "::1" ||
                                   address->host.starts_with("127."));
    if (!address || (!address->secure && !local)) {
        return invalid("The " + std::string(name) +
                       " must be an absolute https:// URL (http:// on loopback only).");
    }
    return std::nullopt;
}

std::string sorted_types(std::string_view text) {
    std::vector<std::string> types;
    for (const auto& type : split(text, ','))
        types.emplace_back(trimmed(type));
    std::sort(types.begin(), types.end());
    std::string joined;
    for (const auto& type : types)
        joined += type + ',';
    return joined;
}

}  // namespace

bool Subscription::wants(std::string_view change_type) const {
    const auto types = split(change_types, ',');
    return std::any_of(types.begin(), types.end(),
                       [&](const std::string& type) { return trimmed(type) == change_type; });
}

std::string Subscription::canonical_resource() const {
    std::string_view path = resource;
    while (path.starts_with('/'))
        path.remove_prefix(1);
    while (path.ends_with('/'))
        path.remove_suffix(1);
    return lower_case(path);
}

Result<TimePoint> SubscriptionRegistry::parse_expiry(const json::object& body) {
    const auto text = text_at(body, "expirationDateTime");
    const auto time = text ? parse_time(*text) : std::nullopt;
    if (!time) return invalid("Subscription expirationDateTime is missing or not a valid date.");
    const TimePoint now = clock_.now();
    if (*time > now + longest_life) {
        return Refusal{400, "ExtensionError",
                       "Subscription expiration can only be 41760 minutes in the future."};
    }
    return std::max(*time, now + shortest_life);
}

Result<Subscription> SubscriptionRegistry::parse(const json::object& body) {
    Subscription subscription;
    for (const auto* name : {"changeType", "notificationUrl", "resource", "expirationDateTime"}) {
        if (!text_at(body, name) || text_at(body, name)->empty()) {
            return invalid("Subscription property '" + std::string(name) + "' is required.");
        }
    }
    for (const auto* name :
         {"vapidPublicKey", "webPushEncryptionP256dhPublicKey", "webPushEncryptionSecret"}) {
        if (body.contains(name)) {
            return invalid("Property '" + std::string(name) + "' is valid for Web Push only.");
        }
    }
    subscription.resource = *text_at(body, "resource");
    subscription.change_types = *text_at(body, "changeType");
    subscription.notification_url = *text_at(body, "notificationUrl");
    if (const auto url = text_at(body, "lifecycleNotificationUrl"))
        subscription.lifecycle_url = *url;
    if (const auto state = text_at(body, "clientState")) subscription.client_state = *state;
    if (const auto version = text_at(body, "latestSupportedTlsVersion")) {
        subscription.tls_version = *version;
    }
    if (auto refusal = check_change_types(subscription.change_types)) return *refusal;
    if (!is_supported(subscription.canonical_resource())) {
        return Refusal{400, "ExtensionError",
                       "Resource '" + subscription.resource + "' is not supported."};
    }
    if (flag_at(body, "includeResourceData").value_or(false)) {
        return Refusal{
            400, "ExtensionError",
            "Resource data is not supported for resource '" + subscription.resource + "'."};
    }
    if (auto refusal = check_url(subscription.notification_url, "notificationUrl")) return *refusal;
    if (subscription.lifecycle_url) {
        if (auto refusal = check_url(*subscription.lifecycle_url, "lifecycleNotificationUrl")) {
            return *refusal;
        }
    }
    if (subscription.client_state && subscription.client_state->size() > longest_client_state) {
        return invalid("Subscription clientState must not be longer than 128 characters.");
    }
    const auto& version = subscription.tls_version;
    if (version.size() != 4 || !version.starts_with("v1_") || version[3] < '0' ||
        version[3] > '3') {
        return invalid("Subscription latestSupportedTlsVersion is not supported.");
    }
    const auto expires = parse_expiry(body);
    if (!expires) return expires.refusal();
    subscription.expires = *expires;
    return subscription;
}

Verdict SubscriptionRegistry::admissible(const Subscription& subscription) {
    forget_expired();
    for (const auto& [id, present] : subscriptions_) {
        if (present.canonical_resource() == subscription.canonical_resource() &&
            sorted_types(present.change_types) == sorted_types(subscription.change_types)) {
            return Refusal{
                409, "Conflict",
                "Subscription Id <" + id + "> already exists for the requested combination"};
        }
    }
    const auto exceeded = [](std::size_t most, const char* whose) {
        return Refusal{403, "Forbidden",
                       "The limit of " + std::to_string(most) + " subscriptions " + whose +
                           " has been reached."};
    };
    const auto own = subscriptions_.size();
    if (own >= limits.per_application_and_tenant)
        return exceeded(limits.per_application_and_tenant, "of the application for this tenant");
    if (own + limits.of_other_applications >= limits.per_tenant)
        return exceeded(limits.per_tenant, "of all applications for this tenant");
    if (own + limits.in_other_tenants >= limits.per_application)
        return exceeded(limits.per_application, "of the application for all tenants");
    return std::nullopt;
}

std::vector<json::object> SubscriptionRegistry::take_kept(Subscription& subscription) {
    const TimePoint now = clock_.now();
    std::vector<json::object> items;
    for (auto& [time, item] : subscription.kept) {
        if (now - time <= longest_kept) items.push_back(std::move(item));
    }
    subscription.kept.clear();
    return items;
}

Subscription& SubscriptionRegistry::add(Subscription subscription) {
    subscription.id = random_.guid();
    const std::string id = subscription.id;
    return subscriptions_.emplace(id, std::move(subscription)).first->second;
}

Subscription* SubscriptionRegistry::find(std::string_view id) {
    forget_expired();
    const auto found = subscriptions_.find(lower_case(id));
    return found == subscriptions_.end() ? nullptr : &found->second;
}

bool SubscriptionRegistry::erase(std::string_view id) {
    forget_expired();
    return subscriptions_.erase(lower_case(id)) > 0;
}

std::vector<Subscription*> SubscriptionRegistry::all() {
    forget_expired();
    std::vector<Subscription*> list;
    for (auto& [id, subscription] : subscriptions_)
        list.push_back(&subscription);
    return list;
}

std::vector<const Subscription*> SubscriptionRegistry::listed() {
    forget_expired();
    std::vector<const Subscription*> list;
    for (const auto& [id, subscription] : subscriptions_)
        list.push_back(&subscription);
    if (!listing.expired) return list;
    for (const auto& subscription : expired_)
        list.push_back(&subscription);
    return list;
}

std::vector<Subscription*> SubscriptionRegistry::matching(const Change& change) {
    std::vector<Subscription*> list;
    const auto& object = *change.object;
    if (object.kind != Kind::group && object.kind != Kind::user) return list;
    const std::string collection = object.kind == Kind::group ? "groups" : "users";
    const std::string type = change.purged ? "deleted" : "updated";
    const bool about_members = !change.added.empty() || !change.removed.empty();
    for (auto* subscription : all()) {
        const std::string resource = subscription->canonical_resource();
        const bool matches =
            resource == collection || resource == collection + '/' + object.id ||
            (about_members && resource == collection + '/' + object.id + "/members");
        if (matches && subscription->wants(type)) list.push_back(subscription);
    }
    return list;
}

void SubscriptionRegistry::note_renewal(Subscription& subscription) {
    const TimePoint now = clock_.now();
    subscription.renewed = now;
    ++subscription.renewals;
    subscription.paused = false;
    if (subscription.reauthorized && now - *subscription.reauthorized < between_renewals) {
        ++subscription.conflicts;
    }
}

void SubscriptionRegistry::note_reauthorization(Subscription& subscription) {
    const TimePoint now = clock_.now();
    subscription.reauthorized = now;
    ++subscription.reauthorizations;
    subscription.paused = false;
    if (subscription.renewed && now - *subscription.renewed < between_renewals) {
        ++subscription.conflicts;
    }
}

void SubscriptionRegistry::forget_expired() {
    const TimePoint now = clock_.now();
    for (auto entry = subscriptions_.begin(); entry != subscriptions_.end();) {
        if (entry->second.expires > now) {
            ++entry;
            continue;
        }
        expired_.push_back(std::move(entry->second));
        if (expired_.size() > most_expired) expired_.pop_front();
        entry = subscriptions_.erase(entry);
    }
}

json::object represent(const Subscription& subscription, std::string_view application_id) {
    json::object shown;
    const auto text_or_null = [](const std::optional<std::string>& text) {
        return text ? json::value(*text) : json::value(nullptr);
    };
    shown["id"] = subscription.id;
    shown["resource"] = subscription.resource;
    shown["applicationId"] = json::string_view(application_id.data(), application_id.size());
    shown["changeType"] = subscription.change_types;
    shown["clientState"] = text_or_null(subscription.client_state);
    shown["notificationUrl"] = subscription.notification_url;
    shown["notificationQueryOptions"] = nullptr;
    shown["lifecycleNotificationUrl"] = text_or_null(subscription.lifecycle_url);
    shown["expirationDateTime"] = utc_text(subscription.expires);
    shown["creatorId"] = "a4b5c6d7-0000-4000-8000-000000000001";
    shown["includeResourceData"] = nullptr;
    shown["latestSupportedTlsVersion"] = subscription.tls_version;
    shown["encryptionCertificate"] = nullptr;
    shown["encryptionCertificateId"] = nullptr;
    shown["notificationUrlAppId"] = nullptr;
    return shown;
}

}  // namespace emulator
