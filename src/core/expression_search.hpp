// Finds one sequence in another in time that grows with their lengths and not with the product
// (Knuth, Morris and Pratt): texts are as long as somebody in the cloud made them.
//
// Failures: none. Ownership: a copy of what is searched for. Threads: immutable, any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback::expressions {

template <class Char>
class Search {
 public:
    using View = std::basic_string_view<Char>;
    static constexpr std::size_t nowhere = View::npos;

    explicit Search(std::basic_string<Char> wanted)
        : wanted_(std::move(wanted)), shorter_(wanted_.size(), 0) {
        std::size_t matched = 0;
        for (std::size_t i = 1; i < wanted_.size(); ++i) {
            matched = step(matched, wanted_[i]);
            shorter_[i] = matched;
        }
    }

    // Where it first stands at `from` or after; an empty one stands everywhere.
    [[nodiscard]] std::size_t find(View text, std::size_t from = 0) const {
        if (wanted_.empty()) return from <= text.size() ? from : nowhere;
        std::size_t matched = 0;
        for (std::size_t i = from; i < text.size(); ++i) {
            matched = step(matched, text[i]);
            if (matched == wanted_.size()) return i + 1 - matched;
        }
        return nowhere;
    }

 private:
    // How much of it has matched when `next` follows; never called with the whole of it.
    [[nodiscard]] std::size_t step(std::size_t matched, Char next) const {
        while (matched > 0 && wanted_[matched] != next)
            matched = shorter_[matched - 1];
        return wanted_[matched] == next ? matched + 1 : 0;
    }

    std::basic_string<Char> wanted_;
    // By how much of it has matched: the longest shorter beginning that has matched as well.
    std::vector<std::size_t> shorter_;
};

}  // namespace writeback::expressions
