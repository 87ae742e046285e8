// Pages of objects: what listings of groups, users, devices, members and deleted items have in
// common.
//
// Failures: refusals for bad options and tokens. Limits: $top 1 to 999. Threads: one.
#pragma once

#include "call.hpp"
#include "query.hpp"
#include "representation.hpp"

#include <functional>
#include <vector>

namespace emulator {

struct Listing {
    std::vector<ObjectIndex> objects;  ///< candidates in a lasting order: new ones come last
    std::function<bool(const DirectoryObject&)> is_shown;
    std::optional<Kind> kind;  ///< nothing for collections of several kinds
    bool deleted = false;
    std::string context;  ///< of @odata.context
};

/// Answers with one page; nextLink carries the position and all other options, as Graph's does.
Response list_page(const Services& services, const Call& call, const Listing& listing);

/// The position that $skiptoken holds, and the link that holds one.
Result<std::size_t> parse_position(const Call& call);
std::string next_link(const Call& call, std::size_t position);

/// How this call's objects are shown.
Form form_of(const Services& services, const Call& call, Form form = {});

/// $filter, or a filter that takes everything.
Result<Filter> parse_filter(const Call& call);

}  // namespace emulator
