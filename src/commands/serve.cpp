// `serve`: the daemon in the foreground, as a service manager or a container wants it.
#include "commands/commands.hpp"
#include "daemon/daemon.hpp"

namespace writeback {

int run_serve(const Config& config) {
    auto daemon = Daemon::build(config);
    if (!daemon) return complain(daemon.error());
    (*daemon)->run();
    return exit_done;
}

}  // namespace writeback
