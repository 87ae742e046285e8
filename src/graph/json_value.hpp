// JSON as Graph sends it: parsing within limits, and reading members that may be missing, null or
// of another type than they should be. Pure.
//
// Failures: an error sentence, never an exception. Limits: nesting; the size is the HTTP client's.
#pragma once

#include <writeback/mirror.hpp>
#include <writeback/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace writeback {

inline constexpr std::size_t max_json_nesting = 32;

// The document as an object; `what` names it in the failure (unreadable).
[[nodiscard]] Result<boost::json::object> parse_object(std::string_view text,
                                                       std::string_view what);

// The member's text; empty when it is missing, null or no string.
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view name);

// A peer's own words as one of our sentences repeats them: one line of at most 300 bytes.
[[nodiscard]] std::string excerpt(std::string text);

// Reads members of one object into patches; the first one of a wrong type is remembered.
class ObjectReader {
 public:
    explicit ObjectReader(const boost::json::object& object) : object_(object) {}

    void read(std::string_view name, Patch<std::string>& patch);
    void read(std::string_view name, Patch<bool>& patch);
    void read(std::string_view name, Patch<std::vector<std::string>>& patch);
    // A member that is there and not null.
    [[nodiscard]] const boost::json::value* member(std::string_view name) const;

    void refuse(std::string why) {
        if (error_.empty()) error_ = std::move(why);
    }
    [[nodiscard]] const std::string& error() const { return error_; }

 private:
    const boost::json::object& object_;
    std::string error_;
};

}  // namespace writeback
