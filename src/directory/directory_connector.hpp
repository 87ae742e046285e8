// Connects to domain controllers as the configuration says: account, certificates, limits.
//
// Purpose: the LdapConnector of the running daemon, around LdapOpening. Failures and limits: those
// of LdapOpening. Threads: the executor's. Cancellation: cancel().
#pragma once

#include "directory/ldap_connection_opening.hpp"
#include "directory/ldap_operations.hpp"

#include <writeback/config.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace writeback {

class DirectoryConnector final : public LdapConnector {
 public:
    DirectoryConnector(boost::asio::any_io_executor executor, DirectoryConfig config);

    Async<Result<std::shared_ptr<LdapOperations>>> connect(std::string url) override;
    void cancel() override;

 private:
    boost::asio::any_io_executor executor_;
    DirectoryConfig config_;
    std::shared_ptr<LdapOpening> opening_;
};

}  // namespace writeback
