#include "settings.hpp"

#include <CLI/CLI.hpp>

#include <charconv>

namespace emulator {
namespace {

constexpr const char* description =
    "Microsoft Graph for groups on loopback: tokens, groups, users, members, delta query,\n"
    "subscriptions with validation and delivery, and faults on demand under /emulator.";

std::string check_host_and_port(const std::string& text) {
    return parse_host_and_port(text) ? std::string() : "expected HOST:PORT, such as 127.0.0.1:8401";
}

}  // namespace

std::optional<std::pair<std::string, std::uint16_t>> parse_host_and_port(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end) return std::nullopt;
    std::string host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return std::pair{host, port};
}

std::variant<Settings, int> parse_command_line(int argc, const char* const* argv) {
    Settings settings;
    std::string listen = "127.0.0.1:8401";
    CLI::App app{description, "graph-emulator"};
    app.set_version_flag("--version", "graph-emulator " GRAPH_EMULATOR_VERSION);
    app.add_option("--listen", listen, "Address and port; loopback only; port 0 picks a free one")
        ->check(CLI::Validator(check_host_and_port, "HOST:PORT"))
        ->capture_default_str();
    auto* file = app.add_option("--tenant", settings.tenant_file,
                                "JSON file with users, devices and groups to begin with");
    app.add_option("--generate", settings.generate,
                   "A made-up tenant: groups=500,users=2000,members=25000[,seed=1][,cloud_only=5%]"
                   "[,nested=5%][,microsoft365=20%][,domain_sid=S-1-5-21-...][,first_rid=1103]")
        ->excludes(file);
    app.add_option("--tenant-id", settings.tenant_id, "The tenant's id")->capture_default_str();
    app.add_option("--client-id", settings.client_id, "The application's id")
        ->capture_default_str();
    app.add_option("--client-secret", settings.client_secret,
                   "The application's secret (it guards nothing but made-up data)")
        ->capture_default_str();
    app.add_option("--client-certificate", settings.client_certificate_file,
                   "PEM certificate that client assertions are checked with")
        ->check(CLI::ExistingFile);
    app.add_option("--delivery-ca", settings.delivery_authorities_file,
                   "PEM file of authorities that https:// webhooks are checked with")
        ->check(CLI::ExistingFile);
    app.add_option("--delivery-connect", settings.delivery_connect,
                   "Connect here for every webhook whose host is a name, not an address")
        ->check(CLI::Validator(check_host_and_port, "HOST:PORT"));
    app.add_option("--page-size", settings.page_size,
                   "Objects on a page of a list or of a delta round")
        ->check(CLI::Range(1, 999))
        ->capture_default_str();
    app.add_option("--scenario", settings.scenario_file, "JSON file of faults and changes to play")
        ->check(CLI::ExistingFile);
    app.add_option("--arc-keys", settings.arc_key_folder,
                   "Be an Azure Arc agent, too, whose challenges are files in this folder")
        ->check(CLI::ExistingDirectory);
    app.add_option("--seed", settings.seed, "Seed of all ids and all chance")
        ->capture_default_str();
    app.add_flag("--verbose", settings.verbose, "One JSON line for each request on stderr");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto address = parse_host_and_port(listen);
    settings.listen_host = address->first;
    settings.listen_port = address->second;
    return settings;
}

}  // namespace emulator
