#include "core/expression_words.hpp"

#include <algorithm>
#include <numeric>

namespace writeback::expressions {

namespace {

// How many letters must be inserted, removed or exchanged to make one word of the other.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t exchanged = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
        }
    }
    return row.back();
}

}  // namespace

std::string in_lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

bool is_same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && in_lower_case(a) == in_lower_case(b);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words) {
    constexpr std::size_t longest = 64;  // of a name that could be a slip of another
    if (word.size() > longest) return {};
    const std::string wanted = in_lower_case(word);
    std::string_view best;
    std::size_t best_distance = 1 + std::max<std::size_t>(1, wanted.size() / 3);
    for (const std::string_view candidate : words) {
        const std::size_t found = distance(wanted, in_lower_case(candidate));
        if (found < best_distance) {
            best = candidate;
            best_distance = found;
        }
    }
    return best;
}

}  // namespace writeback::expressions
