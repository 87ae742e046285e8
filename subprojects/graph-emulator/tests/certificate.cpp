#include "certificate.hpp"

#include "../src/base/text.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace {

void require(bool condition) {
    if (!condition) throw std::runtime_error("the test certificate can't be made");
}

void add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

}  // namespace

TestCertificate::TestCertificate() {
    key_ = EVP_RSA_gen(2048);
    certificate_ = X509_new();
    require(key_ != nullptr && certificate_ != nullptr);
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 24 * 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("emulator test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    add_extension(certificate_, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate_, NID_subject_alt_name, "IP:127.0.0.1,DNS:hooks.contoso.test");
    require(X509_sign(certificate_, key_, EVP_sha256()) > 0);

    context_ = SSL_CTX_new(TLS_server_method());
    require(context_ != nullptr && SSL_CTX_use_certificate(context_, certificate_) == 1 &&
            SSL_CTX_use_PrivateKey(context_, key_) == 1);

    std::string path = "/tmp/graph-emulator-test-XXXXXX";
    const int file = ::mkstemp(path.data());
    require(file >= 0);
    std::FILE* stream = ::fdopen(file, "w");
    require(stream != nullptr && PEM_write_X509(stream, certificate_) == 1);
    std::fclose(stream);
    pem_file_ = path;
}

TestCertificate::~TestCertificate() {
    ::unlink(pem_file_.c_str());
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
}

std::string TestCertificate::pem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    require(memory != nullptr && PEM_write_bio_X509(memory, certificate_) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

std::string TestCertificate::thumbprint(bool sha256) const {
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(X509_digest(certificate_, sha256 ? EVP_sha256() : EVP_sha1(), value, &size) == 1);
    return emulator::base64url({reinterpret_cast<char*>(value), size});
}

std::string TestCertificate::signature(const std::string& text, bool pss) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    require(EVP_DigestSignInit(context, &parameters, EVP_sha256(), nullptr, key_) == 1);
    if (pss) {
        require(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1);
        require(EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    require(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
    std::vector<unsigned char> value(size);
    require(EVP_DigestSign(context, value.data(), &size, bytes, text.size()) == 1);
    EVP_MD_CTX_free(context);
    return emulator::base64url({reinterpret_cast<char*>(value.data()), size});
}
