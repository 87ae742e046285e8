// The status as a page for browsers: no scripts, nothing loaded from anywhere.
#include "admin/status.hpp"
#include "admin/status_words.hpp"

#include <openssl/evp.h>

#include <array>

namespace writeback {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0;
  border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
.state { padding: .1rem .5rem; border: 2px solid; border-radius: .3rem; }
footer { margin-top: 2rem; }
)";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string style_hash() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(style.data(), style.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> text{};
    const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

std::string row(std::string_view element, const std::vector<std::string>& cells) {
    std::string text = "<tr>";
    for (const auto& cell : cells) {
        text.append("<").append(element).append(element == "th" ? " scope=\"col\">" : ">");
        text += escaped(cell);
        text.append("</").append(element).append(">");
    }
    return text + "</tr>\n";
}

std::string held_table(const Status& status, Instant now) {
    if (status.held.empty()) return {};
    std::string text = "<h2>Held</h2>\n<table>\n<thead>" +
                       row("th", {"Id", "Group", "Reason", "For", "What, why, and what to do"}) +
                       "</thead>\n<tbody>\n";
    for (const auto& hold : status.held) {
        const auto decision = decision_words(hold);
        text += row("td", {hold.id, hold.name, std::string(name_of(hold.reason)),
                           duration_words(now - hold.since),
                           hold.detail + (decision.empty() ? "" : " (" + decision + ")")});
    }
    return text + "</tbody>\n</table>\n";
}

std::string errors_table(const Status& status) {
    if (status.counts.last_errors.empty()) return {};
    std::string text = "<h2>Last errors</h2>\n<table>\n<thead>" + row("th", {"Group", "Error"}) +
                       "</thead>\n<tbody>\n";
    for (const auto& [group, error] : status.counts.last_errors)
        text += row("td", {group, error});
    return text + "</tbody>\n</table>\n";
}

}  // namespace

std::string status_page(const Status& status, Instant now) {
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>group-writeback: " +
        escaped(status.state) + "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>" +
        std::string(style) + "</style>\n</head>\n<body>\n<main>\n<h1>group-writeback " +
        "<span class=\"state\">" + escaped(status.state) + "</span></h1>\n";
    if (!status.problems.empty()) {
        page += "<ul>\n";
        for (const auto& problem : status.problems)
            page += "<li>" + escaped(problem) + "</li>\n";
        page += "</ul>\n";
    }
    page += "<table>\n<tbody>\n";
    auto facts = status_facts(status, now);
    if (!status.policy.empty()) facts.insert(facts.begin(), {"Policy", status.policy});
    for (const auto& [name, sentence] : facts) {
        page += "<tr><th scope=\"row\">" + escaped(name) + "</th><td>" + escaped(sentence) +
                "</td></tr>\n";
    }
    page += "</tbody>\n</table>\n" + held_table(status, now) + errors_table(status) +
            "</main>\n<footer>Version " + escaped(status.version) + ", as of " + to_text(now) +
            ". <a href=\"/api/v1/status\">JSON</a> <a href=\"/metrics\">Metrics</a></footer>\n"
            "</body>\n</html>\n";
    return page;
}

const std::string& status_page_policy() {
    static const std::string policy = "default-src 'none'; style-src 'sha256-" + style_hash() +
                                      "'; img-src data:; base-uri 'none'; form-action 'none'; "
                                      "frame-ancestors 'none'";
    return policy;
}

}  // namespace writeback
