#include "simulation/secret_files.hpp"

#include <cerrno>
#include <map>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace writeback::simulation {

std::string secret_file(const std::string& name, const std::string& content) {
    static std::map<std::string, std::string> paths;
    auto& path = paths[name];
    if (!path.empty()) return path;
    const int file = memfd_create(name.c_str(), MFD_CLOEXEC);
    const auto size = static_cast<ssize_t>(content.size());
    if (file < 0 || write(file, content.data(), content.size()) != size) {
        throw std::system_error(errno, std::generic_category(), "a file in memory");
    }
    path = "/proc/self/fd/" + std::to_string(file);
    return path;
}

}  // namespace writeback::simulation
