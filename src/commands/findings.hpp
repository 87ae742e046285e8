// What a check has found, a printed line each: `ok:`, `note:` (worth knowing), `problem:` (with the
// remedy).
//
// Failures: none. Threads: one.
#pragma once

#include <iostream>
#include <string>

namespace writeback {

class Findings {
 public:
    void good(const std::string& sentence) { std::cout << "ok: " << sentence << std::endl; }
    void note(const std::string& sentence) { std::cout << "note: " << sentence << std::endl; }
    void problem(const std::string& sentence) {
        std::cout << "problem: " << sentence << std::endl;
        ++problems_;
    }
    [[nodiscard]] int problems() const { return problems_; }

 private:
    int problems_ = 0;
};

}  // namespace writeback
