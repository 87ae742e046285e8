// Names as people compare them: without case.
//
// Failures: text that is no UTF-8 compares by its bytes. Threads: pure.
#pragma once

#include <string>

namespace writeback {

[[nodiscard]] std::string folded(const std::string& name);

}  // namespace writeback
