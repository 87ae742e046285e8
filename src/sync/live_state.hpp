// What only the running daemon knows of itself, for its status: the story writes it, the admin
// listener reads it.
//
// Threads: safe from any. Ownership: snapshots are copies.
#pragma once

#include <writeback/directory.hpp>
#include <writeback/ids.hpp>
#include <writeback/subscription_service.hpp>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace writeback {

struct LiveSnapshot {
    bool started = false;   // the first pull has ended
    bool draining = false;  // told to stop
    bool directory_bound = false;
    std::string directory_server;
    std::vector<Subscription> subscriptions;
    // Sentences by topic, in topic order: "stream groups", "stream users", "directory",
    // "subscription groups", "store", "identities", …
    std::map<std::string, std::string> problems;
};

class LiveState {
 public:
    [[nodiscard]] LiveSnapshot snapshot() const;

    void set_started();
    void set_draining();
    void set_directory(bool bound, std::string server);
    void set_subscriptions(std::vector<Subscription> subscriptions);
    // Gives true when the sentence is new, so that a caller logs it once.
    bool set_problem(const std::string& topic, std::string sentence);
    // Gives true when there was one.
    bool clear_problem(const std::string& topic);

 private:
    mutable std::mutex mutex_;
    LiveSnapshot state_;
};

}  // namespace writeback
