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
    // A problem that a delegation of rights solves.
    void missing_right(const std::string& sentence) {
        problem(sentence);
        rights_missing_ = true;
    }
    [[nodiscard]] int problems() const { return problems_; }
    [[nodiscard]] bool rights_missing() const { return rights_missing_; }

 private:
    int problems_ = 0;
    bool rights_missing_ = false;
};

}  // namespace writeback
