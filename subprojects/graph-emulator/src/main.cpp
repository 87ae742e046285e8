// Entry point: arguments, signals, one io_context.
#include "emulator.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    const auto parsed = emulator::parse_command_line(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    try {
        boost::asio::io_context context(1);
        boost::asio::signal_set signals(context, SIGTERM, SIGINT);
        emulator::Emulator emulator(context, std::get<emulator::Settings>(parsed));
        signals.async_wait([&](auto, int) {
            emulator.stop();
            context.stop();
        });
        emulator.start();
        std::printf("graph-emulator: listening on %s\n", emulator.base_url().c_str());
        std::fflush(stdout);
        context.run();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "graph-emulator: %s\n", error.what());
        return 1;
    }
}
