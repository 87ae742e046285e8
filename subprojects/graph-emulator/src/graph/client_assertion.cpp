// The signed client assertion of a certificate credential.
#include "../base/text.hpp"
#include "token_endpoint.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

namespace emulator {
namespace {

template <auto function>
struct Freed {
    template <class T>
    void operator()(T* pointer) const {
        function(pointer);
    }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PublicKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Source = std::unique_ptr<BIO, Freed<BIO_free>>;

Refusal refusal(const char* code, std::string message) {
    return {401, code, std::move(message)};
}

Certificate read_certificate(const std::string& pem) {
    const Source source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return Certificate(source ? PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)
                              : nullptr);
}

std::string thumbprint(const X509* certificate, const EVP_MD* digest) {
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (X509_digest(certificate, digest, value, &size) != 1) return {};
    return base64url({reinterpret_cast<char*>(value), size});
}

bool is_signed_by(const X509* certificate, std::string_view content, std::string_view signature,
                  bool pss) {
    const PublicKey key(X509_get_pubkey(const_cast<X509*>(certificate)));
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    if (!key || !context ||
        EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key.get()) != 1) {
        return false;
    }
    if (pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)) {
        return false;
    }
    return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(),
                            reinterpret_cast<const unsigned char*>(content.data()),
                            content.size()) == 1;
}

std::optional<json::object> decoded_part(std::string_view part) {
    const auto text = base64url_decoded(part);
    const auto value = text ? parse_json(*text) : std::nullopt;
    if (!value || !value->is_object()) return std::nullopt;
    return value->get_object();
}

Verdict check_claims(const json::object& claims, const AssertionExpectation& expected) {
    const auto issuer = text_at(claims, "iss");
    const auto subject = text_at(claims, "sub");
    if (!issuer || !subject || *issuer != expected.client_id || *subject != expected.client_id) {
        return refusal("700021",
                       "Client assertion application identifier doesn't match "
                       "'client_id' parameter.");
    }
    const auto audience = text_at(claims, "aud");
    if (!audience || !lower_case(*audience).ends_with(lower_case(expected.token_path))) {
        return refusal("700023", "Client assertion audience claim does not match Realm issuer.");
    }
    const auto expires = integer_at(claims, "exp");
    const auto not_before = integer_at(claims, "nbf");
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(expected.now.time_since_epoch());
    constexpr std::int64_t skew = 300;
    if (!expires || *expires <= now.count() || (not_before && *not_before > now.count() + skew)) {
        return refusal("700024", "Client assertion is not within its valid time range.");
    }
    if (!text_at(claims, "jti")) {
        return refusal("50027", "JWT token is invalid or malformed: 'jti' is missing.");
    }
    return std::nullopt;
}

}  // namespace

Verdict check_assertion(std::string_view assertion, const AssertionExpectation& expected) {
    const auto parts = split(assertion, '.');
    const auto header = parts.size() == 3 ? decoded_part(parts[0]) : std::nullopt;
    const auto claims = parts.size() == 3 ? decoded_part(parts[1]) : std::nullopt;
    const auto signature = parts.size() == 3 ? base64url_decoded(parts[2]) : std::nullopt;
    if (!header || !claims || !signature) {
        return refusal("50027", "JWT token is invalid or malformed.");
    }
    const auto certificate = read_certificate(expected.certificate_pem);
    if (!certificate) {
        return refusal("700027",
                       "The certificate with identifier used to sign the client assertion "
                       "is not registered on application.");
    }
    const auto algorithm = text_at(*header, "alg").value_or("");
    const bool pss = algorithm == "PS256";
    if (!pss && algorithm != "RS256") {
        return refusal("5002723", "Invalid JWT token. The algorithm is not supported.");
    }
    const auto strong = text_at(*header, "x5t#S256");
    const auto weak = text_at(*header, "x5t");
    const bool known = strong ? *strong == thumbprint(certificate.get(), EVP_sha256())
                              : weak && *weak == thumbprint(certificate.get(), EVP_sha1());
    const std::string content = parts[0] + '.' + parts[1];
    if (!known || !is_signed_by(certificate.get(), content, *signature, pss)) {
        return refusal("700027", "Client assertion contains an invalid signature.");
    }
    return check_claims(*claims, expected);
}

}  // namespace emulator
