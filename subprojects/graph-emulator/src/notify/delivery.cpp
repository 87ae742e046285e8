#include "delivery.hpp"

#include "../base/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace emulator {

namespace asio = boost::asio;

namespace {

Refusal validation_failed(std::string_view detail) {
    return {400, "ValidationError",
            "Subscription validation request failed." + std::string(detail) +
                " Notification endpoint must respond with 200 OK to validation request."};
}

/// Graph names statuses as .NET does: 'NotFound', 'InternalServerError'.
std::string dotnet_status(int status) {
    std::string name;
    for (const char c : reason_phrase(status)) {
        if (c != ' ') name += c;
    }
    return name == "Status" ? std::to_string(status) : name;
}

/// One in `probability` per call, after the counted ones are used up.
bool strikes(std::size_t& next, double probability, Random& random) {
    if (next > 0) {
        --next;
        return true;
    }
    return probability > 0 && random.chance(probability);
}

}  // namespace

struct NotificationDelivery::Queue {
    std::string url;
    WebAddress address;
    std::deque<json::object> items;
    bool sender_runs = false;
    std::size_t running_posts = 0;
    EndpointHealth health;
};

NotificationDelivery::NotificationDelivery(asio::any_io_executor executor, Time& time,
                                           Poster& poster, Random& random)
    : executor_(std::move(executor)), time_(time), poster_(poster), random_(random) {}

NotificationDelivery::~NotificationDelivery() = default;

asio::awaitable<Verdict> NotificationDelivery::validate(std::string url) {
    auto address = parse_web_address(url);
    if (!address) co_return Refusal{400, "InvalidRequest", "The URL can't be read: " + url};
    // Blanks, signs and a percent sign: who returns the token undecoded, or decodes it wrongly,
    // fails.
    const std::string token =
        "Validation: Testing client application reachability for subscription "
        "Request-Id: " +
        random_.guid() + " +%/&=";
    address->target += address->target.find('?') == std::string::npos ? '?' : '&';
    address->target += "validationToken=" + percent_encoded(token);
    const PostOutcome outcome =
        co_await poster_.post(std::move(*address), "text/plain; charset=utf-8", std::string(),
                              settings.validation_deadline);
    if (outcome.kind == PostOutcome::Kind::timed_out) {
        co_return Refusal{400, "InvalidRequest", "Subscription validation request timed out."};
    }
    if (outcome.kind != PostOutcome::Kind::answered) co_return validation_failed("");
    if (outcome.status != 200) {
        co_return validation_failed(" HTTP status code is '" + dotnet_status(outcome.status) +
                                    "'.");
    }
    const auto type = header_of(outcome.headers, "Content-Type");
    if (outcome.body != token || !type || !lower_case(*type).starts_with("text/plain")) {
        co_return validation_failed("");
    }
    co_return std::nullopt;
}

void NotificationDelivery::enqueue(const std::string& url, json::object item) {
    ++counts_.queued;
    if (strikes(faults.lose_next, faults.lose_probability, random_)) {
        ++counts_.lost;
        return;
    }
    auto& queue = queue_of(url);
    const auto state = queue.health.state(time_.steady(), settings.health);
    if (state == EndpointState::dropping) {
        ++counts_.dropped;
        return;
    }
    if (state == EndpointState::slow) {
        asio::co_spawn(executor_, push_later(queues_.at(url), std::move(item)), asio::detached);
        return;
    }
    const bool twice = strikes(faults.duplicate_next, faults.duplicate_probability, random_);
    if (twice) ++counts_.duplicated;
    for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
        if (faults.hold) {
            held_.emplace_back(url, item);
        } else {
            push(queue, item);
        }
    }
}

asio::awaitable<void> NotificationDelivery::push_later(std::shared_ptr<Queue> queue,
                                                       json::object item) {
    co_await time_.pause(settings.health.slow_delay);
    push(*queue, std::move(item));
}

void NotificationDelivery::enqueue_lifecycle(const std::string& url, json::object item) {
    push(queue_of(url), std::move(item));
}

void NotificationDelivery::release_held() {
    faults.hold = false;
    if (faults.reorder) {
        for (std::size_t i = held_.size(); i > 1; --i) {
            std::swap(held_[i - 1], held_[random_.below(i)]);
        }
    }
    for (auto& [url, item] : held_)
        push(queue_of(url), std::move(item));
    held_.clear();
}

void NotificationDelivery::drop_held() {
    counts_.lost += held_.size();
    held_.clear();
}

DeliveryCounts NotificationDelivery::counts() const {
    auto counts = counts_;
    counts.held = held_.size();
    return counts;
}

void NotificationDelivery::shut_down() {
    shut_down_ = true;
    for (auto& [url, queue] : queues_)
        queue->items.clear();
    held_.clear();
}

NotificationDelivery::Queue& NotificationDelivery::queue_of(const std::string& url) {
    auto& queue = queues_[url];
    if (!queue) {
        queue = std::make_shared<Queue>();
        queue->url = url;
        queue->address = parse_web_address(url).value_or(WebAddress{});
    }
    return *queue;
}

void NotificationDelivery::push(Queue& queue, json::object item) {
    if (shut_down_ || queue.items.size() >= settings.longest_queue) {
        ++counts_.dropped;
        return;
    }
    queue.items.push_back(std::move(item));
    wake(queues_.at(queue.url));
}

void NotificationDelivery::wake(const std::shared_ptr<Queue>& queue) {
    if (queue->sender_runs || queue->items.empty()) return;
    if (queue->running_posts >= settings.concurrent_posts) return;
    queue->sender_runs = true;
    asio::co_spawn(executor_, send_batches(queue), asio::detached);
}

json::array NotificationDelivery::take_batch(Queue& queue) {
    if (faults.reorder) {
        for (std::size_t i = queue.items.size(); i > 1; --i) {
            std::swap(queue.items[i - 1], queue.items[random_.below(i)]);
        }
    }
    json::array batch;
    while (!queue.items.empty() && batch.size() < std::max<std::size_t>(1, settings.batch_size)) {
        batch.push_back(std::move(queue.items.front()));
        queue.items.pop_front();
    }
    if (faults.other_tenant && faults.as_other_tenant && !batch.empty()) {
        batch.push_back(faults.as_other_tenant(batch.front().get_object()));
    }
    return batch;
}

/// Takes batches from the queue until it is empty or enough POSTs are under way.
asio::awaitable<void> NotificationDelivery::send_batches(std::shared_ptr<Queue> queue) {
    co_await time_.pause(settings.delay + settings.batch_window);
    while (!queue->items.empty() && queue->running_posts < settings.concurrent_posts) {
        auto batch = take_batch(*queue);
        ++queue->running_posts;
        asio::co_spawn(executor_, send_in_background(queue, std::move(batch)), asio::detached);
    }
    queue->sender_runs = false;
}

asio::awaitable<void> NotificationDelivery::send_in_background(std::shared_ptr<Queue> queue,
                                                               json::array batch) {
    co_await send_until_accepted(queue, std::move(batch));
    --queue->running_posts;
    wake(queue);
}

asio::awaitable<void> NotificationDelivery::send_until_accepted(std::shared_ptr<Queue> queue,
                                                                json::array batch) {
    const auto begun = time_.steady();
    const std::size_t count = batch.size();
    const std::string body = json::serialize(json::object{{"value", std::move(batch)}});
    auto deadline = settings.first_deadline;
    auto pause = settings.first_pause;
    while (!shut_down_) {
        ++counts_.posts;
        const auto sent = time_.steady();
        const PostOutcome outcome = co_await poster_.post(
            queue->address, "application/json; charset=utf-8", body, deadline);
        const auto answered = time_.steady();
        queue->health.record(answered,
                             std::chrono::duration_cast<std::chrono::milliseconds>(answered - sent),
                             settings.health);
        if (outcome.accepted()) {
            counts_.items_accepted += count;
            co_return;
        }
        ++counts_.failed_attempts;
        if (time_.steady() - begun + pause > settings.give_up_after) break;
        // What waits to be sent again must not keep newer notifications from their first attempt.
        --queue->running_posts;
        wake(queue);
        co_await time_.pause(pause);
        ++queue->running_posts;
        pause = std::min(pause * 2, settings.longest_pause);
        deadline = settings.retry_deadline;
    }
    counts_.dropped += count;
}

}  // namespace emulator
