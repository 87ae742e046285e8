// What happens in a history: one line an event for people, and one hash of all of it, so that two
// runs of a seed can be compared without keeping either.
//
// Lines hold the model's time only: no wall clock, no path, no address. Failures: none. Limits: the
// hash costs some nanoseconds an event; lines are made only where they are printed. Threads: one.
#pragma once

#include "fakes/model_clock.hpp"

#include <writeback/log.hpp>

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace writeback::simulation {

class Trace {
 public:
    // With `prints` each event is a line on standard output.
    explicit Trace(bool prints) : prints_(prints) {}

    // Whose time the lines show; without it they show none.
    void follow(const fakes::ModelClock& clock) { clock_ = &clock; }
    void tell(std::string_view who, std::string_view what,
              std::initializer_list<LogField> fields = {});
    [[nodiscard]] bool prints() const { return prints_; }
    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
    void mix(std::uint64_t word);
    void mix(std::string_view text);
    void print(std::string_view who, std::string_view what,
               std::initializer_list<LogField> fields) const;

    bool prints_;
    const fakes::ModelClock* clock_ = nullptr;
    std::uint64_t hash_ = 0x9e3779b97f4a7c15U;
    std::uint64_t events_ = 0;
};

// The hash as sixteen hexadecimal digits.
[[nodiscard]] std::string hash_text(std::uint64_t hash);

}  // namespace writeback::simulation
