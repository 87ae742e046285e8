// Kerberos, which a real domain controller alone has.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace writeback;
using namespace writeback::testing;

namespace {

std::string outcome(DirectoryConfig config) {
    Laboratory lab(std::move(config));
    auto facts = lab.loop.run(lab.reader().facts());
    return facts ? "bound" : std::string(name_of(facts.error().kind)) + " " + facts.error().detail;
}

DirectoryConfig with_kerberos(const std::string& server) {
    auto config = Laboratory::config();
    config.servers = {server};
    config.bind = Bind::gssapi;
    config.keytab_file = setting("SAMBA_KEYTAB");
    config.principal = setting("SAMBA_PRINCIPAL");
    config.password_file = "/nowhere";
    ::setenv("KRB5_CONFIG", setting("SAMBA_KRB5_CONFIG").c_str(), 1);
    return config;
}

}  // namespace

TEST_CASE("Kerberos binds with the keytab alone: sealed on ldap, without a layer inside TLS") {
    CHECK(outcome(with_kerberos(setting("SAMBA_PLAIN_URL"))) == "bound");
    CHECK(outcome(with_kerberos(setting("SAMBA_URL"))) == "bound");
    Laboratory lab(with_kerberos(setting("SAMBA_PLAIN_URL")));
    const auto target = lab.create(lab.new_group("by kerberos"), {lab.users(1)[0].identity});
    CHECK(lab.read(target.guid).members.size() == 1);
}

TEST_CASE("Kerberos says what is wrong with keytab, principal and KDC") {
    auto config = with_kerberos(setting("SAMBA_URL"));
    config.keytab_file = "/nowhere/keytab";
    auto text = outcome(config);
    CHECK(text.starts_with("invalid-configuration"));
    CHECK(text.find("/nowhere/keytab") != std::string::npos);
    config = with_kerberos(setting("SAMBA_URL"));
    config.principal = "nobody@" + setting("SAMBA_REALM");
    CHECK(outcome(config).starts_with("invalid-configuration"));  // not in the keytab
}
