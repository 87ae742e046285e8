#include "scenario_player.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace emulator {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_failures = 100;

/// Blanks and quotation marks may stand in a scenario's paths as people write them.
std::string as_target(std::string text) {
    for (auto blank = text.find(' '); blank != std::string::npos; blank = text.find(' ', blank))
        text.replace(blank, 1, "%20");
    return text;
}

}  // namespace

struct ScenarioPlayer::Play {
    struct Due {
        Duration at;
        std::size_t step;
        std::size_t occurrence;
    };

    Scenario scenario;
    std::vector<Due> due;  ///< timed steps, in order
    std::vector<std::size_t> fired;
    std::map<std::string, std::size_t> asked;
    ScenarioNames names;
    json::array failures;
    std::size_t done = 0;
    bool running = true;
    bool ended = false;

    explicit Play(Scenario what) : scenario(std::move(what)), fired(scenario.steps.size()) {
        for (std::size_t step = 0; step < scenario.steps.size(); ++step) {
            const auto& one = scenario.steps[step];
            for (std::size_t n = 1; one.on.empty() && n <= one.times; ++n) {
                const auto count = static_cast<double>((one.at + one.every * (n - 1)).count());
                due.push_back(
                    {Duration(static_cast<std::int64_t>(count / scenario.speed)), step, n});
            }
        }
        std::stable_sort(due.begin(), due.end(),
                         [](const Due& left, const Due& right) { return left.at < right.at; });
    }

    void fail(std::size_t step, const std::string& request, std::string why) {
        if (failures.size() >= most_failures) return;
        failures.push_back(
            json::object{{"step", step + 1}, {"request", request}, {"why", std::move(why)}});
    }

    void remember(std::size_t step, const Response& response) {
        const auto answer = parse_json(response.body);
        for (const auto& [name, pointer] : scenario.steps[step].remember) {
            boost::system::error_code error;
            const auto* found = answer ? answer->find_pointer(pointer, error) : nullptr;
            if (found == nullptr || !found->is_string()) {
                fail(step, scenario.steps[step].target, "there is no text at " + pointer);
                continue;
            }
            names[name] = std::string(found->get_string());
        }
    }
};

ScenarioPlayer::ScenarioPlayer(asio::any_io_executor executor, Time& time, Ask ask)
    : executor_(std::move(executor)), time_(time), ask_(std::move(ask)) {}

ScenarioPlayer::~ScenarioPlayer() {
    stop();
}

void ScenarioPlayer::start(Scenario scenario) {
    stop();
    play_ = std::make_shared<Play>(std::move(scenario));
    asio::co_spawn(executor_, play(play_), asio::detached);
}

void ScenarioPlayer::stop() {
    if (play_) play_->ended = true;
    play_.reset();
}

asio::awaitable<void> ScenarioPlayer::play(std::shared_ptr<Play> play) {
    const auto begun = time_.steady();
    for (const auto& due : play->due) {
        const Duration pause = begun + due.at - time_.steady();
        if (!play->ended && pause.count() > 0) co_await time_.pause(pause);
        if (play->ended) co_return;
        co_await perform(play, due.step, due.occurrence);
    }
    play->running = false;
}

asio::awaitable<void> ScenarioPlayer::before(std::string operation) {
    const auto play = play_;
    if (!play) co_return;
    ++play->asked[operation];
    if (operation != "any") ++play->asked["any"];
    for (std::size_t step = 0; step < play->scenario.steps.size(); ++step) {
        const auto& one = play->scenario.steps[step];
        if (one.on.empty() || (one.on != operation && one.on != "any")) continue;
        if (play->asked[one.on] % one.nth != 0 || play->fired[step] >= one.times) continue;
        ++play->fired[step];
        co_await perform(play, step, play->fired[step]);
    }
}

asio::awaitable<void> ScenarioPlayer::perform(std::shared_ptr<Play> play, std::size_t step,
                                              std::size_t occurrence) {
    const auto& one = play->scenario.steps[step];
    play->names["n"] = std::to_string(occurrence);
    Request request;
    request.method = one.method;
    request.target = as_target(with_names(one.target, play->names));
    request.trusted = true;
    if (!one.body.is_null()) request.body = json::serialize(with_names(one.body, play->names));
    const std::string told = request.method + ' ' + request.target;
    const Response response = co_await ask_(std::move(request));
    ++play->done;
    if (response.status >= 400) {
        play->fail(step, told, std::to_string(response.status) + ' ' + response.body);
    } else {
        play->remember(step, response);
    }
}

json::object ScenarioPlayer::describe() const {
    if (!play_)
        return {{"description", nullptr},
                {"running", false},
                {"waiting", 0},
                {"done", 0},
                {"failures", json::array()}};
    std::size_t waiting = 0;
    for (std::size_t step = 0; step < play_->scenario.steps.size(); ++step) {
        const auto& one = play_->scenario.steps[step];
        if (!one.on.empty() && play_->fired[step] < one.times) ++waiting;
    }
    return {{"description", play_->scenario.description},
            {"running", play_->running},
            {"waiting", waiting},
            {"done", play_->done},
            {"failures", play_->failures}};
}

}  // namespace emulator
