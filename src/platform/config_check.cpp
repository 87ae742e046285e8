// check_config_files: what the file system has to say to a configuration.
#include "platform/config_file.hpp"
#include "platform/setting_text.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace writeback {

namespace {

// A key with a passphrase is refused: there is nobody to ask for it.
int no_passphrase(char*, int, int, void*) {
    return 0;
}

bool holds_certificate(BIO* file) {
    X509* found = PEM_read_bio_X509(file, nullptr, no_passphrase, nullptr);
    X509_free(found);
    return found != nullptr;
}

bool holds_private_key(BIO* file) {
    EVP_PKEY* found = PEM_read_bio_PrivateKey(file, nullptr, no_passphrase, nullptr);
    EVP_PKEY_free(found);
    return found != nullptr;
}

class FileCheck {
 public:
    explicit FileCheck(const ConfigRead& read) : read_(read) {}

    void certificates(const std::string& setting, const std::string& path) {
        if (!readable(setting, path) || has_pem(path, holds_certificate)) return;
        fail(setting, path, "it holds no certificate in PEM form",
             "write one that begins with -----BEGIN CERTIFICATE-----");
    }

    void private_key(const std::string& setting, const std::string& path) {
        if (!readable(setting, path) || has_pem(path, holds_private_key)) return;
        fail(setting, path, "it holds no private key in PEM form without a passphrase",
             "write one that begins with -----BEGIN PRIVATE KEY-----");
    }

    // False when it cannot be read, or when none is named.
    bool readable(const std::string& setting, const std::string& path) {
        if (path.empty()) return false;
        const auto before = errors_.size();
        look_at(setting, path);
        return errors_.size() == before;
    }

    void folder_writable(const std::string& setting, const std::string& path) {
        if (path.empty()) return;
        auto folder = std::filesystem::path(path).parent_path().string();
        if (folder.empty()) folder = ".";
        if (::access(folder.c_str(), W_OK | X_OK) != 0) {
            fail(setting, path, "its folder: " + std::string(std::strerror(errno)),
                 "make the folder, and let the user that runs the daemon write there");
        }
    }

    void socket_folder(const std::string& setting, const std::string& listen) {
        const auto address = read_listen_address(listen);
        if (address) folder_writable(setting, address->path);
    }

    [[nodiscard]] std::vector<ConfigError> take() { return std::move(errors_); }

 private:
    void look_at(const std::string& setting, const std::string& path) {
        struct stat found {};
        if (::stat(path.c_str(), &found) != 0) {
            return fail(setting, path, std::strerror(errno), "make the file, or name another");
        }
        if (!S_ISREG(found.st_mode) && !S_ISFIFO(found.st_mode)) {
            return fail(setting, path, "it is no file", "name a file");
        }
        if (::access(path.c_str(), R_OK) != 0) {
            return fail(setting, path, std::strerror(errno),
                        "let the user that runs the daemon read it");
        }
        if (S_ISREG(found.st_mode) && found.st_size == 0) {
            fail(setting, path, "it is empty", "write the secret or certificate into it");
        }
    }

    static bool has_pem(const std::string& path, bool (*holds)(BIO*)) {
        const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
        const bool has = file && holds(file.get());
        ERR_clear_error();
        return has;
    }

    // A path that is not absolute may be a secret that was written in its place.
    void fail(const std::string& setting, const std::string& path, const std::string& why,
              const std::string& remedy) {
        const auto name =
            path.starts_with('/') ? in_quotes(path) : std::string("the relative path");
        errors_.push_back(error_of(
            read_, setting, setting + ": " + name + " cannot be used: " + why + "; " + remedy));
    }

    const ConfigRead& read_;
    std::vector<ConfigError> errors_;
};

}  // namespace

std::vector<ConfigError> check_config_files(const ConfigRead& read) {
    if (!read.config) return {};
    const Config& config = *read.config;
    FileCheck check(read);
    check.readable("graph.client_secret_file", config.graph.client_secret_file);
    check.certificates("graph.certificate_file", config.graph.certificate_file);
    check.private_key("graph.private_key_file", config.graph.private_key_file);
    check.readable("graph.federated_token_file", config.graph.federated_token_file);
    check.certificates("graph.ca_file", config.graph.ca_file);
    if (config.webhook) {
        check.certificates("webhook.tls_certificate_file", config.webhook->tls_certificate_file);
        check.private_key("webhook.tls_private_key_file", config.webhook->tls_private_key_file);
        check.readable("webhook.client_state_file", config.webhook->client_state_file);
        check.socket_folder("webhook.listen", config.webhook->listen);
    }
    check.readable("directory.password_file", config.directory.password_file);
    check.readable("directory.keytab_file", config.directory.keytab_file);
    check.certificates("directory.ca_file", config.directory.ca_file);
    check.folder_writable("store.path", config.store.path);
    check.socket_folder("admin.listen", config.admin.listen);
    check.folder_writable("log.audit_file", config.log.audit_file);
    return check.take();
}

}  // namespace writeback
