// A throw-away RSA key with a self-signed certificate for 127.0.0.1 and hooks.contoso.test.
//
// Failures: throws std::runtime_error. Ownership: the PEM file is removed with the object. Threads:
// read-only once made.
#pragma once

#include <openssl/ssl.h>

#include <string>

class TestCertificate {
 public:
    TestCertificate();
    ~TestCertificate();
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    const std::string& pem_file() const { return pem_file_; }
    std::string pem() const;
    SSL_CTX* server_context() const { return context_; }

    /// base64url of the DER form's digest.
    std::string thumbprint(bool sha256) const;
    /// base64url of the signature over the text: PS256, or RS256.
    std::string signature(const std::string& text, bool pss) const;

 private:
    EVP_PKEY* key_ = nullptr;
    X509* certificate_ = nullptr;
    SSL_CTX* context_ = nullptr;
    std::string pem_file_;
};
