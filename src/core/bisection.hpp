// Finds the members that a directory refuses, by halves: one refused among n costs at most
// 2 log2(n) modifies, and every other member is written on the way. Each member that is found was
// refused alone.
//
// Use: begin with the members of a modify that was refused; while next() gives members, try to add
// them and tell the answer by accepted() or refused(). Failures: none; when the directory goes away
// between, drop it. Ownership: holds the members. Threads: one.
#pragma once

#include <writeback/plan.hpp>

#include <optional>
#include <vector>

namespace writeback {

class Bisection {
 public:
    explicit Bisection(std::vector<PlannedMember> refused_together);

    // The members to try in the next modify; nothing when all is known. Asking again before an
    // answer gives the same.
    [[nodiscard]] std::optional<std::vector<PlannedMember>> next();
    // The answer to what next() gave last.
    void accepted();
    void refused();

    // Found so far: members that were refused alone.
    [[nodiscard]] const std::vector<PlannedMember>& refused_members() const { return refused_; }

 private:
    struct Part {
        std::vector<PlannedMember> members;
        bool refused = false;  // known to hold a refused member
        bool left = false;     // its right half lies below it
    };
    void settle();

    std::vector<Part> parts_;  // the last one is next
    std::vector<PlannedMember> refused_;
};

}  // namespace writeback
