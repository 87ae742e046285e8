// JSON text for lines that are written by hand: the log and the audit file, where the order of the
// fields is a contract and no tree is worth building.
#pragma once

#include <string>
#include <string_view>

namespace writeback {

// Appends `text` in quotes, escaped. Bytes that are no UTF-8 become U+FFFD, so that a line is
// always valid JSON. At most `limit` bytes of the text are taken, cut at a character and marked
// with "…".
void append_json_text(std::string& line, std::string_view text, std::size_t limit = 4096);

}  // namespace writeback
