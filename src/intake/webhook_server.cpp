#include "intake/webhook_server.hpp"

namespace writeback {

namespace {

HttpLimits limits_of(const WebhookConfig& config) {
    HttpLimits limits;
    limits.max_head = config.max_head;
    limits.max_body = config.max_body;
    limits.max_body_total = config.max_body_total;
    limits.head_timeout = config.head_timeout;
    limits.body_timeout = config.body_timeout;
    limits.idle_timeout = config.idle_timeout;
    limits.max_connections = config.max_connections;
    return limits;
}

}  // namespace

Result<std::unique_ptr<WebhookServer>> WebhookServer::open(boost::asio::any_io_executor executor,
                                                           WebhookConfig config,
                                                           NotificationSink& sink, Log& log,
                                                           Metrics& metrics, Clock& clock) {
    std::shared_ptr<boost::asio::ssl::context> tls;
    if (!config.tls_certificate_file.empty()) {
        auto context = server_tls(config.tls_certificate_file, config.tls_private_key_file);
        if (context.has_error()) return context.error();
        tls = std::move(*context);
    }
    auto listener = listen(executor, config.listen, std::move(tls));
    if (listener.has_error()) return listener.error();
    return std::unique_ptr<WebhookServer>(
        new WebhookServer(config, std::move(*listener), sink, log, metrics, clock));
}

WebhookServer::WebhookServer(const WebhookConfig& config, std::unique_ptr<Listener> listener,
                             NotificationSink& sink, Log& log, Metrics& metrics, Clock& clock)
    : listener_(std::move(listener)),
      answers_(config, sink, log, metrics, clock),
      server_(
          *listener_, [this](HttpRequest request) { return answers_.answer(std::move(request)); },
          limits_of(config), log) {}

Async<void> WebhookServer::run() {
    return server_.run();
}

void WebhookServer::stop(Duration grace) {
    server_.stop(grace);
}

std::string WebhookServer::address() const {
    return listener_->address();
}

}  // namespace writeback
