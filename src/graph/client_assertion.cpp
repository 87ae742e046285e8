#include "graph/client_assertion.hpp"

#include "platform/secret_file.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <utility>

namespace writeback {

namespace json = boost::json;

namespace {

template <auto Free>
struct FreedBy {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;

std::string base64url(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    while (text.ends_with('='))
        text.pop_back();
    for (char& c : text) {
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    return text;
}

Failure refused(const std::string& file, const std::string& why) {
    return failure(FailureKind::invalid_configuration, "The file " + file + " " + why);
}

Result<Bio> opened(const std::string& file) {
    auto content = read_secret(file);
    if (content.has_error()) return content.error();
    Bio bio(BIO_new(BIO_s_mem()));
    BIO_write(bio.get(), content->data(), static_cast<int>(content->size()));
    return bio;
}

Result<std::string> thumbprint(const std::string& file, Certificate& certificate) {
    auto bio = opened(file);
    if (bio.has_error()) return bio.error();
    certificate.reset(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
    if (!certificate) return refused(file, "holds no PEM certificate.");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size);
    return base64url({reinterpret_cast<const char*>(digest.data()), size});
}

Result<Key> private_key(const std::string& file, X509* certificate) {
    auto bio = opened(file);
    if (bio.has_error()) return bio.error();
    // Without this OpenSSL would ask a terminal for the key's passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    Key key(PEM_read_bio_PrivateKey(bio->get(), nullptr, no_passphrase, nullptr));
    if (!key) return refused(file, "holds no PEM private key, or it is encrypted.");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
        return refused(file, "holds no RSA key, which Entra ID asks for.");
    }
    if (X509_check_private_key(certificate, key.get()) != 1) {
        return refused(file, "does not belong to the certificate.");
    }
    return key;
}

std::string signed_ps256(EVP_PKEY* key, std::string_view text) {
    Digest digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;  // owned by the digest
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    const bool sized =
        EVP_DigestSignInit(digest.get(), &options, EVP_sha256(), nullptr, key) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1 &&
        EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) == 1;
    if (!sized) return {};
    std::string signature(size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    if (EVP_DigestSign(digest.get(), out, &size, bytes, text.size()) != 1) return {};
    signature.resize(size);
    return signature;
}

}  // namespace

Result<std::string> client_assertion(const std::string& certificate_file,
                                     const std::string& private_key_file,
                                     const AssertionClaims& claims) {
    Certificate certificate;
    const auto print = thumbprint(certificate_file, certificate);
    if (print.has_error()) return print.error();
    const auto key = private_key(private_key_file, certificate.get());
    if (key.has_error()) return key.error();

    const auto now =
        std::chrono::floor<std::chrono::seconds>(claims.now).time_since_epoch().count();
    constexpr std::int64_t lifetime = 600;
    const json::object header{{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", *print}};
    const json::object payload{{"aud", claims.audience},
                               {"iss", claims.client_id},
                               {"sub", claims.client_id},
                               {"jti", claims.id},
                               {"nbf", now},
                               {"iat", now},
                               {"exp", now + lifetime}};
    const std::string text =
        base64url(json::serialize(header)) + "." + base64url(json::serialize(payload));
    const std::string signature = signed_ps256(key->get(), text);
    if (signature.empty()) return refused(private_key_file, "can't sign.");
    return text + "." + base64url(signature);
}

}  // namespace writeback
