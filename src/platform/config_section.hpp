// One section of the configuration file while it is read: takes its settings by name and type,
// collects what is wrong, and at the end refuses what nobody asked for.
//
// A setting that is wrong leaves the value as it was and adds an error, so that all errors of a
// file are found in one reading. Private to config_file. Threads: one.
#pragma once

#include "platform/config_file.hpp"
#include "platform/setting_text.hpp"

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 0
// toml++ 3.3 takes for granted what a file may break, "[# x" for one: an abort, or in a release
// undefined behaviour. Behind each of these assumptions stands a check that tells the error.
#define TOML_ASSERT(condition) static_cast<void>(0)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace writeback {

// Judges a text: an empty answer, or half a sentence that says what is wrong with it.
using TextCheck = std::function<std::string(const std::string& text)>;

template <class Word>
using Words = std::vector<std::pair<std::string_view, Word>>;

class ConfigSection {
 public:
    // `table` may be null: the section is absent, nothing is given.
    ConfigSection(const toml::table* table, std::string name, ConfigRead& read);

    [[nodiscard]] bool present() const { return table_ != nullptr; }
    [[nodiscard]] bool given(std::string_view key) const;

    void text(std::string_view key, std::string& value, const TextCheck& check = {});
    // A path whose text is not repeated in messages, for it could be the secret itself.
    void secret_file(std::string_view key, std::string& value);
    void texts(std::string_view key, std::vector<std::string>& values, const TextCheck& check = {});
    void flag(std::string_view key, bool& value);
    void duration(std::string_view key, Duration& value, Duration least, Duration most);
    // The same, where "0s" says never.
    void duration_or_never(std::string_view key, Duration& value, Duration least, Duration most);
    void size(std::string_view key, std::size_t& value, std::size_t least, std::size_t most);
    void limit(std::string_view key, Limit& value);
    template <std::integral Integer>
    void number(std::string_view key, Integer& value, std::int64_t least, std::int64_t most) {
        if (const auto found = integer(key, least, most)) value = static_cast<Integer>(*found);
    }
    template <class Word>
    void word(std::string_view key, Word& value, const Words<Word>& words) {
        std::string found;
        text(key, found);
        if (found.empty()) return;
        for (const auto& [name, meaning] : words) {
            if (name == found) {
                value = meaning;
                return;
            }
        }
        std::vector<std::string_view> names;
        for (const auto& entry : words)
            names.push_back(entry.first);
        fail(key, in_quotes(found) + " is not one of " + list(names));
    }
    // Every setting of the section as text, which may be empty, for [mapping].
    void all_texts(std::map<std::string, std::string>& values,
                   const std::function<std::string(const std::string& key)>& check_key);

    // An error of a setting, where it stands or, when it is not given, at its section.
    void fail(std::string_view key, const std::string& what);
    // An error of the section as a whole.
    void fail(const std::string& what);
    // Adds an error when the setting is not given.
    void require(std::string_view key, const std::string& remedy);
    // To be called last: refuses the settings that none of the calls above has asked for.
    void refuse_unknown();

    // `"a", "b" or "c"`
    [[nodiscard]] static std::string list(const std::vector<std::string_view>& words);

 private:
    const toml::node* take(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t least,
                                        std::int64_t most);

    const toml::table* table_;
    std::string name_;
    ConfigRead& read_;
    std::vector<std::string> known_;
};

}  // namespace writeback
