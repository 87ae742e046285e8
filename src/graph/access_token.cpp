#include "graph/access_token.hpp"

#include "graph/client_assertion.hpp"
#include "graph/json_value.hpp"
#include "graph/timestamp.hpp"
#include "platform/secret_file.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace writeback {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

constexpr Duration renewal_margin = 5min;
constexpr Duration renewal_pause = 30s;      // after a renewal that failed while the old one holds
constexpr Duration longest_hold = 1h;        // that a Retry-After is believed
constexpr Duration assumed_lifetime = 5min;  // of a token that doesn't say

struct Remedy {
    std::string_view code;
    std::string_view sentence;
};
constexpr Remedy remedies[] = {
    {"AADSTS7000215",
     "Write the secret's value (not its id) into client_secret_file, or make a new secret."},
    {"AADSTS7000222",
     "The secret has expired: make a new one and write it into client_secret_file."},
    {"AADSTS7000216", "Set client_secret_file, or certificate_file and private_key_file."},
    {"AADSTS700016", "Check client_id, and that the application is in this tenant."},
    {"AADSTS700027", "Upload this certificate to the application, or check private_key_file."},
    {"AADSTS700024", "The assertion is out of its time: check this machine's clock."},
    {"AADSTS700211", "Add a federated credential for this issuer to the application."},
    {"AADSTS700213", "Add a federated credential for this subject to the application."},
    {"AADSTS900023", "Check tenant_id."},
    {"AADSTS90002", "Check tenant_id, and that `cloud` is the tenant's."},
    {"AADSTS500011", "Check that `cloud` is the tenant's."},
    {"AADSTS50001", "Check that `cloud` is the tenant's."},
    {"AADSTS70011", "Check that `cloud` is the tenant's."},
};

bool is_sendable_token(std::string_view token) {
    return !token.empty() &&
           std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// "AADSTS7000215", from the description, or from error_codes.
std::string error_code_of(const json::object& document, const std::string& description) {
    if (description.starts_with("AADSTS")) {
        const auto end = description.find_first_not_of("0123456789", 6);
        return description.substr(0, end);
    }
    const json::value* codes = document.if_contains("error_codes");
    if (codes != nullptr && codes->is_array() && !codes->get_array().empty() &&
        codes->get_array().front().is_int64()) {
        return "AADSTS" + std::to_string(codes->get_array().front().get_int64());
    }
    return text_at(document, "error");
}

Failure token_refused(const HttpAnswer& answer, Instant now) {
    const auto document = parse_object(answer.body, "The token endpoint's answer");
    const json::object nothing;
    const json::object& error = document.has_value() ? *document : nothing;
    std::string description = text_at(error, "error_description");
    description = excerpt(description.substr(0, description.find_first_of("\r\n")));
    const std::string code = excerpt(error_code_of(error, description));
    const std::string kind_of_error = text_at(error, "error");

    const bool passing = answer.status == 429 || answer.status == 408 || answer.status >= 500 ||
                         kind_of_error == "temporarily_unavailable";
    FailureKind kind = passing ? FailureKind::unavailable : FailureKind::credentials;
    if (answer.status == 429) kind = FailureKind::throttled;
    std::string detail = "Entra ID gave no token: HTTP " + std::to_string(answer.status);
    if (!code.empty()) detail += " " + code;
    if (!description.empty()) detail += ", \"" + description + "\"";
    detail += ".";
    for (const Remedy& remedy : remedies) {
        if (remedy.code == code) detail += " " + std::string(remedy.sentence);
    }
    Failure told = failure(kind, std::move(detail),
                           code.empty() ? "HTTP " + std::to_string(answer.status) : code);
    told.retry_after = parse_retry_after(answer.header("Retry-After"), now);
    return told;
}

// expires_in is a number, and from managed identities a text.
Duration lifetime_of(const json::object& document) {
    const json::value* value = document.if_contains("expires_in");
    std::int64_t count = 0;
    if (value != nullptr && value->is_int64()) count = value->get_int64();
    if (value != nullptr && value->is_string()) {
        const auto& text = value->get_string();
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    constexpr std::int64_t longest = 7 * 24 * 3600;
    if (count <= 0) return assumed_lifetime;
    return std::chrono::seconds(std::min(count, longest));
}

bool is_passing(FailureKind kind) {
    return kind == FailureKind::unreachable || kind == FailureKind::timed_out ||
           kind == FailureKind::disconnected || kind == FailureKind::throttled ||
           kind == FailureKind::unavailable;
}

}  // namespace

Result<IssuedToken> parse_token_answer(const HttpAnswer& answer, Instant now) {
    if (answer.status != 200) return token_refused(answer, now);
    const auto document = parse_object(answer.body, "The token endpoint's answer");
    if (document.has_error()) return document.error();
    IssuedToken issued{text_at(*document, "access_token"), lifetime_of(*document)};
    if (!is_sendable_token(issued.text)) {
        return failure(FailureKind::unreadable,
                       "The token endpoint's answer holds no access token. Check `authority`.");
    }
    return issued;
}

AccessToken::AccessToken(const GraphConfig& config, HttpSender& http, Clock& clock, Random& random,
                         Log& log, Metrics& metrics, ManagedIdentityPlaces places)
    : config_(config),
      addresses_(addresses_of(config)),
      http_(http),
      clock_(clock),
      random_(random),
      log_(log),
      metrics_(metrics),
      places_(std::move(places)) {}

void AccessToken::drop(const std::string& refused) {
    if (token_ == refused) token_.clear();
}

Async<Result<std::string>> AccessToken::get() {
    const Duration now = clock_.monotonic();
    const bool serves = !token_.empty() && now < ends_at_;
    if (serves && (now < renew_at_ || flight_)) co_return token_;
    if (flight_) co_return co_await wait_for(flight_);
    if (now < held_until_) co_return held(held_until_ - now);

    const auto flight = std::make_shared<Flight>();
    flight_ = flight;
    auto issued = co_await ask();
    flight->outcome = keep(std::move(issued));
    flight->landed = true;
    flight_.reset();
    for (Alarm* alarm : flight->waiting)
        alarm->ring();
    co_return flight->outcome;
}

Async<Result<std::string>> AccessToken::wait_for(std::shared_ptr<Flight> flight) {
    const auto alarm = clock_.alarm();
    flight->waiting.push_back(alarm.get());
    // The one who asks has deadlines of its own and always lands.
    while (!flight->landed)
        co_await alarm->wait_for(config_.request_timeout);
    co_return flight->outcome;
}

Failure AccessToken::held(Duration left) const {
    Failure told = failure(FailureKind::throttled, "Entra ID asked to wait before the next token.",
                           "HTTP 429");
    told.retry_after = left;
    return told;
}

Result<std::string> AccessToken::keep(Result<IssuedToken> issued) {
    const Duration now = clock_.monotonic();
    if (issued.has_value()) {
        token_ = std::move(issued->text);
        ends_at_ = now + issued->lifetime;
        renew_at_ = ends_at_ - std::min(renewal_margin, issued->lifetime / 5);
        return token_;
    }
    log_.write(LogLevel::warning, "token-request-failed",
               {{"kind", name_of(issued.error().kind)}, {"detail", issued.error().detail}});
    if (issued.error().retry_after) {
        held_until_ = now + std::min(*issued.error().retry_after, longest_hold);
    }
    if (!token_.empty() && now < ends_at_ && is_passing(issued.error().kind)) {
        renew_at_ = now + renewal_pause;
        return token_;
    }
    return issued.error();
}

Async<Result<IssuedToken>> AccessToken::ask() {
    const auto answer = co_await post();
    const std::string code = answer.has_value() ? std::to_string(answer->status)
                                                : std::string(name_of(answer.error().kind));
    metrics_.add("graph_requests_total", {{"operation", "token"}, {"code", code}});
    if (answer.has_error()) co_return answer.error();
    auto issued = parse_token_answer(*answer, clock_.now());
    if (issued.has_error()) co_return without_secret(issued.error());
    co_return issued;
}

// A token endpoint's own words may repeat what it was sent, and they go into the log.
Failure AccessToken::without_secret(Failure told) const {
    const auto secret = config_.client_secret_file.empty()
                            ? Result<std::string>(std::string())
                            : read_secret(config_.client_secret_file);
    if (secret.has_error() || secret->empty()) return told;
    for (const std::string& shown : {*secret, percent_encoded(*secret)}) {
        for (std::string* text : {&told.detail, &told.code}) {
            for (auto at = text->find(shown); at != std::string::npos; at = text->find(shown, at)) {
                text->replace(at, shown.size(), "…");
            }
        }
    }
    return told;
}

// The part of the form that proves who we are.
Result<std::string> AccessToken::credential(const std::string& token_url) {
    if (!config_.client_secret_file.empty()) {
        const auto secret = read_secret(config_.client_secret_file);
        if (secret.has_error()) return secret.error();
        return "&client_secret=" + percent_encoded(*secret);
    }
    Result<std::string> assertion =
        config_.federated_token_file.empty()
            ? client_assertion(config_.certificate_file, config_.private_key_file,
                               {config_.client_id, token_url, random_.guid(), clock_.now()})
            : read_secret(config_.federated_token_file);
    if (assertion.has_error()) return assertion.error();
    return "&client_assertion_type=" +
           percent_encoded("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") +
           "&client_assertion=" + percent_encoded(*assertion);
}

Async<Result<HttpAnswer>> AccessToken::post() {
    if (config_.managed_identity) {
        co_return co_await ask_managed_identity(http_, places_, addresses_.resource,
                                                config_.client_id);
    }
    const std::string url =
        addresses_.authority + "/" + percent_encoded(config_.tenant_id) + "/oauth2/v2.0/token";
    auto address = parse_address(url);
    if (!address) {
        co_return failure(FailureKind::invalid_configuration,
                          "`authority` must be an address like https://login.example.com.");
    }
    const auto proof = credential(url);
    if (proof.has_error()) co_return proof.error();
    ClientRequest request;
    request.method = "POST";
    request.address = std::move(*address);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"},
                       {"client-request-id", random_.guid()}};
    request.body = "grant_type=client_credentials&client_id=" + percent_encoded(config_.client_id) +
                   "&scope=" + percent_encoded(addresses_.resource + "/.default") + *proof;
    co_return co_await http_.send(std::move(request));
}

}  // namespace writeback
