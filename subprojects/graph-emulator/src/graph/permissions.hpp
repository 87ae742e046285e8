// What the application was permitted to read. By default everything; a test can narrow it.
//
// A refused operation answers 403; an object of a kind that may not be read is shown by its type
// and id alone where it comes with others, as Graph does. Writing is never refused: it is the
// tests'. Failures: 403 Authorization_RequestDenied. Threads: one.
#pragma once

#include "../base/result.hpp"
#include "../tenant/object.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace emulator {

class Permissions {
 public:
    /// The names of application permissions, such as "Group.Read.All"; nothing is all of them.
    std::optional<std::set<std::string, std::less<>>> granted;

    bool may_read(Kind kind) const;
    Verdict check(std::string_view operation, std::string_view method) const;
};

}  // namespace emulator
