#include "directory/active_directory.hpp"

#include "directory/directory_connector.hpp"
#include "directory/directory_session.hpp"
#include "directory/forest_principals.hpp"
#include "directory/group_reader.hpp"
#include "directory/group_writer.hpp"

#include <utility>

namespace writeback {

namespace {

// Coroutines begin later; these hold the session from the call on.
Async<void> keep(std::shared_ptr<DirectorySession> session) {
    co_await session->keep_connected();
}

Async<void> end(std::shared_ptr<DirectorySession> session,
                std::shared_ptr<ForestPrincipals> principals) {
    co_await principals->stop();
    co_await session->stop();
}

Async<Result<std::vector<RightsFinding>>> check(std::shared_ptr<DirectorySession> session,
                                                std::set<std::string> attributes) {
    co_return co_await check_directory_rights(*session, session->config(), std::move(attributes));
}

Async<Result<std::vector<Dn>>> missing(std::shared_ptr<DirectorySession> session) {
    co_return co_await find_missing_containers(*session);
}

Async<Result<Done>> make(std::shared_ptr<DirectorySession> session, Dn container) {
    co_return co_await create_container(*session, std::move(container));
}

Async<Result<DelegationCommands>> commands(std::shared_ptr<DirectorySession> session,
                                           std::set<std::string> attributes) {
    co_return co_await delegation_commands(*session, std::move(attributes));
}

LdapConnectors over_ldap(boost::asio::any_io_executor executor, DirectoryConfig config) {
    return [executor = std::move(executor), config = std::move(config)](LdapServerKind) {
        return std::make_unique<DirectoryConnector>(executor, config);
    };
}

}  // namespace

ActiveDirectory::ActiveDirectory(boost::asio::any_io_executor executor, DirectoryConfig config,
                                 Clock& clock, Log& log, Metrics& metrics,
                                 LdapConnectors connectors)
    : session_(std::make_shared<DirectorySession>(
          config, clock, log, metrics,
          connectors ? std::move(connectors) : over_ldap(std::move(executor), config))),
      principals_(std::make_shared<ForestPrincipals>(session_)),
      reader_(std::make_unique<GroupReader>(session_, principals_)) {}

ActiveDirectory::~ActiveDirectory() {
    session_->on_change(nullptr);
    principals_->close();
    session_->close();
}

DirectoryReader& ActiveDirectory::reader() {
    return *reader_;
}

DirectoryWriter& ActiveDirectory::writer() {
    if (!writer_) writer_ = std::make_unique<GroupWriter>(session_, principals_);
    return *writer_;
}

bool ActiveDirectory::bound() const {
    return session_->state().bound;
}

std::string ActiveDirectory::server() const {
    return session_->state().server;
}

std::string ActiveDirectory::problem() const {
    return session_->state().problem;
}

void ActiveDirectory::on_change(std::function<void(bool bound)> callback) {
    session_->on_change(std::move(callback));
}

Async<void> ActiveDirectory::keep_connected() {
    return keep(session_);
}

bool ActiveDirectory::credentials_changed() const {
    return session_->credentials_changed();
}

Async<Result<std::vector<Dn>>> ActiveDirectory::missing_containers() {
    return missing(session_);
}

Async<Result<Done>> ActiveDirectory::create_container(Dn container) {
    return make(session_, std::move(container));
}

Async<Result<DelegationCommands>> ActiveDirectory::delegation_commands(
    std::set<std::string> attributes) {
    return commands(session_, std::move(attributes));
}

Async<Result<std::vector<RightsFinding>>> ActiveDirectory::check_rights(
    std::set<std::string> attributes) {
    return check(session_, std::move(attributes));
}

Async<void> ActiveDirectory::stop() {
    return end(session_, principals_);
}

}  // namespace writeback
