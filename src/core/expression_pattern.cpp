#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/expression_pattern.hpp"

#include "core/expression_text.hpp"

#include <array>
#include <charconv>
#include <pcre2.h>

namespace writeback::expressions {

namespace {

template <class T, void (*release)(T*)>
std::shared_ptr<T> owned(T* resource) {
    return std::shared_ptr<T>(resource, release);
}

std::string message_of(int error) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

// Called before each item of a pattern: the one place that bounds what all matches of an evaluation
// cost together, since PCRE2's own limits begin anew with each match.
int count_step(pcre2_callout_block* block, void* budget) {
    std::uint32_t& steps = static_cast<PatternBudget*>(budget)->steps;
    const std::size_t cost = 1 + (block->subject_length - block->current_position) / 64;
    if (steps < cost) return PCRE2_ERROR_MATCHLIMIT;
    steps -= static_cast<std::uint32_t>(cost);
    return 0;
}

// What .NET and PCRE2 read differently without a word.
std::string different_meaning(std::string_view pattern) {
    constexpr std::size_t outside = std::string_view::npos;
    std::size_t begin = outside;  // of a character class
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const std::string_view two = pattern.substr(at, 2);
        if (pattern[at] == '\\') {
            ++at;
        } else if (begin == outside) {
            if (pattern[at] == '[') begin = at;
            if (two == "(*") {
                return "begins a verb with (*, which .NET does not know; write \\* for an asterisk";
            }
        } else if (two == "-[" && at > begin + 1) {
            return "subtracts from a character class, which is not known here; write a class of "
                   "the "
                   "characters that remain";
        } else if (two == "[:" || two == "[." || two == "[=") {
            return "names a character class as [:alpha:], which .NET does not know; write \\p{L}, "
                   "\\d or \\w";
        } else if (pattern[at] == ']') {
            const bool first = at == begin + 1 || (at == begin + 2 && pattern[begin + 1] == '^');
            if (!first) begin = outside;
        }
    }
    return {};
}

Failure too_costly() {
    return failure(FailureKind::value_refused,
                   "the regular expression needs more than " + std::to_string(most_pattern_steps) +
                       " steps on this text; write one with fewer repetitions inside repetitions");
}

Failure too_long() {
    return failure(FailureKind::value_refused, "the result of Replace is longer than " +
                                                   std::to_string(most_text_bytes) + " bytes");
}

Failure of_match(int error) {
    const bool costly = error == PCRE2_ERROR_MATCHLIMIT || error == PCRE2_ERROR_DEPTHLIMIT ||
                        error == PCRE2_ERROR_HEAPLIMIT || error == PCRE2_ERROR_NOMEMORY;
    if (costly) return too_costly();
    return failure(FailureKind::value_refused,
                   "the regular expression fails on this text: " + message_of(error));
}

}  // namespace

std::variant<std::shared_ptr<const Pattern>, std::string> Pattern::compile(
    std::string_view pattern) {
    if (std::string other = different_meaning(pattern); !other.empty()) return other;
    const auto context = owned<pcre2_compile_context, pcre2_compile_context_free>(
        pcre2_compile_context_create(nullptr));
    if (!context) throw std::bad_alloc();
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context.get(), most_depth);
    constexpr std::uint32_t options =
        PCRE2_UTF | PCRE2_UCP | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C;
    int error = 0;
    PCRE2_SIZE at = 0;
    auto code = owned<pcre2_code, pcre2_code_free>(
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error,
                      &at, context.get()));
    if (!code) {
        return "does not compile at its character " +
               std::to_string(characters(pattern.substr(0, at)).size() + 1) + ": " +
               message_of(error);
    }
    std::shared_ptr<Pattern> result(new Pattern);
    result->code_ = std::move(code);
    result->number_groups();
    std::uint32_t back_references = 0;
    pcre2_pattern_info(static_cast<const pcre2_code*>(result->code_.get()), PCRE2_INFO_BACKREFMAX,
                       &back_references);
    const bool mixed =
        !result->names_.empty() && result->names_.size() + 1 < result->numbers_.size();
    if (back_references > 0 && mixed) {
        return std::string(
            "refers back to a group and has groups with and without names, which "
            ".NET numbers otherwise; give every group a name");
    }
    return std::shared_ptr<const Pattern>(std::move(result));
}

// .NET numbers the groups without names first.
void Pattern::number_groups() {
    const auto* code = static_cast<const pcre2_code*>(code_.get());
    std::uint32_t count = 0;
    std::uint32_t named = 0;
    std::uint32_t entry_size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &named);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<bool> has_name(count + 1, false);
    for (std::uint32_t i = 0; i < named; ++i, table += entry_size) {
        const std::size_t number = static_cast<std::size_t>(table[0]) << 8 | table[1];
        has_name[number] = true;
        names_.emplace(reinterpret_cast<const char*>(table + 2), number);
    }
    for (const bool of_names : {false, true}) {
        for (std::size_t number = 0; number <= count; ++number) {
            if (has_name[number] == of_names) numbers_.push_back(number);
        }
    }
}

std::string Pattern::names_of_groups() const {
    std::string result;
    for (const auto& [name, number] : names_)
        result += (result.empty() ? "" : ", ") + name;
    return result;
}

Result<std::optional<Pattern::Match>> Pattern::match(const std::string& text, std::size_t from,
                                                     PatternBudget& budget) const {
    const auto* code = static_cast<const pcre2_code*>(code_.get());
    const auto data = owned<pcre2_match_data, pcre2_match_data_free>(
        pcre2_match_data_create_from_pattern(code, nullptr));
    const auto context =
        owned<pcre2_match_context, pcre2_match_context_free>(pcre2_match_context_create(nullptr));
    if (!data || !context) throw std::bad_alloc();
    pcre2_set_callout(context.get(), count_step, &budget);
    pcre2_set_match_limit(context.get(), most_pattern_steps);
    pcre2_set_heap_limit(context.get(), most_pattern_memory);
    const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                  from, PCRE2_NO_JIT, data.get(), context.get());
    if (found == PCRE2_ERROR_NOMATCH) return std::optional<Match>();
    if (found < 0) return of_match(found);
    Match result(numbers_.size());
    const PCRE2_SIZE* spans = pcre2_get_ovector_pointer(data.get());
    for (std::size_t group = 0; group < result.size(); ++group) {
        const PCRE2_SIZE begin = spans[2 * group];
        const PCRE2_SIZE end = spans[2 * group + 1];
        // \K in a look-ahead can put the end before the beginning.
        if (begin != PCRE2_UNSET && begin <= end) result[group] = {begin, end, true};
    }
    return std::optional<Match>(std::move(result));
}

// Goes through the matches as .NET does: after an empty one, one character on.
template <class Change>
Result<std::string> Pattern::each_match(const std::string& text, PatternBudget& budget,
                                        Change change) const {
    std::string result;
    std::size_t copied = 0;
    std::size_t from = 0;
    while (from <= text.size()) {
        auto found = match(text, from, budget);
        if (!found) return found.error();
        if (!*found) break;
        const Span whole = (**found)[0];
        if (!whole.matched || whole.begin < copied) break;
        result.append(text, copied, whole.begin - copied);
        result += change(**found);
        copied = whole.end;
        if (result.size() > most_text_bytes) return too_long();
        from = whole.end;
        if (whole.begin == whole.end) {
            const auto rest = characters(std::string_view(text).substr(whole.end, 4));
            from += rest.empty() ? 1 : rest.front().size();
        }
    }
    result.append(text, copied, std::string::npos);
    return result;
}

Result<bool> Pattern::matches(const std::string& text, PatternBudget& budget) const {
    const auto found = match(text, 0, budget);
    return found ? Result<bool>(found->has_value()) : found.error();
}

Result<std::string> Pattern::replace(const std::string& text, const std::string& replacement,
                                     PatternBudget& budget) const {
    return each_match(text, budget,
                      [&](const Match& match) { return expanded(text, match, replacement); });
}

Result<std::string> Pattern::replace_group(const std::string& text, const std::string& group,
                                           const std::string& replacement,
                                           PatternBudget& budget) const {
    const std::size_t number = names_.at(group);
    return each_match(text, budget, [&](const Match& match) {
        const Span whole = match[0];
        const Span part = match[number];
        if (!part.matched || part.begin < whole.begin || part.end > whole.end) {
            return text.substr(whole.begin, whole.end - whole.begin);
        }
        return text.substr(whole.begin, part.begin - whole.begin) + replacement +
               text.substr(part.end, whole.end - part.end);
    });
}

Result<std::optional<std::string>> Pattern::extract(const std::string& text,
                                                    const std::string& group,
                                                    PatternBudget& budget) const {
    auto found = match(text, 0, budget);
    if (!found) return found.error();
    if (!*found) return std::optional<std::string>();
    const Span span = (**found)[names_.at(group)];
    return std::optional<std::string>(text.substr(span.begin, span.end - span.begin));
}

// What refers to no group stays as it is written, as in .NET.
std::string Pattern::expanded(const std::string& text, const Match& match,
                              const std::string& replacement) const {
    std::string result;
    const auto add = [&](std::size_t number) {
        result.append(text, match[number].begin, match[number].end - match[number].begin);
    };
    const auto add_group = [&](std::string_view name) {
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size()) {
            if (number >= numbers_.size()) return false;
            add(numbers_[number]);
            return true;
        }
        const auto named = names_.find(std::string(name));
        if (named != names_.end()) add(named->second);
        return named != names_.end();
    };
    for (std::size_t at = 0; at < replacement.size() && result.size() <= most_text_bytes; ++at) {
        const std::string_view rest = std::string_view(replacement).substr(at);
        const std::size_t digits = rest.substr(1).find_first_not_of("0123456789");
        const std::size_t number = std::min(digits, rest.size() - 1);
        if (rest.starts_with("$$")) {
            result += '$';
            ++at;
        } else if (rest.starts_with("$&")) {
            add(0);
            ++at;
        } else if (rest.starts_with("${") && rest.find('}') != std::string_view::npos &&
                   add_group(rest.substr(2, rest.find('}') - 2))) {
            at += rest.find('}');
        } else if (rest.front() == '$' && number > 0 && add_group(rest.substr(1, number))) {
            at += number;
        } else {
            result += rest.front();
        }
    }
    return result;
}

}  // namespace writeback::expressions
