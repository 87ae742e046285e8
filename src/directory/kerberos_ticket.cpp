#include "directory/kerberos_ticket.hpp"

#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <utility>

namespace writeback {

struct KerberosTicket::Parts {
    krb5_context context = nullptr;
    krb5_principal principal = nullptr;
    krb5_keytab keytab = nullptr;
    krb5_ccache cache = nullptr;
    krb5_creds credentials{};
    std::string keytab_file;
    std::string name;

    Parts() = default;
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        if (context == nullptr) return;
        krb5_free_cred_contents(context, &credentials);
        if (cache != nullptr) krb5_cc_destroy(context, cache);
        if (keytab != nullptr) krb5_kt_close(context, keytab);
        if (principal != nullptr) krb5_free_principal(context, principal);
        krb5_free_context(context);
    }

    [[nodiscard]] Failure problem(krb5_error_code code) const;
    [[nodiscard]] krb5_error_code acquire();
};

namespace {

FailureKind kind_of(krb5_error_code code) {
    switch (code) {
        case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
        case KRB5KDC_ERR_PREAUTH_FAILED:
        case KRB5KDC_ERR_CLIENT_REVOKED:
        case KRB5KDC_ERR_KEY_EXP:
        case KRB5KDC_ERR_NAME_EXP:
        case KRB5KDC_ERR_POLICY:
        case KRB5KRB_AP_ERR_BAD_INTEGRITY:
            return FailureKind::credentials;
        case KRB5_KDC_UNREACH:
        case KRB5_REALM_CANT_RESOLVE:
        case KRB5KDC_ERR_SVC_UNAVAILABLE:
        case KRB5KRB_AP_ERR_SKEW:
            return FailureKind::unreachable;
        default:
            return FailureKind::invalid_configuration;
    }
}

}  // namespace

Failure KerberosTicket::Parts::problem(krb5_error_code code) const {
    const char* text = context == nullptr ? nullptr : krb5_get_error_message(context, code);
    const std::string reason = text == nullptr ? "error " + std::to_string(code) : text;
    if (text != nullptr) krb5_free_error_message(context, text);
    return failure(kind_of(code), "There is no Kerberos ticket for " + name + " from the keytab " +
                                      keytab_file + ": " + reason + ".");
}

krb5_error_code KerberosTicket::Parts::acquire() {
    krb5_error_code code = krb5_init_context(&context);
    if (code == 0) code = krb5_parse_name(context, name.c_str(), &principal);
    if (code == 0) code = krb5_kt_resolve(context, ("FILE:" + keytab_file).c_str(), &keytab);
    if (code == 0) code = krb5_cc_new_unique(context, "MEMORY", nullptr, &cache);
    if (code == 0) code = krb5_cc_initialize(context, cache, principal);
    if (code == 0) {
        code = krb5_get_init_creds_keytab(context, &credentials, principal, keytab, 0, nullptr,
                                          nullptr);
    }
    if (code == 0) code = krb5_cc_store_cred(context, cache, &credentials);
    return code;
}

KerberosTicket::KerberosTicket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
    char* full_name = nullptr;
    if (krb5_cc_get_full_name(parts_->context, parts_->cache, &full_name) != 0) return;
    OM_uint32 minor = 0;
    gss_krb5_ccache_name(&minor, full_name, nullptr);
    krb5_free_string(parts_->context, full_name);
}

KerberosTicket::~KerberosTicket() {
    OM_uint32 minor = 0;
    gss_krb5_ccache_name(&minor, nullptr, nullptr);
}

Result<std::unique_ptr<KerberosTicket>> KerberosTicket::from_keytab(const std::string& keytab_file,
                                                                    const std::string& principal) {
    auto parts = std::make_unique<Parts>();
    parts->keytab_file = keytab_file;
    parts->name = principal;
    if (const auto code = parts->acquire(); code != 0) return parts->problem(code);
    return std::unique_ptr<KerberosTicket>(new KerberosTicket(std::move(parts)));
}

}  // namespace writeback
