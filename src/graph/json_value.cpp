#include "graph/json_value.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>

#include <algorithm>

namespace writeback {

namespace json = boost::json;

Result<json::object> parse_object(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = max_json_nesting;
    boost::system::error_code error;
    json::value value = json::parse(text, error, {}, options);
    if (error) {
        return failure(FailureKind::unreadable,
                       std::string(what) + " is no JSON: " + error.message() + ".");
    }
    if (!value.is_object()) {
        return failure(FailureKind::unreadable, std::string(what) + " is no JSON object.");
    }
    return std::move(value.as_object());
}

std::string excerpt(std::string text) {
    constexpr std::size_t longest = 300;
    if (text.size() > longest) {
        std::size_t end = longest;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
            --end;
        text = text.substr(0, end) + "…";
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
    return text;
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

const json::value* ObjectReader::member(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void ObjectReader::read(std::string_view name, Patch<std::string>& patch) {
    patch.present = object_.contains(name);
    const json::value* value = member(name);
    if (value == nullptr) return;
    if (!value->is_string()) return refuse(std::string(name) + " is no text");
    patch.value = std::string(value->get_string());
}

void ObjectReader::read(std::string_view name, Patch<bool>& patch) {
    patch.present = object_.contains(name);
    const json::value* value = member(name);
    if (value == nullptr) return;
    if (!value->is_bool()) return refuse(std::string(name) + " is neither true nor false");
    patch.value = value->get_bool();
}

void ObjectReader::read(std::string_view name, Patch<std::vector<std::string>>& patch) {
    patch.present = object_.contains(name);
    const json::value* value = member(name);
    if (value == nullptr) return;
    if (!value->is_array()) return refuse(std::string(name) + " is no list");
    std::vector<std::string> texts;
    for (const json::value& element : value->get_array()) {
        if (!element.is_string()) return refuse(std::string(name) + " holds what is no text");
        texts.emplace_back(element.get_string());
    }
    patch.value = std::move(texts);
}

}  // namespace writeback
