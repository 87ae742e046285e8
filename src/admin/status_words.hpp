// The sentences that the table and the page share. Private to admin; pure.
#pragma once

#include <writeback/status.hpp>

#include <string>
#include <utility>
#include <vector>

namespace writeback {

// "4 s", "12 min", "3 h", "28 days"; a negative duration counts as none.
[[nodiscard]] std::string duration_words(Duration duration);

// What is true now, as pairs of a name and a sentence: groups, members, streams, subscriptions,
// directory.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> status_facts(const Status& status,
                                                                            Instant now);

// "waits for approve or reject", "approved", "rejected"; empty when nobody is asked.
[[nodiscard]] std::string decision_words(const Hold& hold);

}  // namespace writeback
