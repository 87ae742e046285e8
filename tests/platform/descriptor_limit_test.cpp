// Descriptors run out only for those who take too many.
#include "platform/descriptor_limit.hpp"

#include "loopback.hpp"
#include "platform/byte_stream.hpp"

#include <boost/asio/detached.hpp>
#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace writeback;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// The process's limit as it was, given back at the end.
class KeptLimit {
 public:
    KeptLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
    ~KeptLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    KeptLimit(const KeptLimit&) = delete;
    KeptLimit& operator=(const KeptLimit&) = delete;

    void lower_to(rlim_t soft) const {
        const rlimit lowered{soft, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
    }
    [[nodiscard]] rlim_t hard() const { return before_.rlim_max; }

 private:
    rlimit before_{};
};

// Takes every descriptor that is left.
std::vector<int> take_all() {
    std::vector<int> taken;
    for (int one = ::open("/dev/null", O_RDONLY); one >= 0; one = ::open("/dev/null", O_RDONLY))
        taken.push_back(one);
    return taken;
}

int connected_to(const std::string& address) {
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(client, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0);
    return client;
}

Async<void> accept_one(Listener& listener, int& accepted) {
    const auto stream = co_await listener.accept();
    if (stream) ++accepted;
}

}  // namespace

TEST_CASE("the limit is raised as far as it may be, and never lowered") {
    const KeptLimit kept;
    kept.lower_to(128);
    CHECK(raise_descriptor_limit(64) == 128);
    CHECK(raise_descriptor_limit(200) == 200);
    CHECK(raise_descriptor_limit(kept.hard() + 1000) == kept.hard());
}

TEST_CASE("a listener's clients get what the others leave, and one place at least") {
    CHECK(clients_within(2000, 300, 1024) == 1024);
    CHECK(clients_within(1024, 300, 1024) == 724);
    CHECK(clients_within(100, 300, 1024) == 1);
}

TEST_CASE("without descriptors, those who accept wait, and go on when there are some again") {
    asio::io_context context;
    auto listener = listen(context.get_executor(), "127.0.0.1:0", nullptr);
    REQUIRE(listener.has_value());
    std::vector<int> clients;
    for (int i = 0; i < 4; ++i)
        clients.push_back(connected_to((*listener)->address()));
    int accepted = 0;
    const KeptLimit kept;
    kept.lower_to(256);
    const auto taken = take_all();
    for (int i = 0; i < 4; ++i)
        asio::co_spawn(context, accept_one(**listener, accepted), asio::detached);
    // Each wakes ten times a second, and none wakes another.
    CHECK(context.run_for(500ms) < 400);
    CHECK(accepted == 0);
    for (const int one : taken)
        ::close(one);
    context.run_for(10s);
    CHECK(accepted == 4);
    for (const int client : clients)
        ::close(client);
}
