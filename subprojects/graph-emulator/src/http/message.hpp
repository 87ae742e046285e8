// HTTP requests and responses as values, and the parts of a URL.
//
// Failures: a malformed escape or query is taken literally; nothing here refuses. Header names
// compare without case. Ownership: everything by value. Threads: no shared state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emulator {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string_view> header_of(const Headers& headers, std::string_view name);

/// Decoded query or form parameters; of a repeated name the last value counts.
using Parameters = std::map<std::string, std::string, std::less<>>;
Parameters parse_parameters(std::string_view encoded);

struct Request {
    std::string method;
    std::string target;  ///< as sent: path and query
    Headers headers;
    std::string body;
    /// The emulator itself asks: no token is needed, no fault strikes, and nothing is counted.
    bool trusted = false;

    std::string_view path() const;
    std::string_view query() const;
    std::optional<std::string_view> header(std::string_view name) const {
        return header_of(headers, name);
    }
};

/// How the server sends a response; all but `whole` are faults on demand.
enum class Delivery { whole, cut_in_the_middle };

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    Delivery delivery = Delivery::whole;

    Response& with(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

std::string_view reason_phrase(int status);

}  // namespace emulator
