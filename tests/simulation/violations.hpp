// The first invariant that a history has broken.
#pragma once

#include "simulation/trace.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace writeback::simulation {

class Violations {
 public:
    explicit Violations(Trace& trace) : trace_(trace) {}

    // `invariant` is its name: "I4". Only the first is kept, since others may follow from it.
    void report(std::string_view invariant, std::string sentence) {
        trace_.tell("violation", invariant, {{"sentence", sentence}});
        if (any()) return;
        invariant_ = invariant;
        sentence_ = std::move(sentence);
    }
    [[nodiscard]] bool any() const { return !invariant_.empty(); }
    [[nodiscard]] const std::string& invariant() const { return invariant_; }
    [[nodiscard]] const std::string& sentence() const { return sentence_; }

 private:
    Trace& trace_;
    std::string invariant_;
    std::string sentence_;
};

}  // namespace writeback::simulation
