// What `enable` does in the directory: containers found missing and made, rights spelt out.
#include "live/laboratory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace writeback;
using namespace writeback::testing;

namespace {

DirectoryConfig as_administrator(DirectoryConfig config) {
    config.bind_dn = setting("SAMBA_ADMIN_DN");
    config.password_file = setting("SAMBA_ADMIN_PASSWORD_FILE");
    return config;
}

std::string create(Laboratory& lab, const std::string& dn) {
    auto made = lab.loop.run(lab.directory->create_container(Dn(dn)));
    return made ? "made" : std::string(name_of(made.error().kind));
}

}  // namespace

TEST_CASE("a missing container is named, and made by an account that may") {
    const std::string unit = "OU=New\\, \\\"unit\\\"," + setting("SAMBA_BASE");
    auto config = Laboratory::config();
    config.containers = {unit};
    Laboratory lab(config);
    auto missing = lab.loop.run(lab.directory->missing_containers());
    REQUIRE(missing.has_value());
    CHECK(*missing == std::vector<Dn>{Dn(unit)});
    auto refused = lab.loop.run(lab.directory->create_container(Dn(unit)));
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == FailureKind::forbidden);
    CHECK(refused.error().detail.find("let an administrator create it") != std::string::npos);

    Laboratory administrator(as_administrator(config));
    CHECK(create(administrator, "CN=New," + setting("SAMBA_BASE")) == "refused");
    CHECK(create(administrator, "OU=in,OU=nowhere," + setting("SAMBA_BASE")) == "parent-missing");
    CHECK(create(administrator, unit) == "made");
    CHECK(create(administrator, unit) == "already-exists");
    missing = lab.loop.run(lab.directory->missing_containers());
    REQUIRE(missing.has_value());
    CHECK(missing->empty());

    // Our account has no rights there yet: each container is checked for itself.
    auto findings = lab.loop.run(lab.directory->check_rights({"displayName"}));
    REQUIRE(findings.has_value());
    const auto about_unit =
        std::count_if(findings->begin(), findings->end(), [](const RightsFinding& finding) {
            return finding.problem &&
                   finding.sentence.find("may not create groups in OU=New") != std::string::npos;
        });
    CHECK(about_unit == 1);
    CHECK(std::count_if(findings->begin(), findings->end(),
                        [](const RightsFinding& finding) { return finding.problem; }) == 1);
    auto removed = lab.loop.run(lab.administrator().remove(unit));
    REQUIRE(removed.has_value());
    CHECK(removed->code == 0);
}

TEST_CASE("the commands that give the rights name our account, each container and no more") {
    auto config = Laboratory::config();
    config.containers = {"OU=Other," + setting("SAMBA_BASE")};
    Laboratory lab(config);
    auto commands =
        lab.loop.run(lab.directory->delegation_commands({"displayName", "mailNickname"}));
    REQUIRE(commands.has_value());
    CHECK(commands->account == "LAB\\svc-writeback");
    REQUIRE(commands->samba.size() == 2);
    // Groups as such, the six that are always written, and displayName; mailNickname is in no
    // schema without Exchange.
    CHECK(commands->windows.size() == 16);
    CHECK(commands->windows[0] == "dsacls \"" + setting("SAMBA_CONTAINER") +
                                      "\" /I:T /G \"LAB\\svc-writeback:CCDC;group\"");
    CHECK(commands->windows[7].ends_with(":RPWP;displayName;group\""));
    const auto& line = commands->samba[1];
    CHECK(line.find("--objectdn='OU=Other," + setting("SAMBA_BASE") + "'") != std::string::npos);
    CHECK(std::count(line.begin(), line.end(), '(') == 8);
    CHECK(line.find("(OA;CI;CCDC;bf967a9c-0de6-11d0-a285-00aa003049e2;;" +
                    setting("SAMBA_DOMAIN_SID") + "-") != std::string::npos);
}
