#include "live/ldap_tool.hpp"

#include "live/laboratory.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace writeback::testing {

namespace {

std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

ToolAnswer run(ToolAccount account, const std::string& tool, const std::string& arguments) {
    const bool service = account == ToolAccount::service;
    const auto name = setting(service ? "SAMBA_BIND_DN" : "SAMBA_ADMIN_DN");
    const auto password = setting(service ? "SAMBA_PASSWORD_FILE" : "SAMBA_ADMIN_PASSWORD_FILE");
    const auto line = "LDAPTLS_CACERT=" + quoted(setting("SAMBA_CA_FILE")) + " timeout 60 " + tool +
                      " -x -H " + quoted(setting("SAMBA_URL")) + " -D " + quoted(name) + " -y " +
                      quoted(password) + " " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(line.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("no shell: " + line);
    ToolAnswer answer;
    char piece[4096];
    while (const auto count = std::fread(piece, 1, sizeof piece, pipe))
        answer.output.append(piece, count);
    const int status = ::pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 122) {
        throw std::runtime_error(tool + " did not run: " + answer.output);
    }
    answer.code = WEXITSTATUS(status);
    return answer;
}

}  // namespace

ToolAnswer ldap_modify(ToolAccount account, const std::string& ldif, const std::string& controls) {
    const auto file =
        std::filesystem::temp_directory_path() / ("live-ldif." + std::to_string(::getpid()));
    std::ofstream(file) << ldif << "\n";
    auto answer = run(account, "ldapmodify", controls + " -f " + quoted(file.string()));
    std::filesystem::remove(file);
    return answer;
}

ToolAnswer ldap_search(ToolAccount account, const std::string& arguments) {
    return run(account, "ldapsearch -LLL -o ldif-wrap=no", arguments);
}

}  // namespace writeback::testing
