#include "commands/peers.hpp"

#include "core/selection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <unistd.h>

namespace writeback {
namespace {

// What check_rules has judged; a configuration that it refuses is asked for the least.
GroupSelection selection_of(const Config& config) {
    auto selection = group_selection(config);
    return selection ? std::move(*selection) : GroupSelection{};
}

GraphConfig impatient(GraphConfig graph) {
    graph.max_attempts = 2;
    graph.throttle_limit = 10s;
    return graph;
}

Async<void> to_its_end(Async<void> work, Graph& graph, ActiveDirectory& directory) {
    co_await std::move(work);
    graph.stop();
    co_await directory.stop();
}

}  // namespace

Peers::Peers(const Config& config)
    : clock_(context_.get_executor()),
      log_(STDERR_FILENO, LogLevel::error, clock_),
      metrics_(WRITEBACK_VERSION),
      graph_(impatient(config.graph), clock_, random_, log_, metrics_, selection_of(config)),
      directory_(context_.get_executor(), config.directory, clock_, log_, metrics_) {}

void Peers::run(Async<void> work) {
    boost::asio::signal_set signals(context_, SIGINT, SIGTERM);
    signals.async_wait([this](boost::system::error_code error, int) {
        if (error) return;
        graph_.stop();
        boost::asio::co_spawn(context_, directory_.stop(), boost::asio::detached);
    });
    std::exception_ptr failed;
    boost::asio::co_spawn(context_, to_its_end(std::move(work), graph_, directory_),
                          [&](std::exception_ptr error) {
                              failed = error;
                              signals.cancel();
                              context_.stop();
                          });
    context_.run();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace writeback
