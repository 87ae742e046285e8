// What TLS trusts and shows: the contexts that byte_stream.hpp promises.
#include "platform/byte_stream.hpp"

#include <boost/asio/ssl/context.hpp>

namespace writeback {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<std::shared_ptr<ssl::context>> client_tls(const std::string& ca_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(ssl::verify_peer);
    error_code error;
    if (ca_file.empty()) {
        context->set_default_verify_paths(error);
    } else {
        context->load_verify_file(ca_file, error);
    }
    if (error) {
        return failure(FailureKind::invalid_configuration,
                       "The certificates of " +
                           (ca_file.empty() ? std::string("the system") : ca_file) +
                           " can't be read: " + error.message() +
                           ". ca_file must name a PEM file of CA certificates.");
    }
    return context;
}

Result<std::shared_ptr<ssl::context>> server_tls(const std::string& certificate_file,
                                                 const std::string& private_key_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    error_code error;
    context->use_certificate_chain_file(certificate_file, error);
    if (error) {
        return failure(FailureKind::invalid_configuration,
                       "The certificate " + certificate_file + " can't be used: " +
                           error.message() + ". It must be a PEM chain, the server's own first.");
    }
    // Without this OpenSSL would ask a terminal for the key's passphrase.
    SSL_CTX_set_default_passwd_cb(context->native_handle(),
                                  [](char*, int, int, void*) { return -1; });
    context->use_private_key_file(private_key_file, ssl::context::pem, error);
    if (error) {
        return failure(FailureKind::invalid_configuration,
                       "The private key " + private_key_file +
                           " can't be used: " + error.message() +
                           ". It must be PEM, not encrypted, and belong to the certificate.");
    }
    return context;
}

}  // namespace writeback
