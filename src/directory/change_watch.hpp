// Waits until the directory tells of a change below the containers, by change notification.
//
// Purpose: the auditor wakes at once instead of asking each few seconds. One watch a container is
// registered when somebody first waits on a connection, and kept for the connection's life; where
// the server takes no watch of a container, or more containers are configured than a connection may
// watch (Windows allows five), one of the whole domain stands in, and changes elsewhere are passed
// over. Failures: `refused` when the server takes neither, on each call until there is another
// connection; those of the connection. Limits: `at_most`, by the Clock port, not counting the time
// to connect. Ownership: shares the session. Threads: the session's; one caller at a time.
// Cancellation: the session's stop.
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/async.hpp>
#include <writeback/result.hpp>

#include <memory>
#include <optional>

namespace writeback {

class ChangeWatch {
 public:
    explicit ChangeWatch(std::shared_ptr<DirectorySession> session);
    ~ChangeWatch();

    // True: something changed, or may have: what happened while nothing was registered is not told,
    // so the first call on a connection says true. False: nothing within `at_most`.
    Async<Result<bool>> wait(Duration at_most);

 private:
    // What the watches of one connection share; they may outlive this object.
    struct State;
    void register_on(const std::shared_ptr<LdapOperations>& connection, const Dn& whole);

    std::shared_ptr<DirectorySession> session_;
    std::shared_ptr<State> state_;
    std::uint64_t registered_on_ = 0;  // the connection's number
};

}  // namespace writeback
