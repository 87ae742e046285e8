// A value, or the refusal that Microsoft Graph would answer with.
//
// Failures: none of its own; asking for the value of a refusal is a bug and throws
// std::bad_variant_access. Ownership: both alternatives are held by value. Threads: no shared
// state.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace emulator {

/// What Graph's error envelope needs: the HTTP status, the stable code and the text for people.
struct Refusal {
    int status = 400;
    std::string code = "Request_BadRequest";
    std::string message;
};

template <class Value>
class [[nodiscard]] Result {
 public:
    Result(Value value) : content_(std::move(value)) {}
    Result(Refusal refusal) : content_(std::move(refusal)) {}

    explicit operator bool() const { return std::holds_alternative<Value>(content_); }
    const Value& operator*() const { return std::get<Value>(content_); }
    Value& operator*() { return std::get<Value>(content_); }
    const Value* operator->() const { return &std::get<Value>(content_); }
    const Refusal& refusal() const { return std::get<Refusal>(content_); }

 private:
    std::variant<Value, Refusal> content_;
};

/// For checks that yield nothing but a possible refusal.
using Verdict = std::optional<Refusal>;

}  // namespace emulator
