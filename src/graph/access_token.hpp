// The access token for Graph: asked for once, kept until shortly before its end, asked for again by
// one call while the others wait.
//
// Failures: credentials, with Entra ID's AADSTS code and what to do; invalid_configuration for the
// files it needs, which are read for each request; unavailable, throttled and the HTTP client's
// otherwise. Nothing is retried here. Units: a token is renewed 5 minutes before its end, or when a
// fifth of its life is left, whichever is later; while renewing fails for a passing reason, the old
// one serves to its end. Threads: one. Cancellation: the HTTP client's stop.
#pragma once

#include "graph/http_sender.hpp"
#include "graph/managed_identity.hpp"

#include <writeback/async.hpp>
#include <writeback/clock.hpp>
#include <writeback/config.hpp>
#include <writeback/log.hpp>
#include <writeback/random.hpp>
#include <writeback/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace writeback {

// What the token endpoint answered.
struct IssuedToken {
    std::string text;
    Duration lifetime{};
};
[[nodiscard]] Result<IssuedToken> parse_token_answer(const HttpAnswer& answer, Instant now);

class AccessToken {
 public:
    AccessToken(const GraphConfig& config, HttpSender& http, Clock& clock, Random& random, Log& log,
                Metrics& metrics, ManagedIdentityPlaces places = {});
    AccessToken(const AccessToken&) = delete;
    AccessToken& operator=(const AccessToken&) = delete;

    Async<Result<std::string>> get();
    // Graph refused this token. Another one that has come meanwhile stays.
    void drop(const std::string& refused);

 private:
    struct Flight {
        bool landed = false;
        Result<std::string> outcome{std::string()};
        std::vector<Alarm*> waiting;
    };

    Async<Result<std::string>> wait_for(std::shared_ptr<Flight> flight);
    [[nodiscard]] Failure held(Duration left) const;
    Result<std::string> keep(Result<IssuedToken> issued);
    Async<Result<IssuedToken>> ask();
    [[nodiscard]] Failure without_secret(Failure told) const;
    [[nodiscard]] Result<std::string> credential(const std::string& token_url);
    Async<Result<HttpAnswer>> post();

    GraphConfig config_;
    CloudAddresses addresses_;
    HttpSender& http_;
    Clock& clock_;
    Random& random_;
    Log& log_;
    Metrics& metrics_;
    ManagedIdentityPlaces places_;
    std::string token_;
    Duration renew_at_{};  // on the monotonic clock
    Duration ends_at_{};
    Duration held_until_{};  // by a Retry-After
    std::shared_ptr<Flight> flight_;
};

}  // namespace writeback
