// A regular expression as Replace uses it: .NET's, as far as PCRE2 means the same by it, and
// refused where it would not.
//
// Failures: compile gives a sentence; the others give value_refused when a match needs more steps
// or memory than the limits of expression.hpp, or the result would be too long. Ownership: shared
// and immutable. Threads: any thread; the count of steps is the caller's.
#pragma once

#include "core/expression_tree.hpp"

#include <map>

namespace writeback::expressions {

// Steps left to all matches of one evaluation.
struct PatternBudget {
    std::uint32_t steps = most_pattern_steps;
};

class Pattern : public Prepared {
 public:
    // The pattern, or why it is none.
    [[nodiscard]] static std::variant<std::shared_ptr<const Pattern>, std::string> compile(
        std::string_view pattern);

    [[nodiscard]] bool has_group(const std::string& name) const { return names_.contains(name); }
    [[nodiscard]] std::string names_of_groups() const;

    [[nodiscard]] Result<bool> matches(const std::string& text, PatternBudget& budget) const;
    // Every match by `replacement`, in which $1, ${name}, $& and $$ stand for groups, the whole
    // match and a dollar sign.
    [[nodiscard]] Result<std::string> replace(const std::string& text,
                                              const std::string& replacement,
                                              PatternBudget& budget) const;
    // In every match what the group matched, by `replacement` as it is.
    [[nodiscard]] Result<std::string> replace_group(const std::string& text,
                                                    const std::string& group,
                                                    const std::string& replacement,
                                                    PatternBudget& budget) const;
    // What the group matched in the first match; nothing without a match.
    [[nodiscard]] Result<std::optional<std::string>> extract(const std::string& text,
                                                             const std::string& group,
                                                             PatternBudget& budget) const;

 private:
    struct Span {
        std::size_t begin = 0;
        std::size_t end = 0;
        bool matched = false;
    };
    using Match = std::vector<Span>;  // by group, 0 the whole match

    Pattern() = default;
    void number_groups();
    [[nodiscard]] Result<std::optional<Match>> match(const std::string& text, std::size_t from,
                                                     PatternBudget& budget) const;
    template <class Change>
    [[nodiscard]] Result<std::string> each_match(const std::string& text, PatternBudget& budget,
                                                 Change change) const;
    [[nodiscard]] std::string expanded(const std::string& text, const Match& match,
                                       const std::string& replacement) const;

    std::shared_ptr<const void> code_;
    std::map<std::string, std::size_t> names_;  // -> PCRE2's number
    std::vector<std::size_t> numbers_;          // .NET's number -> PCRE2's
};

}  // namespace writeback::expressions
