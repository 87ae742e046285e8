// What Microsoft's text functions do, on UTF-8 (core/text.hpp has Left, Mid, Trim and the lengths).
// Positions count UTF-16 units from 1. Letters change case one for one, by Unicode's simple
// mappings, as .NET's invariant culture does.
//
// Failures: none; texts are valid UTF-8, as value_of and the lexer give them. Threads: pure, any
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace writeback::expressions {

enum class Letters { invariant, turkic };  // turkic: I and ı, İ and i belong together

[[nodiscard]] std::string to_lower(std::string_view text, Letters letters = Letters::invariant);
[[nodiscard]] std::string to_upper(std::string_view text, Letters letters = Letters::invariant);
// Each word with a capital and small letters. Words end at one of the separators; without them at
// white space, punctuation, symbols and control characters.
[[nodiscard]] std::string capitalised(std::string_view text,
                                      const std::optional<std::string>& separators);
// Without accents and with the letters of Microsoft's table spelled out: ß as ss, ø as oe.
[[nodiscard]] std::string without_diacritics(std::string_view text);
[[nodiscard]] std::string without_spaces(std::string_view text);

// The last `units` units; one less where a pair would be cut.
[[nodiscard]] std::string right(std::string_view text, std::size_t units);
// Where `part` begins, searched from position `begin`; 0 where it is not found.
[[nodiscard]] std::size_t position(std::string_view text, std::string_view part, std::size_t begin,
                                   bool ignore_case);
// Where its last occurrence begins that ends no later than position `end`.
[[nodiscard]] std::size_t last_position(std::string_view text, std::string_view part,
                                        std::size_t end, bool ignore_case);
// The number-th of the parts, none of them empty, that the characters of `delimiters` separate.
[[nodiscard]] std::string nth_word(std::string_view text, std::int64_t number,
                                   std::string_view delimiters);
// Each part trimmed; at most `limit` of them, the last with the rest.
[[nodiscard]] std::vector<std::string> split(std::string_view text, std::string_view delimiter,
                                             std::size_t limit);
// Stops with nothing when the result grows over `most` bytes.
[[nodiscard]] std::optional<std::string> with_replaced(std::string_view text, std::string_view old,
                                                       std::string_view replacement,
                                                       std::size_t most);
// One character -> what stands for it.
using Dictionary = std::map<std::string, std::string, std::less<>>;
// Stops with nothing when the result grows over `most` bytes.
[[nodiscard]] std::optional<std::string> with_characters_replaced(std::string_view text,
                                                                  const Dictionary& dictionary,
                                                                  std::size_t most);
[[nodiscard]] std::vector<std::string_view> characters(std::string_view text);

[[nodiscard]] std::string to_hexadecimal(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hexadecimal(std::string_view text);
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
// UTF-16 in little-endian bytes, .NET's "Unicode", and back; unpaired surrogates become U+FFFD.
[[nodiscard]] std::string to_utf16(std::string_view text);
[[nodiscard]] std::string from_utf16(std::string_view bytes);

}  // namespace writeback::expressions
