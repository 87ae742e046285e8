// How a directory compares texts: what counts as the same name.
//
// Windows ignores case, accents, the width of characters and the kind of kana; Samba ignores case
// and takes several blanks for one. Failures: a text that is not UTF-8 has no key. Limits: none.
// Threads: pure, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace writeback::fakes {

enum class DirectoryDialect { samba, windows };

// Texts that the dialect takes for equal have equal keys; nothing for what is not UTF-8.
[[nodiscard]] std::optional<std::string> comparison_key(std::string_view text,
                                                        DirectoryDialect dialect);
// The length as Active Directory counts it. The text must be UTF-8.
[[nodiscard]] std::size_t utf16_length(std::string_view text);

// ASCII alone, for names of attributes and classes.
[[nodiscard]] std::string lower(std::string_view text);

}  // namespace writeback::fakes
