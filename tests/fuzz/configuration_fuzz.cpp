// The configuration file, and the small texts in it.
//
// The input is the file. Properties: there is a configuration or there are errors; every error is
// one line and names a line of the file, in order; what was read is within the limits that the
// settings have; the file read again gives the same; durations and sizes survive being written; a
// secret that stands where a path belongs is in no message.
#include "platform/config_file.hpp"
#include "platform/setting_text.hpp"
#include "property.hpp"

#include <writeback/ids.hpp>

#include <algorithm>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

const std::string secret = "S3cr3t-not-to-be-told";

void check_errors(const ConfigRead& read, std::string_view text) {
    const auto lines = std::count(text.begin(), text.end(), '\n') + 2;
    int before = 0;
    for (const auto& error : read.errors) {
        require(is_one_line(error.message) && !error.message.empty(), "an error is one line",
                error.message);
        require(error.line >= 0 && error.line <= lines, "an error names a line of the file",
                to_text(error));
        require(error.line >= before, "errors come in the order of their lines", to_text(error));
        require(error.message.find(secret) == std::string::npos, "no message tells a secret",
                error.message);
        before = error.line;
    }
}

void check_limits(const Config& config) {
    require(canonical_guid(config.graph.tenant_id).has_value(), "a tenant's id is a GUID");
    require(config.graph.poll_interval >= 1s && config.graph.poll_interval <= 24h,
            "the poll interval is within its limits");
    require(config.graph.max_connections > 0 && config.graph.max_response > 0,
            "no limit of the Graph client is zero");
    require(!config.directory.servers.empty() && config.directory.window > 0 &&
                config.directory.page_size > 0 && config.directory.range_size > 0 &&
                config.directory.values_per_modify > 0,
            "no limit of the directory is zero");
    for (const auto* limit : {&config.guard.max_group_deletions, &config.guard.max_member_removals,
                              &config.guard.max_inferred_removals}) {
        require(limit->value >= 0 && (!limit->percent || limit->value <= 100),
                "a limit of the guard is a number or a share");
    }
    if (!config.webhook) return;
    require(config.webhook->max_connections > 0 && config.webhook->max_head > 0 &&
                config.webhook->max_body > 0 && config.webhook->max_items > 0 &&
                config.webhook->max_nesting > 0 && config.webhook->inbox_queue > 0,
            "no limit of the webhook is zero");
    require(config.webhook->head_timeout > 0s && config.webhook->body_timeout > 0s,
            "every wait of the webhook has an end");
}

std::string print(const ConfigRead& read) {
    std::string text = read.config ? "read" : "refused";
    for (const auto& error : read.errors)
        text += "\n" + to_text(error);
    for (const auto& [setting, line] : read.lines)
        text += "\n" + setting + "=" + std::to_string(line);
    return text;
}

void check_line(std::string_view line) {
    if (const auto duration = read_duration(line)) {
        const auto again = read_duration(duration_text(*duration));
        require(again && *again == *duration, "a duration can be written", line);
    }
    if (const auto size = read_size(line)) {
        const auto again = read_size(size_text(*size));
        require(again && *again == *size, "a size can be written", line);
    }
    if (const auto limit = read_percentage(line)) {
        require(limit->percent && limit->value >= 0 && limit->value <= 100, "a share is a share",
                line);
    }
    if (const auto address = read_web_address(line)) {
        const auto again = read_web_address(address->text);
        require(again && again->host == address->host && again->path == address->path &&
                    again->port == address->port,
                "an address can be written", address->text);
    }
    if (const auto address = read_listen_address(line)) {
        require(address->host.empty() != address->path.empty(), "one listens somewhere", line);
    }
    require(is_one_line(in_quotes(line)), "what is quoted is one line", line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of(data, size);
    const auto read = read_config(text, "c.toml");
    require(read.config.has_value() == read.errors.empty(),
            "there is a configuration or there are errors");
    check_errors(read, text);
    if (read.config) check_limits(*read.config);
    require(print(read) == print(read_config(text, "c.toml")), "reading again gives the same");
    for (const auto line : lines_of(text))
        check_line(line);
    return 0;
}
