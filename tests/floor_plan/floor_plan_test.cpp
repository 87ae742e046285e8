// The floor plan of src/ARCHITECTURE.md, held against the includes as they stand: an arrow only
// points down.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

const fs::path source_root = WRITEBACK_SOURCE_ROOT;

struct Include {
    fs::path file;  // relative to the source root
    int line = 0;
    std::string name;  // what stands between the quotes or brackets
};

bool is_cpp(const fs::path& path) {
    return path.extension() == ".cpp" || path.extension() == ".hpp";
}

std::vector<fs::path> cpp_files(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(source_root / folder)) {
        if (entry.is_regular_file() && is_cpp(entry.path())) {
            files.push_back(fs::relative(entry.path(), source_root));
        }
    }
    return files;
}

std::vector<Include> includes_of(const fs::path& file) {
    std::ifstream stream(source_root / file);
    std::vector<Include> includes;
    std::string text;
    for (int line = 1; std::getline(stream, text); ++line) {
        const auto hash = text.find_first_not_of(" \t");
        if (hash == std::string::npos || text.compare(hash, 8, "#include") != 0) continue;
        const auto open = text.find_first_of("<\"");
        const auto close = text.find_first_of(">\"", open + 1);
        if (open == std::string::npos || close == std::string::npos) continue;
        includes.push_back({file, line, text.substr(open + 1, close - open - 1)});
    }
    return includes;
}

// The room of a file below src, or of an include written as "room/file.hpp".
std::string room_of(const std::string& path) {
    return path.substr(0, path.find('/'));
}

std::string place(const Include& include) {
    return include.file.string() + ":" + std::to_string(include.line) + " includes " + include.name;
}

bool begins_with(const std::string& text, const std::string& beginning) {
    return text.compare(0, beginning.size(), beginning) == 0;
}

const std::set<std::string> adapters = {"intake", "graph", "directory", "store", "admin"};

// Which rooms a room may include, besides itself and the shared language in include/writeback.
std::map<std::string, std::set<std::string>> allowed_rooms() {
    std::map<std::string, std::set<std::string>> allowed;
    allowed["core"] = {};
    allowed["platform"] = {};
    allowed["sync"] = {"core"};
    for (const auto& adapter : adapters)
        allowed[adapter] = {"platform"};
    std::set<std::string> below = {"core", "sync", "platform"};
    below.insert(adapters.begin(), adapters.end());
    allowed["daemon"] = below;
    below.insert("daemon");
    allowed["commands"] = below;
    return allowed;
}

}  // namespace

TEST_CASE("every room of src is in the floor plan, and an include only points down") {
    const auto allowed = allowed_rooms();
    for (const auto& file : cpp_files("src")) {
        const std::string inside = fs::relative(file, "src").string();
        if (inside == "main.cpp") continue;
        const std::string room = room_of(inside);
        REQUIRE_MESSAGE(allowed.contains(room), file.string()
                                                    << " is in a room that the plan does not know");
        for (const auto& include : includes_of(file)) {
            const std::string target = room_of(include.name);
            if (target == room || !allowed.contains(target)) continue;
            CHECK_MESSAGE(allowed.at(room).contains(target), place(include));
        }
    }
}

TEST_CASE(
    "the shared language includes nothing but itself, the standard library, and Asio's coroutine "
    "type") {
    for (const auto& file : cpp_files("include")) {
        for (const auto& include : includes_of(file)) {
            const bool shared = begins_with(include.name, "writeback/");
            const bool standard = include.name.find('/') == std::string::npos;
            const bool permitted = include.name == "boost/asio/awaitable.hpp" ||
                                   include.name == "boost/system/result.hpp";
            CHECK_MESSAGE((shared || standard || permitted), place(include));
        }
    }
}

TEST_CASE("core knows neither Asio nor JSON nor LDAP nor SQLite nor OpenSSL") {
    for (const auto& file : cpp_files("src/core")) {
        for (const auto& include : includes_of(file)) {
            const bool foreign = include.name.find('/') != std::string::npos &&
                                 !begins_with(include.name, "writeback/") &&
                                 !begins_with(include.name, "core/");
            CHECK_MESSAGE(!foreign, place(include));
            CHECK_MESSAGE(include.name != "ldap.h", place(include));
            CHECK_MESSAGE(include.name != "sqlite3.h", place(include));
        }
    }
}

TEST_CASE("only the LDAP connection knows libldap, only the store knows SQLite") {
    const std::set<std::string> ldap_headers = {"ldap.h", "lber.h", "openldap.h"};
    for (const auto& file : cpp_files("src")) {
        const std::string name = file.string();
        for (const auto& include : includes_of(file)) {
            if (ldap_headers.contains(include.name)) {
                CHECK_MESSAGE(begins_with(name, "src/directory/ldap_connection"), place(include));
            }
            if (include.name == "sqlite3.h")
                CHECK_MESSAGE(begins_with(name, "src/store/"), place(include));
        }
    }
}

TEST_CASE("the costly stream templates stay in the byte stream's files") {
    const std::set<std::string> costly = {
        "boost/asio/ssl/stream.hpp", "boost/beast/core/tcp_stream.hpp",
        "boost/asio/ssl.hpp",        "boost/asio.hpp",
        "boost/beast.hpp",           "boost/beast/ssl.hpp"};
    for (const auto& file : cpp_files("src")) {
        for (const auto& include : includes_of(file)) {
            if (!costly.contains(include.name)) continue;
            CHECK_MESSAGE(begins_with(file.string(), "src/platform/byte_stream"), place(include));
        }
    }
}

TEST_CASE(
    "the program's lines keep to 100 columns, so that two files stand side by side on a screen") {
    for (const std::string folder : {"src", "include"}) {
        for (const auto& file : cpp_files(folder)) {
            std::ifstream stream(source_root / file);
            std::string text;
            for (int line = 1; std::getline(stream, text); ++line) {
                std::size_t columns = 0;
                for (const char c : text)
                    columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                CHECK_MESSAGE(columns <= 100, file.string() << ":" << line << " has " << columns);
            }
        }
    }
}
