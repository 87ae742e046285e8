// The token endpoint's answer: a token, or why there is none; and the times that headers and bodies
// name.
//
// The input's first line is the status and a Retry-After header, the rest is the body. Properties:
// a token can stand in a header; its life is positive and has an end; a failure is one printable
// line, and repeats no token; waits are never negative and have an end.
#include "graph/access_token.hpp"
#include "graph/timestamp.hpp"
#include "property.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

constexpr auto longest = std::chrono::hours(24 * 366);

// The body's access_token, when it is long enough to be recognised.
std::string token_in(std::string_view body) {
    boost::system::error_code error;
    const auto document = boost::json::parse(body, error);
    if (error || !document.is_object()) return {};
    const auto* token = document.get_object().if_contains("access_token");
    if (token == nullptr || !token->is_string() || token->get_string().size() < 12) return {};
    return std::string(token->get_string());
}

void check_times(std::string_view text, Instant now) {
    if (const auto wait = parse_retry_after(text, now)) {
        require(wait->count() >= 0, "no wait is negative", text);
        require(*wait <= longest, "every wait has an end", text);
    }
    if (const auto time = parse_timestamp(text)) {
        const auto years = std::chrono::hours(24 * 366) * 10'000;
        require(time->time_since_epoch() <= years && time->time_since_epoch() >= -years,
                "a time lies within the calendar", text);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto body = text_of(data, size);
    auto head = take_line(body);
    HttpAnswer answer;
    const auto status = head.substr(0, head.find(' '));
    std::from_chars(status.data(), status.data() + status.size(), answer.status);
    head.remove_prefix(std::min(head.size(), status.size() + 1));
    answer.headers.emplace_back("Retry-After", std::string(head));
    answer.body = body;

    const Instant now(Duration(1'700'000'000'000));
    check_times(head, now);
    const auto issued = parse_token_answer(answer, now);
    if (issued) {
        require(answer.status == 200, "only 200 brings a token");
        require(!issued->text.empty() && std::all_of(issued->text.begin(), issued->text.end(),
                                                     [](char c) { return c > ' ' && c < '\x7f'; }),
                "a token can stand in a header");
        require(issued->lifetime.count() > 0 && issued->lifetime <= longest,
                "a token's life is positive and has an end");
        return 0;
    }
    const auto& why = issued.error();
    require(!why.detail.empty() && why.detail.size() < 4096, "a failure is a sentence");
    require(is_one_line(why.detail) && is_one_line(why.code), "a failure is one line", why.detail);
    if (why.retry_after) require(why.retry_after->count() >= 0, "no wait is negative");
    // An endpoint that speaks in tongues must not bring a token into the log.
    const auto token = token_in(body);
    const bool told_elsewhere = !token.empty() && body.find(token) != body.rfind(token);
    require(token.empty() || told_elsewhere || why.detail.find(token) == std::string::npos,
            "a failure repeats no token", why.detail);
    return 0;
}
