#define TOML_IMPLEMENTATION
#include "platform/config_section.hpp"

#include <algorithm>

namespace writeback {

namespace {

// Settings that people write by habit and that must not stand in the file.
struct InlineSecret {
    std::string_view key;
    std::string_view remedy;
};
constexpr InlineSecret inline_secrets[] = {
    {"client_secret", "client_secret_file"},
    {"secret", "client_secret_file"},
    {"certificate", "certificate_file"},
    {"private_key", "private_key_file"},
    {"federated_token", "federated_token_file"},
    {"client_state", "client_state_file"},
    {"password", "password_file"},
    {"bind_password", "password_file"},
    {"keytab", "keytab_file"},
    {"tls_private_key", "tls_private_key_file"},
    {"tls_certificate", "tls_certificate_file"},
};

}  // namespace

ConfigSection::ConfigSection(const toml::table* table, std::string name, ConfigRead& read)
    : table_(table), name_(std::move(name)), read_(read) {}

bool ConfigSection::given(std::string_view key) const {
    return table_ != nullptr && table_->contains(key);
}

const toml::node* ConfigSection::take(std::string_view key) {
    known_.emplace_back(key);
    return table_ == nullptr ? nullptr : table_->get(key);
}

void ConfigSection::text(std::string_view key, std::string& value, const TextCheck& check) {
    const auto* node = take(key);
    if (node == nullptr) return;
    const auto found = node->value_exact<std::string>();
    if (!found) return fail(key, "must be text in quotes");
    if (found->empty()) return fail(key, "is empty: give it a value, or leave the line out");
    if (check) {
        const auto wrong = check(*found);
        if (!wrong.empty()) return fail(key, in_quotes(*found) + " " + wrong);
    }
    value = *found;
}

void ConfigSection::secret_file(std::string_view key, std::string& value) {
    text(key, value);
    if (value.find('\n') != std::string::npos) {
        value.clear();
        fail(key, "holds several lines: name a file here, and put the secret into that file");
    }
}

void ConfigSection::texts(std::string_view key, std::vector<std::string>& values,
                          const TextCheck& check) {
    const auto* node = take(key);
    if (node == nullptr) return;
    const auto* array = node->as_array();
    if (array == nullptr) return fail(key, "must be a list of texts: write [\"…\", \"…\"]");
    if (array->empty()) return fail(key, "is an empty list: name at least one, or leave it out");
    std::vector<std::string> found;
    for (const auto& element : *array) {
        const auto text = element.value_exact<std::string>();
        if (!text || text->empty()) return fail(key, "must hold texts in quotes only");
        const auto wrong = check ? check(*text) : std::string();
        if (!wrong.empty()) return fail(key, in_quotes(*text) + " " + wrong);
        found.push_back(*text);
    }
    values = std::move(found);
}

void ConfigSection::flag(std::string_view key, bool& value) {
    const auto* node = take(key);
    if (node == nullptr) return;
    const auto found = node->value_exact<bool>();
    if (!found) return fail(key, "must be true or false, without quotes");
    value = *found;
}

void ConfigSection::duration(std::string_view key, Duration& value, Duration least, Duration most) {
    const auto* node = take(key);
    if (node == nullptr) return;
    const auto text = node->value_exact<std::string>();
    if (!text) return fail(key, "must be a duration in quotes, such as \"60s\"");
    const auto found = read_duration(*text);
    if (!found) return fail(key, in_quotes(*text) + " " + found.error().detail);
    if (*found < least || *found > most) {
        return fail(key, in_quotes(*text) + " is out of range: write a duration from " +
                             duration_text(least) + " to " + duration_text(most));
    }
    value = *found;
}

void ConfigSection::duration_or_never(std::string_view key, Duration& value, Duration least,
                                      Duration most) {
    if (table_ != nullptr) {
        const auto* node = table_->get(key);
        const auto text = node == nullptr ? std::nullopt : node->value_exact<std::string>();
        const auto found = text ? read_duration(*text) : Result<Duration>(least);
        if (found && *found == Duration::zero()) {
            known_.emplace_back(key);
            value = Duration::zero();
            return;
        }
    }
    duration(key, value, least, most);
}

void ConfigSection::size(std::string_view key, std::size_t& value, std::size_t least,
                         std::size_t most) {
    const auto* node = take(key);
    if (node == nullptr) return;
    std::size_t bytes = 0;
    if (const auto plain = node->value_exact<std::int64_t>()) {
        bytes = *plain < 0 ? 0 : static_cast<std::size_t>(*plain);
    } else if (const auto text = node->value_exact<std::string>()) {
        const auto found = read_size(*text);
        if (!found) return fail(key, in_quotes(*text) + " " + found.error().detail);
        bytes = *found;
    } else {
        return fail(key, "must be a size in quotes, such as \"1MiB\", or a number of bytes");
    }
    if (bytes < least || bytes > most) {
        return fail(key, "is out of range: write a size from " + size_text(least) + " to " +
                             size_text(most));
    }
    value = bytes;
}

void ConfigSection::limit(std::string_view key, Limit& value) {
    const auto* node = take(key);
    if (node == nullptr) return;
    if (const auto number = node->value_exact<std::int64_t>()) {
        if (*number < 0) return fail(key, "is negative: write 0 or more");
        value = Limit{static_cast<double>(*number), false};
        return;
    }
    const auto text = node->value_exact<std::string>();
    if (!text) return fail(key, "write a whole number, or a percentage such as \"5%\"");
    const auto found = read_percentage(*text);
    if (!found) return fail(key, in_quotes(*text) + " " + found.error().detail);
    value = *found;
}

std::optional<std::int64_t> ConfigSection::integer(std::string_view key, std::int64_t least,
                                                   std::int64_t most) {
    const auto* node = take(key);
    if (node == nullptr) return std::nullopt;
    const auto found = node->value_exact<std::int64_t>();
    if (!found) {
        fail(key, "must be a whole number, without quotes");
        return std::nullopt;
    }
    if (*found < least || *found > most) {
        fail(key, std::to_string(*found) + " is out of range: write a number from " +
                      std::to_string(least) + " to " + std::to_string(most));
        return std::nullopt;
    }
    return found;
}

void ConfigSection::all_texts(std::map<std::string, std::string>& values,
                              const std::function<std::string(const std::string& key)>& check_key) {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
        const std::string name(key.str());
        known_.push_back(name);
        const auto value = node.value_exact<std::string>();
        const auto wrong = value ? check_key(name) : std::string("must be text in quotes");
        if (wrong.empty()) {
            values[name] = *value;
        } else {
            fail(name, wrong);
        }
    }
}

void ConfigSection::fail(std::string_view key, const std::string& what) {
    const auto setting = name_ + "." + std::string(key);
    read_.errors.push_back(error_of(read_, setting, setting + ": " + what));
}

void ConfigSection::fail(const std::string& what) {
    read_.errors.push_back(error_of(read_, name_, "[" + name_ + "] " + what));
}

void ConfigSection::require(std::string_view key, const std::string& remedy) {
    if (!given(key)) fail(key, "is missing: " + remedy);
}

void ConfigSection::refuse_unknown() {
    if (table_ == nullptr) return;
    const std::vector<std::string_view> known(known_.begin(), known_.end());
    for (const auto& [key, node] : *table_) {
        const auto name = key.str();
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const InlineSecret* secret = nullptr;
        for (const auto& candidate : inline_secrets) {
            if (candidate.key == name &&
                std::find(known.begin(), known.end(), candidate.remedy) != known.end()) {
                secret = &candidate;
            }
        }
        if (secret != nullptr) {
            fail(name,
                 "secrets do not stand in this file: write it into a file of its own, and "
                 "name that with " +
                     std::string(secret->remedy));
        } else if (const auto near = nearest(name, known); !near.empty()) {
            fail(name, "unknown key; did you mean " + std::string(near) + "?");
        } else {
            fail(name, "unknown key; take it out ([" + name_ + "] knows " + list(known) + ")");
        }
    }
}

std::string ConfigSection::list(const std::vector<std::string_view>& words) {
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i != 0) result += i + 1 == words.size() ? " or " : ", ";
        result += "\"" + std::string(words[i]) + "\"";
    }
    return result;
}

}  // namespace writeback
