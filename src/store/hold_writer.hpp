// The holds of a group after a run or a judgement.
//
// A hold keeps its id, since and decision for as long as it is listed; an approval never grows: a
// hold that was approved and now names more waits for a person again.
#pragma once

#include "store/records.hpp"

#include <writeback/plan.hpp>

#include <vector>

namespace writeback {

class HoldWriter {
 public:
    HoldWriter(Database& database, Instant now) : database_(database), now_(now) {}

    // The group's holds become these. Holds of deletions stand apart: only their judgement makes
    // them, only other evidence from the cloud ends them.
    void replace(ObjectKey group, const std::vector<Hold>& holds);
    void hold_deletion(ObjectKey group, const Hold& hold);

 private:
    struct Row {
        std::int64_t number = 0;
        HoldReason reason = HoldReason::guard;
        std::vector<HoldTarget> targets;  // sorted
        std::string member;
        Decision decision = Decision::pending;
        bool deletion = false;
        bool listed = false;
    };
    [[nodiscard]] std::vector<Row> rows_of(ObjectKey group);
    void insert(ObjectKey group, const Hold& hold, bool deletion);
    void update(const Row& row, const Hold& hold);

    Database& database_;
    Instant now_;
};

}  // namespace writeback
