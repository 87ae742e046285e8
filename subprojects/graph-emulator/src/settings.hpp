// What the command line decides.
//
// Failures: parse_command_line prints what is wrong and yields the exit code 2, or 0 after --help
// and --version. Threads: immutable once parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace emulator {

struct Settings {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 8401;
    std::string tenant_file;
    std::string generate;  ///< "groups=500,users=2000,…"
    std::string tenant_id = "11111111-2222-3333-4444-555555555555";
    std::string client_id = "66666666-7777-8888-9999-000000000000";
    std::string client_secret = "emulator-secret";
    std::string client_certificate_file;
    std::string delivery_authorities_file;
    std::string delivery_connect;  ///< HOST:PORT
    std::size_t page_size = 100;
    std::size_t longest_list = 999;  ///< objects on a page of a list, whatever $top asks for
    std::string scenario_file;
    std::string arc_key_folder;  ///< empty: no Azure Arc agent is emulated
    std::uint64_t seed = 1;
    bool verbose = false;
};

/// The settings, or the exit code.
std::variant<Settings, int> parse_command_line(int argc, const char* const* argv);

/// Splits "127.0.0.1:8401"; nothing where there is no valid port.
std::optional<std::pair<std::string, std::uint16_t>> parse_host_and_port(const std::string& text);

}  // namespace emulator
