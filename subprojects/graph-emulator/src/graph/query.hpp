// OData query options of one request: $select, $filter, $top, $count, $skiptoken.
//
// Failures: refused as Graph refuses them (400 with Request_BadRequest or
// Request_UnsupportedQuery). Limits: $filter texts up to 8 KiB and 32 levels deep; $top 1 to 999.
// Threads: pure.
#pragma once

#include "../base/json.hpp"
#include "../base/result.hpp"
#include "../http/message.hpp"
#include "../tenant/object.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emulator {

/// The names in $select; empty means that nothing was selected.
using Selection = std::vector<std::string>;

struct SelectionRules {
    bool beta = false;
    bool tracked =
        false;  ///< delta query: members may be named, properties outside the store may not
};

Result<Selection> parse_selection(const Parameters& query, Kind kind, SelectionRules rules);
/// For collections of several kinds: names are checked against all of them.
Result<Selection> parse_mixed_selection(const Parameters& query, bool beta);

/// $top as a page size.
Result<std::size_t> parse_top(const Parameters& query, std::size_t otherwise, std::size_t largest);

/// A condition on an object's properties (with "id" among them).
class Filter {
 public:
    struct Node;

    Filter();
    ~Filter();
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;

    static Result<Filter> parse(std::string_view text);
    bool matches(const DirectoryObject& object) const;
    /// The ids, where the whole condition is id eq '…' or id eq '…'; nothing otherwise.
    std::optional<std::vector<std::string>> as_ids() const;

 private:
    std::unique_ptr<Node> root_;
};

}  // namespace emulator
