// Microsoft's text functions, as the mapping language knows them, on UTF-8. Positions and lengths
// count UTF-16 units; a surrogate pair is never cut in two.
//
// Failures: none; bytes that are no UTF-8 count as one unit each until clean() replaces them.
// Threads: pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace writeback {

[[nodiscard]] std::size_t utf16_length(std::string_view text);
// The first `units` units; one less where a pair would be cut.
[[nodiscard]] std::string left(std::string_view text, std::size_t units);
// `units` units from position `begin`, counted from 1; a pair that is cut at either end is left
// out.
[[nodiscard]] std::string mid(std::string_view text, std::size_t begin, std::size_t units);
// Without white space (Unicode's) at both ends.
[[nodiscard]] std::string trim(std::string_view text);
// Without NUL, and with U+FFFD for each byte that belongs to no UTF-8 sequence.
[[nodiscard]] std::string clean(std::string_view text);

}  // namespace writeback
