// A small store and its inbox, written by the production code and then taken for bytes; and the
// same with single values of rows exchanged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace writeback::fuzz {

inline const std::string state_path = "/state.db";
inline const std::string inbox_path = "/state.db-inbox";

struct StoredFiles {
    std::string state;
    std::string inbox;
};

const StoredFiles& healthy_files();

// Each change is "TABLE.COLUMN ROW VALUE". A value that the schema does not take stays as it was.
StoredFiles with_rows(const StoredFiles& files, const std::vector<std::string_view>& changes);

}  // namespace writeback::fuzz
