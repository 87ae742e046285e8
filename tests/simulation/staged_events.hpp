// Events that need several things at once, and that chance alone would bring together too seldom:
// many people who leave together before a narrow guard, and groups that are restored while their
// members can be read only in pieces, or not at all.
//
// Failures: none. Ownership: the stage outlives it. Threads: the loop's. Each has its chance from a
// source of its own, so that other histories are what they were without it.
#pragma once

#include "simulation/stage.hpp"

namespace writeback::simulation {

class StagedEvents {
 public:
    explicit StagedEvents(Stage& stage);

    // At each step of the script.
    void step();

 private:
    void restore_in_bad_weather();
    void later(Duration pause, std::function<void()> what);

    Stage& stage_;
    Chance chance_;
};

}  // namespace writeback::simulation
