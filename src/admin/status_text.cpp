// The status as a table for a terminal.
#include "admin/status.hpp"
#include "admin/status_words.hpp"

#include <algorithm>

namespace writeback {

namespace {

// A terminal obeys control characters, and names come from the cloud.
std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        result += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return result;
}

// Columns, not bytes, as far as one column a code point goes.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string padded(std::string text, std::size_t columns) {
    const auto taken = width(text);
    if (taken < columns) text.append(columns - taken, ' ');
    return text;
}

void append_rows(std::string& text, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    for (const auto& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i)
            line += " " + padded(row[i], widths[i] + 1);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
}

}  // namespace

std::string status_text(const Status& status, Instant now) {
    std::string text = "group-writeback " + status.version + ": " + status.state;
    if (!status.policy.empty()) text += " (policy " + status.policy + ")";
    text += "\n";
    for (const auto& problem : status.problems)
        text += "  ! " + printable(problem) + "\n";
    text += "\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, sentence] : status_facts(status, now))
        rows.push_back({printable(name), printable(sentence)});
    append_rows(text, rows);
    if (!status.held.empty()) {
        text += "\nHeld\n";
        rows = {{"ID", "REASON", "FOR", "GROUP"}};
        for (const auto& hold : status.held) {
            rows.push_back({printable(hold.id), std::string(name_of(hold.reason)),
                            duration_words(now - hold.since), printable(hold.name)});
        }
        append_rows(text, rows);
        text += "\n";
        for (const auto& hold : status.held) {
            const auto decision = decision_words(hold);
            text += "  " + printable(hold.id) + ": " + printable(hold.detail) +
                    (decision.empty() ? "" : " [" + decision + "]") + "\n";
        }
    }
    if (!status.counts.last_errors.empty()) {
        text += "\nLast errors\n";
        for (const auto& [group, error] : status.counts.last_errors)
            text += "  " + printable(group) + ": " + printable(error) + "\n";
    }
    return text;
}

}  // namespace writeback
