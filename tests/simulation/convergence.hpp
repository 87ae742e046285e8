// I1 and I13: when faults have stopped, every managed group in AD equals what the oracle expects,
// or the difference stands in an explicit hold that says why; and no hold stands without a cause.
//
// Failures: none; the first difference is given in a sentence. Threads: the loop's.
#pragma once

#include "simulation/stage.hpp"

#include <string>

namespace writeback::simulation {

class Convergence {
 public:
    explicit Convergence(Stage& stage) : stage_(stage) {}

    // The first difference that no hold explains; empty: there is none.
    [[nodiscard]] std::string difference();
    // The same for one group.
    [[nodiscard]] std::string difference(ObjectIndex group);
    // The first hold that nothing in the history explains; empty: there is none.
    [[nodiscard]] std::string hold_without_cause();

 private:
    using Marked = std::multimap<std::string, MarkedGroup>;
    using Holds = std::multimap<GroupId, Hold>;

    [[nodiscard]] Holds holds_by_group();
    [[nodiscard]] std::string compare(ObjectIndex group, const Marked& marked, const Holds& holds);
    [[nodiscard]] std::string compare_whole(const DirectoryObject& group,
                                            const ExpectedGroup& expected, const MarkedGroup& found,
                                            const Marked& marked, const Holds& holds);
    [[nodiscard]] std::string compare_gone(const DirectoryObject& group, Fate fate,
                                           const MarkedGroup& found, const Holds& holds);
    [[nodiscard]] Marked marked();
    [[nodiscard]] bool may_stay(const DirectoryObject& group, const std::string& key);
    [[nodiscard]] bool told_before_restore(const DirectoryObject& group, const std::string& key);
    [[nodiscard]] bool stands(const std::string& key, const Marked& marked) const;
    [[nodiscard]] bool has_cause(const Hold& hold);

    Stage& stage_;
};

}  // namespace writeback::simulation
