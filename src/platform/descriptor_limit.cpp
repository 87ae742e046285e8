#include "platform/descriptor_limit.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace writeback {

std::size_t raise_descriptor_limit(std::size_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    if (limit.rlim_cur >= wanted) return limit.rlim_cur;
    const rlimit raised{std::min<rlim_t>(wanted, limit.rlim_max), limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

int clients_within(std::size_t available, std::size_t others, int wanted) {
    const std::size_t left = available > others ? available - others : 1;
    return static_cast<int>(std::min(left, static_cast<std::size_t>(std::max(wanted, 1))));
}

}  // namespace writeback
