#include "store/hold_writer.hpp"

#include <algorithm>

namespace writeback {

std::vector<HoldWriter::Row> HoldWriter::rows_of(ObjectKey group) {
    std::vector<Row> rows;
    Statement read = database_.query(
        "SELECT number, reason, targets, member, decision, deletion FROM hold WHERE object = ?1 "
        "ORDER BY number",
        group);
    while (read.next()) {
        rows.push_back({read.integer(0), read.as<HoldReason>(1), targets_at(read, 2), read.text(3),
                        read.as<Decision>(4), read.flag(5), false});
    }
    return rows;
}

void HoldWriter::replace(ObjectKey group, const std::vector<Hold>& holds) {
    std::vector<Row> rows = rows_of(group);
    for (const Hold& hold : holds) {
        const std::int64_t number = hold_number(hold.id);
        std::vector<HoldTarget> targets = hold.targets;
        std::sort(targets.begin(), targets.end());
        const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
            if (row.listed) return false;
            if (number != 0) return row.number == number;
            return row.reason == hold.reason && row.targets == targets &&
                   row.member == hold.member.text();
        });
        if (same == rows.end()) {
            insert(group, hold, false);
        } else {
            same->listed = true;
            if (!same->deletion) update(*same, hold);
        }
    }
    for (const Row& row : rows) {
        if (row.listed || row.deletion) continue;
        database_.execute("DELETE FROM hold WHERE number = ?1", row.number);
    }
}

void HoldWriter::hold_deletion(ObjectKey group, const Hold& hold) {
    database_.execute("DELETE FROM hold WHERE object = ?1 AND deletion = 1", group);
    insert(group, hold, true);
}

void HoldWriter::insert(ObjectKey group, const Hold& hold, bool deletion) {
    database_.execute(
        "INSERT INTO hold (object, reason, name, detail, since, decision, targets, member, sid, "
        "deletion) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        group, hold.reason, hold.name, hold.detail, now_, Decision::pending, to_json(hold.targets),
        hold.member, hold.sid, deletion);
}

void HoldWriter::update(const Row& row, const Hold& hold) {
    Decision decision = row.decision;
    std::vector<HoldTarget> after = hold.targets;
    std::sort(after.begin(), after.end());
    if (decision == Decision::approved &&
        !std::includes(row.targets.begin(), row.targets.end(), after.begin(), after.end())) {
        decision = Decision::pending;
    }
    database_.execute(
        "UPDATE hold SET name = ?2, detail = ?3, targets = ?4, sid = ?5, decision = ?6 "
        "WHERE number = ?1",
        row.number, hold.name, hold.detail, to_json(hold.targets), hold.sid, decision);
}

}  // namespace writeback
