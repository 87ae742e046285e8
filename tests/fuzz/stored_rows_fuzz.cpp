// A store and an inbox that something else has damaged, opened and read by the production code on a
// disk in memory.
//
// The input is a list of damages to files that the production code has written, a line each:
//     row TABLE.COLUMN ROW VALUE     the value of a row: 12, 'text, x00ff or null
//     bytes FILE OFFSET BYTES        FILE is s (store) or i (inbox); \x00 stands for a byte
//     cut FILE SIZE
// Tables, columns and rows that do not exist stand for the ones that their hash picks. Properties:
// every answer is a value whose enumerations have names, or a failure of the store that names the
// file; the same question gives the same answer; what is written on top fails or is there.
#include "property.hpp"
#include "stored_rows_image.hpp"
#include "stored_rows_reading.hpp"

#include <charconv>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    return word;
}

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string& file_of(StoredFiles& files, std::string_view name) {
    return name == "i" ? files.inbox : files.state;
}

void damage_bytes(StoredFiles& files, std::string_view line) {
    const auto kind = take_word(line);
    auto& file = file_of(files, take_word(line));
    const auto at = number_in(take_word(line));
    if (file.empty()) return;
    if (kind == "cut") {
        file.resize(std::min(file.size(), at));
        return;
    }
    const auto bytes = bytes_of_line(line);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        file[(at + i) % file.size()] = bytes[i];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = lines_of(text_of(data, size));
    if (lines.size() > 40) return 0;
    std::vector<std::string_view> rows;
    for (const auto line : lines) {
        if (line.starts_with("row ")) rows.push_back(line.substr(4));
    }
    auto files = rows.empty() ? healthy_files() : with_rows(healthy_files(), rows);
    for (const auto line : lines) {
        if (line.starts_with("bytes ") || line.starts_with("cut ")) damage_bytes(files, line);
    }
    const auto first = reading_of(files);
    require(first == reading_of(files), "the same files are read alike", first);
    return 0;
}
