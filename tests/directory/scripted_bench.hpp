// An ActiveDirectory in front of scripted peers.
#pragma once

#include "directory/active_directory.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_peer.hpp"
#include "platform/system_clock.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace writeback::testing {

// The peer answers as it does without a script.
inline const PeerReaction by_itself{{}, false, false, false};
inline const ObjectGuid some_guid("33221100-5544-7766-8899-aabbccddeeff");

struct ScriptedBench {
    explicit ScriptedBench(std::vector<std::string> servers) {
        config.servers = std::move(servers);
        config.bind_dn = "CN=svc,DC=lab,DC=test";
        config.password_file = "/tmp/directory-test-password." + std::to_string(::getpid());
        config.container = "OU=Groups,DC=lab,DC=test";
        config.connect_timeout = std::chrono::seconds(20);
        config.operation_timeout = std::chrono::seconds(20);
        config.reconnect_least = std::chrono::milliseconds(20);
        config.reconnect_most = std::chrono::milliseconds(40);
        std::ofstream(config.password_file) << "secret\n";
    }
    ~ScriptedBench() {
        if (directory) loop.run(directory->stop());
        std::filesystem::remove(config.password_file);
    }
    ActiveDirectory& use() {
        if (!directory) {
            directory = std::make_unique<ActiveDirectory>(loop.context.get_executor(), config,
                                                          clock, log, metrics);
        }
        return *directory;
    }
    DirectoryReader& reader() { return use().reader(); }
    DirectoryWriter& writer() { return use().writer(); }
    auto identify() { return loop.run(reader().identify(some_guid)); }

    DirectoryConfig config;
    Loop loop;
    SystemClock clock{loop.context.get_executor()};
    RememberingLog log;
    RememberingMetrics metrics;
    std::unique_ptr<ActiveDirectory> directory;
};

inline bool asks_for_object(const PeerRequest& request) {
    return request.kind == PeerRequest::Kind::search && request.name.starts_with("<GUID=");
}

inline WriteTarget target() {
    return {GroupId("11111111-2222-3333-4444-555555555555"), some_guid,
            Dn("CN=a,OU=Groups,DC=lab,DC=test")};
}

}  // namespace writeback::testing
