// Names without regard to case, and the nearest of several: for sentences that help.
//
// Failures: none. Threads: pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace writeback::expressions {

// ASCII only: the names of functions and properties are.
[[nodiscard]] std::string in_lower_case(std::string_view text);
[[nodiscard]] bool is_same_word(std::string_view a, std::string_view b);
// Empty when none is near enough to be meant.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& words);

}  // namespace writeback::expressions
