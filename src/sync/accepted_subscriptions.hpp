// Which notifications are genuine: the subscriptions that are ours at this moment, and the secret
// that they were created with.
//
// The keeper writes it on the sync thread, the inbox asks it on the intake's thread. While a
// subscription is being created its first notifications may arrive before its id is known; then an
// unknown id is accepted, if secret and tenant are right.
//
// Threads: safe from any.
#pragma once

#include <writeback/ids.hpp>
#include <writeback/mirror.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace writeback {

// Compares in a time that depends on the length of what was offered alone, not on what is equal.
[[nodiscard]] bool equal_in_constant_time(std::string_view offered, std::string_view secret);

class AcceptedSubscriptions {
 public:
    void set_client_state(std::string secret);
    void add(const SubscriptionId& id, Stream stream);
    void remove(const SubscriptionId& id);
    void creation_begins();
    void creation_ends();

    enum class Verdict { accepted, client_state, unknown_subscription };
    struct Answer {
        Verdict verdict = Verdict::unknown_subscription;
        std::optional<Stream> stream;  // none while its subscription is being created
    };
    [[nodiscard]] Answer ask(const SubscriptionId& id, std::string_view client_state) const;

 private:
    mutable std::mutex mutex_;
    std::string secret_;
    std::map<SubscriptionId, Stream> subscriptions_;
    int creations_ = 0;
};

}  // namespace writeback
