// What an operation that waits returns. Asio's coroutine type is the one part of Asio that the
// ports name, so that adapters and the story share one kind of coroutine; everything else of Asio
// stays behind the ports.
//
// Cancellation: the daemon stops by std::stop_token and by ending its ports (each wait has a
// deadline), not by Asio's cancellation slots.
//
// Beware of g++ 12: an aggregate built by braces inside a co_await expression, as in
// `co_await connect({host, port})`, is destroyed twice. Name the value first.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace writeback {

template <class T>
using Async = boost::asio::awaitable<T>;

}  // namespace writeback
