// What goes wrong in a history, step by step, as the scenario's rates say; and the end of it all.
//
// Failures: none. Ownership: the stage outlives it. Threads: the loop's.
#pragma once

#include "simulation/stage.hpp"

namespace writeback::simulation {

class TroubleMaker {
 public:
    explicit TroubleMaker(Stage& stage);

    // Before the first step: what holds for the whole history.
    void begin();
    // At each step of the script.
    void step();
    // A quiet time: nothing goes wrong until go_on(). What is under way ends.
    void rest();
    void go_on();
    // Everything works from now on.
    void end();

 private:
    [[nodiscard]] bool strikes(Rate rate);
    void trouble_graph();
    void trouble_delivery();
    void trouble_directory();
    void trouble_machine();
    void trouble_people();
    void refuse_requests();
    void lose_graph();
    void expire_tokens();
    void forge();
    void decide();
    void request();
    void later(Duration pause, std::function<void()> what);
    void deliver_normally();

    Stage& stage_;
    Troubles troubles_;
    Chance chance_;
};

}  // namespace writeback::simulation
