#include "directory/directory_connector.hpp"

#include <utility>

namespace writeback {

DirectoryConnector::DirectoryConnector(boost::asio::any_io_executor executor,
                                       DirectoryConfig config)
    : executor_(std::move(executor)), config_(std::move(config)) {}

Async<Result<std::shared_ptr<LdapOperations>>> DirectoryConnector::connect(std::string url) {
    LdapLimits limits;
    limits.connect_timeout = config_.connect_timeout;
    limits.operation_timeout = config_.operation_timeout;
    limits.window = config_.window;
    limits.queue = config_.queue;
    limits.reply = config_.max_reply;
    const bool simple = config_.bind == Bind::simple;
    const LdapEndpoint endpoint{std::move(url), config_.start_tls, config_.ca_file};
    const LdapCredentials credentials{config_.bind, simple ? config_.bind_dn : config_.principal,
                                      simple ? config_.password_file : config_.keytab_file};
    opening_ = std::make_shared<LdapOpening>(executor_, endpoint, credentials, limits);
    auto opened = co_await opening_->run();
    opening_ = nullptr;
    if (!opened) co_return opened.error();
    co_return std::shared_ptr<LdapOperations>(std::move(*opened));
}

void DirectoryConnector::cancel() {
    if (opening_) opening_->cancel();
}

}  // namespace writeback
