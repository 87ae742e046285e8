// SQLite's memory, of which the n-th request from now on fails, and if asked so all after it.
//
// Exists once, while no connection is open: SQLite is begun anew around it.
#pragma once

namespace writeback::test {

class FailingMemory {
 public:
    FailingMemory();
    ~FailingMemory();
    FailingMemory(const FailingMemory&) = delete;
    FailingMemory& operator=(const FailingMemory&) = delete;

    void fail_in(int n, bool and_all_after);  // 1: the next
    void mend();
    [[nodiscard]] bool failed() const;  // since fail_in
};

}  // namespace writeback::test
