#include "directory/active_directory.hpp"

#include "directory/directory_session.hpp"
#include "directory/group_reader.hpp"
#include "directory/group_writer.hpp"

#include <utility>

namespace writeback {

ActiveDirectory::ActiveDirectory(boost::asio::any_io_executor executor, DirectoryConfig config,
                                 Log& log, Metrics& metrics)
    : session_(
          std::make_shared<DirectorySession>(std::move(executor), std::move(config), log, metrics)),
      reader_(std::make_unique<GroupReader>(session_)) {}

ActiveDirectory::~ActiveDirectory() {
    session_->close();
}

DirectoryReader& ActiveDirectory::reader() {
    return *reader_;
}

DirectoryWriter& ActiveDirectory::writer() {
    if (!writer_) writer_ = std::make_unique<GroupWriter>(session_);
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
    return session_->keep_connected();
}

bool ActiveDirectory::credentials_changed() const {
    return session_->credentials_changed();
}

Async<Result<std::vector<RightsFinding>>> ActiveDirectory::check_rights(
    std::set<std::string> attributes) {
    return check_directory_rights(*session_, session_->config(), std::move(attributes));
}

Async<void> ActiveDirectory::stop() {
    return session_->stop();
}

}  // namespace writeback
