// The users stream: which members' identity on premises changed. It begins at `latest`; who was a
// member before is asked for by the resolver.
//
// When the token dies, `latest` comes first and then all known members are asked again, so that no
// change falls between; a crash between the two is remembered by the position's phase. Failures,
// threads, cancellation: as GroupsStream.
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

 private:
    Async<Result<Done>> follow(StreamPosition& position, std::stop_token stop);
    Async<Result<Done>> begin_at_latest(StreamPosition& position);
    Result<Done> ask_everyone(StreamPosition& position);

    SyncPorts& ports_;
    HintLedger& ledger_;
    AfterPage after_page_;
};

}  // namespace writeback
