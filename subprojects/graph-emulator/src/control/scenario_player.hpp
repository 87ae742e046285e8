// Plays one scenario at a time: timed steps in the order of their times, one after another, and
// triggered ones before the request that triggers them is answered.
//
// Failures: a step that is answered 400 or more, or lacks what it is to remember, is noted in
// describe(), and the scenario goes on. Limits: 100 noted failures. Ownership: time and whoever
// answers outlive the player. Threads: one. Cancellation: stop() and start() end what is played; a
// request under way is answered first.
#pragma once

#include "../http/message.hpp"
#include "scenario.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace emulator {

class ScenarioPlayer {
 public:
    using Ask = std::function<boost::asio::awaitable<Response>(Request)>;

    ScenarioPlayer(boost::asio::any_io_executor executor, Time& time, Ask ask);
    ~ScenarioPlayer();

    void start(Scenario scenario);
    void stop();
    /// To be awaited before a request of this operation is answered.
    boost::asio::awaitable<void> before(std::string operation);
    /// {"description", "running", "waiting", "done", "failures": […]}; `running` says whether timed
    /// steps are outstanding, `waiting` how many triggered ones.
    json::object describe() const;

 private:
    struct Play;

    boost::asio::awaitable<void> play(std::shared_ptr<Play> play);
    boost::asio::awaitable<void> perform(std::shared_ptr<Play> play, std::size_t step,
                                         std::size_t occurrence);

    boost::asio::any_io_executor executor_;
    Time& time_;
    Ask ask_;
    std::shared_ptr<Play> play_;
};

}  // namespace emulator
