// What the reads of the port have in common: searches put together, answers taken apart.
//
// Pure but for read_one_entry. Failures: those of a search; `unreadable` for an answer that cannot
// be. Limits: `objects_per_search` values in one filter. Ownership: values. Threads and
// cancellation: the session's.
#pragma once

#include "directory/directory_session.hpp"

#include <writeback/config.hpp>
#include <writeback/ids.hpp>
#include <writeback/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback {

// Small enough for every server's limits on filters, large enough to make few searches of many.
inline constexpr std::size_t objects_per_search = 100;

// "<GUID=…>", which finds an object wherever it stands in the domain.
[[nodiscard]] std::string by_guid(const ObjectGuid& guid);

[[nodiscard]] LdapSearch search_of(std::string base, std::string filter,
                                   std::vector<std::string> attributes);

// Of everything below a name that the server holds; parts of the tree that it does not hold, such
// as other domains, are passed over.
[[nodiscard]] LdapSearch search_below(const Dn& base, std::string filter,
                                      std::vector<std::string> attributes);

// "(|(attribute=value)(…))" over already escaped values.
[[nodiscard]] std::string any_of(std::string_view attribute,
                                 const std::vector<std::string>& escaped_values);
// A value of bytes, each escaped.
[[nodiscard]] std::string escape_bytes(std::string_view bytes);

// The one entry of a base search, or nothing when there is none.
[[nodiscard]] Result<std::optional<LdapEntry>> single(Result<LdapReply> reply,
                                                      const std::string& base);
Async<Result<std::optional<LdapEntry>>> read_one_entry(DirectorySession& session,
                                                       LdapSearch search);

// container and containers, each once, in the order of the configuration.
[[nodiscard]] std::vector<Dn> all_containers(const DirectoryConfig& config);
// Those that are not inside another one, so that nothing is found twice.
[[nodiscard]] std::vector<Dn> outermost_containers(const DirectoryConfig& config);
// A search of a container that failed: that the container is missing is said as such.
[[nodiscard]] Failure container_failure(const Dn& container, const Failure& why);

}  // namespace writeback
