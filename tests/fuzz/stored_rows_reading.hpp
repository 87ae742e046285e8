// All that the production code tells of a store and an inbox, as one text.
#pragma once

#include "stored_rows_image.hpp"

#include <string>

namespace writeback::fuzz {

// Opens the files as their owner, asks everything, writes something on top, and checks each answer.
std::string reading_of(const StoredFiles& files);

}  // namespace writeback::fuzz
