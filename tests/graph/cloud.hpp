// A Graph client on models, against a scripted peer that is token endpoint and Graph in one.
#pragma once

#include "fakes.hpp"
#include "graph/graph.hpp"
#include "platform/loopback.hpp"
#include "scripted_peer.hpp"

#include <memory>
#include <string>
#include <utility>

namespace cloud {

inline constexpr const char* tenant = "11111111-2222-3333-4444-555555555555";
inline constexpr const char* client = "66666666-7777-8888-9999-000000000000";

inline bool asks_for_token(const scripted::Question& question) {
    return question.target().find("/oauth2/v2.0/token") != std::string::npos;
}

inline scripted::Reply token(const std::string& text, int seconds = 3599) {
    return scripted::answer(200, R"({"token_type":"Bearer","expires_in":)" +
                                     std::to_string(seconds) + R"(,"access_token":")" + text +
                                     R"("})");
}

// Members are built in this order and destroyed in reverse: the client goes before its context.
struct ScriptedCloud {
    explicit ScriptedCloud(scripted::Peer::Script script)
        : ScriptedCloud(std::move(script), [](auto&) {}) {}
    ScriptedCloud(scripted::Peer::Script script,
                  const std::function<void(writeback::GraphConfig&)>& configure,
                  std::shared_ptr<boost::asio::ssl::context> tls = nullptr)
        : peer(
              context,
              [this, script = std::move(script)](const scripted::Question& question) {
                  if (!asks_for_token(question)) return script(question);
                  return token_reply ? token_reply(question) : token("token-1");
              },
              std::move(tls)) {
        config.tenant_id = tenant;
        config.client_id = client;
        config.client_secret_file = directory.write("secret", "s3cret value\n");
        config.authority = peer.url();
        config.endpoint = peer.url();
        config.request_timeout = std::chrono::seconds(10);
        configure(config);
        graph = std::make_unique<writeback::Graph>(config, clock, random, log, metrics);
    }

    // The client begins anew, and asks for these.
    void select(writeback::GroupSelection selection) {
        graph = std::make_unique<writeback::Graph>(config, clock, random, log, metrics,
                                                   std::move(selection));
    }

    void run(writeback::Async<void> story) { loopback::run(context, std::move(story)); }

    // What Graph itself was asked, without the token endpoint.
    [[nodiscard]] std::vector<scripted::Question> calls() const {
        std::vector<scripted::Question> found;
        for (const auto& question : peer.questions) {
            if (!asks_for_token(question)) found.push_back(question);
        }
        return found;
    }
    [[nodiscard]] std::string link(const std::string& target) const { return peer.url() + target; }

    loopback::Directory directory;
    boost::asio::io_context context;
    std::function<scripted::Reply(const scripted::Question&)> token_reply;
    scripted::Peer peer;
    fakes::ModelClock clock;
    fakes::CountingRandom random;
    fakes::KeptLog log;
    fakes::KeptMetrics metrics;
    writeback::GraphConfig config;
    std::unique_ptr<writeback::Graph> graph;
};

}  // namespace cloud
