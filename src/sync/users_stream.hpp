// The users stream: which members' identity on premises changed. It begins at `latest`; who was a
// member before is asked for by the resolver.
//
// When the token dies, `latest` comes first and then all known members are asked again, so that no
// change falls between; a crash between the two is remembered by the position's phase. A member
// that is not returned then may have been deleted meanwhile, which no answer says: everyone_asked
// tells that the groups have to be read anew where that is so. Failures, threads, cancellation: as
// GroupsStream.
#pragma once

#include "sync/hint_ledger.hpp"
#include "sync/ports.hpp"

#include <writeback/change_source.hpp>
#include <writeback/store.hpp>

#include <functional>
#include <stop_token>
#include <string>

namespace writeback {

class UsersStream {
 public:
    using AfterPage = std::function<Async<void>()>;

    UsersStream(SyncPorts& ports, HintLedger& ledger, AfterPage after_page);

    Async<Result<Done>> round(std::stop_token stop);

    // All known members were asked for again, and what came of it was not looked at yet.
    [[nodiscard]] Result<bool> everyone_asked() const;
    // That was asked by this process, so that its resolver knows all answers.
    [[nodiscard]] bool asked_here() const { return asked_here_; }
    [[nodiscard]] Result<Done> looked_at_answers();

 private:
    Async<Result<Done>> follow(StreamPosition& position, std::stop_token stop);
    Async<Result<Done>> begin_at_latest(StreamPosition& position);
    Result<Done> ask_everyone(StreamPosition& position);

    SyncPorts& ports_;
    HintLedger& ledger_;
    AfterPage after_page_;
    bool asked_here_ = false;
};

}  // namespace writeback
