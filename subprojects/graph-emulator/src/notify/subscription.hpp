// The subscriptions of the application: their rules, their life, and which changes they match.
//
// Failures: the refusals Graph gives, in its words. Limits: SubscriptionLimits, 45 to 41,760
// minutes, clientState of 128 characters. Ownership: the registry owns its subscriptions;
// references end with the next change of the registry. Threads: one. Expiry is silent: nothing is
// sent, the subscription is simply gone.
#pragma once

#include "../base/clock.hpp"
#include "../base/json.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "../tenant/tenant.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace emulator {

struct Subscription {
    std::string id;
    std::string resource;
    std::string change_types;
    std::string notification_url;
    std::optional<std::string> lifecycle_url;
    std::optional<std::string> client_state;
    std::string tls_version = "v1_2";
    TimePoint expires{};

    // What the emulator remembers for tests.
    bool paused = false;  ///< a reauthorizationRequired is unanswered; what would be sent is lost …
    bool keeps = false;  ///< … or kept for four hours, and sent after the answer
    std::vector<std::pair<TimePoint, json::object>> kept;
    std::optional<TimePoint> renewed;
    std::optional<TimePoint> reauthorized;
    int renewals = 0;
    int reauthorizations = 0;
    int conflicts = 0;  ///< PATCH and reauthorize within 10 minutes of each other

    bool wants(std::string_view change_type) const;
    /// `resource` as a lower-case path without a leading slash.
    std::string canonical_resource() const;
};

/// Graph's quotas, and what others are to have taken of them already.
struct SubscriptionLimits {
    std::size_t per_application_and_tenant = 100;
    std::size_t per_tenant = 1000;
    std::size_t per_application = 50000;
    std::size_t of_other_applications = 0;
    std::size_t in_other_tenants = 0;
};

/// How a list of them is shown; the real service was seen to do both.
struct SubscriptionListing {
    std::size_t page_size = 1000;
    bool expired = false;  ///< those that have expired are listed, too
};

class SubscriptionRegistry {
 public:
    SubscriptionRegistry(Clock& clock, Random& random) : clock_(clock), random_(random) {}

    SubscriptionLimits limits;
    SubscriptionListing listing;

    /// Reads and checks the body of a POST; nothing is stored yet.
    Result<Subscription> parse(const json::object& body);
    /// Refuses a duplicate or one too many.
    Verdict admissible(const Subscription& subscription);
    Subscription& add(Subscription subscription);
    /// The new expiry of a PATCH, checked and clamped.
    Result<TimePoint> parse_expiry(const json::object& body);

    Subscription* find(std::string_view id);
    bool erase(std::string_view id);
    std::vector<Subscription*> all();
    /// What GET lists: all(), and the last hundred that expired where `listing` says so.
    std::vector<const Subscription*> listed();
    /// Those that the change is to be told to.
    std::vector<Subscription*> matching(const Change& change);

    /// Notes a PATCH or reauthorize for tests, and ends a pause.
    void note_renewal(Subscription& subscription);
    void note_reauthorization(Subscription& subscription);
    /// What was kept while the subscription was paused and is not too old; it is forgotten here.
    std::vector<json::object> take_kept(Subscription& subscription);

 private:
    void forget_expired();

    Clock& clock_;
    Random& random_;
    std::map<std::string, Subscription, std::less<>> subscriptions_;
    std::deque<Subscription> expired_;
};

json::object represent(const Subscription& subscription, std::string_view application_id);

}  // namespace emulator
