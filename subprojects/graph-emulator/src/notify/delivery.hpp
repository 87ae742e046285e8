// The outgoing side: validation handshakes, and the delivery of notifications with retries,
// batching and faults.
//
// Items for one URL wait in one queue; a POST takes several of them. A POST that is not answered
// 2xx in time is sent again with growing pauses, for four hours.
//
// Failures: validate() yields Graph's refusal; deliveries that fail for good are counted and
// dropped. Limits: DeliverySettings. Ownership: time, poster and random outlive the delivery.
// Threads: one. Cancellation: shut_down() drops all queues; running exchanges end with the
// executor's context.
#pragma once

#include "../base/json.hpp"
#include "../base/random.hpp"
#include "../base/result.hpp"
#include "../base/time.hpp"
#include "../http/poster.hpp"
#include "endpoint_health.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace emulator {

struct DeliverySettings {
    std::chrono::milliseconds first_deadline{3000};
    std::chrono::milliseconds retry_deadline{10000};
    std::chrono::milliseconds validation_deadline{10000};
    std::chrono::milliseconds first_pause{1000};  ///< doubles with each retry …
    std::chrono::milliseconds longest_pause{std::chrono::minutes(10)};  ///< … up to this
    std::chrono::milliseconds give_up_after{std::chrono::hours(4)};
    std::chrono::milliseconds delay{0};          ///< between a change and its notification
    std::chrono::milliseconds batch_window{10};  ///< waits for more items of the same POST
    std::size_t batch_size = 20;
    std::size_t concurrent_posts = 4;    ///< to one URL
    HealthRules health;                  ///< the slow and drop states; not enforced by default
    std::size_t longest_queue = 100000;  ///< of one URL; what comes on top is dropped
};

struct DeliveryFaults {
    std::size_t lose_next = 0;
    double lose_probability = 0;
    std::size_t duplicate_next = 0;
    double duplicate_probability = 0;
    bool reorder = false;
    bool hold = false;
    bool other_tenant = false;  ///< each POST also carries an item of another tenant
    std::function<json::object(json::object)> as_other_tenant;
};

struct DeliveryCounts {
    std::size_t queued = 0, posts = 0, items_accepted = 0, failed_attempts = 0, lost = 0,
                duplicated = 0, dropped = 0, held = 0;
};

class NotificationDelivery {
 public:
    NotificationDelivery(boost::asio::any_io_executor executor, Time& time, Poster& poster,
                         Random& random);
    ~NotificationDelivery();

    DeliverySettings settings;
    DeliveryFaults faults;

    /// The handshake with a URL that a subscription names.
    boost::asio::awaitable<Verdict> validate(std::string url);
    void enqueue(const std::string& url, json::object item);
    /// Lifecycle notifications pass by the faults and the queue's pauses.
    void enqueue_lifecycle(const std::string& url, json::object item);
    void release_held();
    void drop_held();
    DeliveryCounts counts() const;
    void shut_down();

 private:
    struct Queue;

    Queue& queue_of(const std::string& url);
    void push(Queue& queue, json::object item);
    boost::asio::awaitable<void> push_later(std::shared_ptr<Queue> queue, json::object item);
    void wake(const std::shared_ptr<Queue>& queue);
    json::array take_batch(Queue& queue);
    boost::asio::awaitable<void> send_batches(std::shared_ptr<Queue> queue);
    boost::asio::awaitable<void> send_until_accepted(std::shared_ptr<Queue> queue,
                                                     json::array batch);
    boost::asio::awaitable<void> send_in_background(std::shared_ptr<Queue> queue,
                                                    json::array batch);

    boost::asio::any_io_executor executor_;
    Time& time_;
    Poster& poster_;
    Random& random_;
    std::map<std::string, std::shared_ptr<Queue>> queues_;
    std::vector<std::pair<std::string, json::object>> held_;
    DeliveryCounts counts_;
    bool shut_down_ = false;
};

}  // namespace emulator
