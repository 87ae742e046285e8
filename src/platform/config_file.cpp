#include "platform/config_file.hpp"

#include "platform/config_sections.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace writeback {

namespace {

constexpr std::size_t largest_file = 1 << 20;  // bytes

// Where everything stands, and whether it is a section at all.
void locate(const toml::table& file, ConfigRead& read) {
    static const std::vector<std::string_view> sections{
        "graph", "webhook", "directory", "groups", "mapping", "guard", "store", "admin", "log"};
    for (const auto& [key, node] : file) {
        const std::string name(key.str());
        const int line = static_cast<int>(key.source().begin.line);
        read.lines[name] = line;
        if (const auto* table = node.as_table()) {
            for (const auto& [inner, value] : *table) {
                read.lines[name + "." + std::string(inner.str())] =
                    static_cast<int>(inner.source().begin.line);
            }
        }
        const bool known = std::find(sections.begin(), sections.end(), name) != sections.end();
        if (known && node.is_table()) continue;
        std::string what;
        if (known) {
            what = name + " must be one section: write [" + name + "] in a line of its own, once";
        } else if (node.is_table()) {
            const auto near = nearest(name, sections);
            what = "unknown section [" + name + "]; " +
                   (near.empty() ? "take it out" : "did you mean [" + std::string(near) + "]?");
        } else {
            what = "unknown key " + name + "; every setting stands in a section, such as [graph]";
        }
        read.errors.push_back(error_of(read, name, what));
    }
}

std::string joined_lines(std::string_view text) {
    std::string result(text);
    std::replace(result.begin(), result.end(), '\n', ' ');
    return result;
}

ConfigRead failed(const std::string& file, const std::string& message) {
    ConfigRead read;
    read.file = file;
    read.errors.push_back({file, 1, message});
    return read;
}

}  // namespace

std::string to_text(const ConfigError& error) {
    return error.file + ":" + std::to_string(error.line) + ": " + error.message;
}

ConfigError error_of(const ConfigRead& read, const std::string& setting, std::string message) {
    auto line = read.lines.find(setting);
    if (line == read.lines.end()) line = read.lines.find(setting.substr(0, setting.find('.')));
    for (char& c : message) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return {read.file, line == read.lines.end() ? 1 : line->second, std::move(message)};
}

ConfigRead read_config(std::string_view text, const std::string& file) {
    ConfigRead read;
    read.file = file;
    const toml::parse_result parsed = toml::parse(text, file);
    if (!parsed) {
        const auto& error = parsed.error();
        read.errors.push_back({file, static_cast<int>(error.source().begin.line),
                               "is no TOML here: " + joined_lines(error.description()) +
                                   "; write settings as key = value, texts in quotes"});
        return read;
    }
    locate(parsed.table(), read);
    Config config;
    config.file = file;
    read_config_sections(parsed.table(), read, config);
    std::stable_sort(read.errors.begin(), read.errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    if (read.errors.empty()) read.config = std::move(config);
    return read;
}

ConfigRead read_config_file(const std::string& path) {
    std::ifstream input(path, std::ios::binary);
    const auto cannot = [&](const std::string& why) {
        return failed(path, "the configuration cannot be read: " + why +
                                "; name the right file with --config");
    };
    if (!input) return cannot(std::strerror(errno));
    std::string text(largest_file + 1, '\0');
    input.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (input.bad() || (input.fail() && !input.eof())) return cannot("it is no readable file");
    text.resize(static_cast<std::size_t>(input.gcount()));
    if (text.size() > largest_file) return cannot("it has more than 1 MiB");
    return read_config(text, path);
}

}  // namespace writeback
