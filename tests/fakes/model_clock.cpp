#include "fakes/model_clock.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace writeback::fakes {

namespace {

class Continuation {
 public:
    virtual ~Continuation() = default;
    virtual void complete(bool rung) = 0;
};

template <class Handler>
class HandlerContinuation final : public Continuation {
 public:
    explicit HandlerContinuation(Handler handler) : handler_(std::move(handler)) {}
    void complete(bool rung) override {
        auto executor = boost::asio::get_associated_executor(handler_);
        boost::asio::post(executor, [handler = std::move(handler_), rung]() mutable {
            std::move(handler)(rung);
        });
    }

 private:
    Handler handler_;
};

}  // namespace

struct ModelClock::State {
    using Key = std::pair<Duration, std::uint64_t>;

    Instant start{};
    Duration elapsed{};
    Duration jumped{};
    std::uint64_t begun = 0;
    std::map<Key, std::unique_ptr<Continuation>> waiting;

    void end(const Key& key, bool rung) {
        auto node = waiting.extract(key);
        if (!node.empty()) node.mapped()->complete(rung);
    }

    Async<bool> wait(Duration limit, std::optional<Key>* place) {
        const Key key{elapsed + std::max(limit, Duration::zero()), begun++};
        if (place != nullptr) *place = key;
        auto initiate = [this, key](auto handler) {
            using Handler = decltype(handler);
            waiting.emplace(key,
                            std::make_unique<HandlerContinuation<Handler>>(std::move(handler)));
        };
        const bool rung =
            co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(bool)>(
                initiate, boost::asio::use_awaitable);
        if (place != nullptr) place->reset();
        co_return rung;
    }
};

namespace {

class ModelAlarm final : public Alarm {
 public:
    explicit ModelAlarm(std::shared_ptr<ModelClock::State> state) : state_(std::move(state)) {}

    Async<bool> wait_for(Duration limit) override {
        if (std::exchange(rung_, false)) co_return true;
        co_return co_await state_->wait(limit, &place_);
    }

    void ring() override {
        if (!place_) {
            rung_ = true;
            return;
        }
        state_->end(*std::exchange(place_, std::nullopt), true);
    }

 private:
    std::shared_ptr<ModelClock::State> state_;
    std::optional<ModelClock::State::Key> place_;
    bool rung_ = false;
};

}  // namespace

ModelClock::ModelClock(Instant start) : state_(std::make_shared<State>()) {
    state_->start = start;
}

ModelClock::~ModelClock() {
    drop_waiters();
}

Instant ModelClock::now() const {
    return state_->start + state_->elapsed + state_->jumped;
}

Duration ModelClock::monotonic() const {
    return state_->elapsed;
}

std::unique_ptr<Alarm> ModelClock::alarm() {
    return std::make_unique<ModelAlarm>(state_);
}

Async<void> ModelClock::sleep(Duration duration) {
    co_await state_->wait(duration, nullptr);
}

bool ModelClock::step() {
    if (state_->waiting.empty()) return false;
    const auto key = state_->waiting.begin()->first;
    state_->elapsed = std::max(state_->elapsed, key.first);
    state_->end(key, false);
    return true;
}

std::optional<Duration> ModelClock::next() const {
    if (state_->waiting.empty()) return std::nullopt;
    return state_->waiting.begin()->first.first;
}

void ModelClock::advance_to(Duration elapsed) {
    state_->elapsed = std::max(state_->elapsed, elapsed);
}

std::size_t ModelClock::waiting() const {
    return state_->waiting.size();
}

void ModelClock::jump(Duration by) {
    state_->jumped += by;
}

void ModelClock::drop_waiters() {
    const auto dropped = std::exchange(state_->waiting, {});
}

ModelThread::ModelThread(ModelClock& clock)
    : clock_(clock), work_(boost::asio::make_work_guard(context_)) {}

ModelThread::~ModelThread() {
    clock_.drop_waiters();
}

void ModelThread::start(Async<void> task) {
    boost::asio::co_spawn(context_, std::move(task), [this](std::exception_ptr thrown) {
        if (thrown && !thrown_) thrown_ = thrown;
    });
}

void ModelThread::poll() {
    context_.poll();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

bool ModelThread::run_until(const std::function<bool()>& done, Duration limit) {
    const auto end = clock_.monotonic() + limit;
    while (true) {
        poll();
        if (done()) return true;
        const auto next = clock_.next();
        if (!next || *next > end) return false;
        clock_.step();
    }
}

void ModelThread::run_for(Duration time) {
    // The wait itself is one of the waits, so that time ends where it was asked to.
    bool passed = false;
    start([](ModelClock& clock, Duration wait, bool& over) -> Async<void> {
        co_await clock.sleep(wait);
        over = true;
    }(clock_, time, passed));
    run_until([&] { return passed; }, time + Duration(1));
}

}  // namespace writeback::fakes
