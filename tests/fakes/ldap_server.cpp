#include "fakes/ldap_server.hpp"

#include "fakes/ldap_server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

namespace writeback::fakes {

namespace asio = boost::asio;

// What runs on the server's thread.
class LdapServer::Service {
 public:
    Service(DirectoryTree& tree, LdapServerOptions options)
        : shared_{tree, std::move(options), {}}, work_(context_.get_executor()) {
        if (!shared_.options.certificate_file.empty()) {
            auto made =
                server_tls(shared_.options.certificate_file, shared_.options.private_key_file);
            if (!made) throw std::runtime_error(made.error().detail);
            tls_ = *made;
        }
        listen_all();
        tree.on_change = [this](const std::vector<ObjectGuid>& changed) {
            for (const auto& weak : sessions_) {
                if (const auto session = weak.lock()) session->notice(changed);
            }
        };
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Service() {
        perform([this] { close_all(); });
        work_.reset();
        thread_.join();
        shared_.tree.on_change = nullptr;
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void perform(const std::function<void()>& work) {
        std::promise<void> done;
        asio::post(context_, [&] {
            try {
                work();
                done.set_value();
            } catch (...) {
                done.set_exception(std::current_exception());
            }
        });
        done.get_future().get();
    }

    void listen_all() {
        for (std::size_t i = 0; i < doors_.size(); ++i) {
            auto& door = doors_[i];
            door.tls = i % 2 == 1;
            door.catalog = i >= 2;
            if (door.tls && !tls_) continue;
            const auto port = door.port.empty() ? std::string("0") : door.port;
            auto listening =
                listen(context_.get_executor(), shared_.options.address + ":" + port, tls_);
            if (!listening) throw std::runtime_error(listening.error().detail);
            door.listener = std::move(*listening);
            door.port = door.listener->address().substr(door.listener->address().rfind(':') + 1);
            asio::co_spawn(context_, accept(door), asio::detached);
        }
    }

    void close_all() {
        for (auto& door : doors_) {
            if (door.listener) door.listener->stop();
        }
        for (const auto& weak : sessions_) {
            if (const auto session = weak.lock()) session->end();
        }
        sessions_.clear();
    }

    [[nodiscard]] std::string url(std::size_t door) const {
        const auto& one = doors_[door];
        if (one.port.empty()) return "";
        return (one.tls ? "ldaps://" : "ldap://") + shared_.options.address + ":" + one.port;
    }

    LdapSession::Shared shared_;

 private:
    struct Door {
        std::shared_ptr<Listener> listener;
        std::string port;
        bool tls = false;
        bool catalog = false;
    };

    Async<void> accept(Door& door) {
        const auto listener = door.listener;
        const bool tls = door.tls;
        const bool catalog = door.catalog;
        for (;;) {
            auto stream = co_await listener->accept();
            if (!stream) co_return;
            std::erase_if(sessions_, [](const auto& one) { return one.expired(); });
            auto session = std::make_shared<LdapSession>(
                context_.get_executor(), std::move(*stream), shared_, *listener, catalog);
            sessions_.push_back(session);
            asio::co_spawn(context_, hold(session, listener, tls), asio::detached);
        }
    }

    // The listener makes the handshakes, so it lives as long as its sessions.
    static Async<void> hold(std::shared_ptr<LdapSession> session,
                            std::shared_ptr<Listener> listener, bool tls) {
        co_await session->serve(tls);
        static_cast<void>(listener);
    }

    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::shared_ptr<asio::ssl::context> tls_;
    std::array<Door, 4> doors_;  // plain, TLS, catalog plain, catalog TLS
    std::vector<std::weak_ptr<LdapSession>> sessions_;
    std::thread thread_;
};

LdapServer::LdapServer(DirectoryTree& tree, LdapServerOptions options)
    : service_(std::make_unique<Service>(tree, std::move(options))) {}

LdapServer::~LdapServer() = default;

std::string LdapServer::plain_url() const {
    return service_->url(0);
}

std::string LdapServer::tls_url() const {
    return service_->url(1);
}

std::string LdapServer::catalog_plain_url() const {
    return service_->url(2);
}

std::string LdapServer::catalog_tls_url() const {
    return service_->url(3);
}

void LdapServer::with_tree(const std::function<void(DirectoryTree&)>& work) {
    service_->perform([&] { work(service_->shared_.tree); });
}

void LdapServer::go_down() {
    service_->perform([this] { service_->close_all(); });
}

void LdapServer::come_back() {
    service_->perform([this] { service_->listen_all(); });
}

std::vector<std::string> LdapServer::surprises() {
    std::vector<std::string> all;
    service_->perform([&] { all = service_->shared_.surprises; });
    return all;
}

}  // namespace writeback::fakes
