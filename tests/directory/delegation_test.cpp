// The rights that we ask for are the least, and the scripts in deploy/directory give the same.
#include "directory/delegation.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace writeback;

namespace {

std::string text_of(const std::string& file) {
    const auto path = std::filesystem::path(DEPLOY_DIRECTORY) / file;
    std::ifstream stream(path);
    REQUIRE(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

// The words between two marks, without quotes, commas and brackets.
std::vector<std::string> words_between(const std::string& text, const std::string& begin,
                                       const std::string& end) {
    const auto from = text.find(begin);
    REQUIRE(from != std::string::npos);
    const auto first = from + begin.size();
    std::vector<std::string> words(1);
    for (const char c : text.substr(first, text.find(end, first) - first)) {
        if (std::string(" \",\r\n").find(c) == std::string::npos) {
            words.back() += c;
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

}  // namespace

TEST_CASE("rights on groups in the container, and on the mapped attributes alone") {
    const SchemaGuids guids = {{"group", "G"}, {"member", "M"}, {"cn", "C"}, {"mailnickname", "N"}};
    const auto attributes = attributes_to_delegate({"CN", "mailNickname", "notInThisSchema"});
    CHECK(attributes == std::vector<std::string>{"cn", "name", "member", "sAMAccountName",
                                                 "groupType", "adminDescription", "mailNickname",
                                                 "notInThisSchema"});
    const auto delegation = delegate_rights(Dn("OU=Bob's, all,DC=lab,DC=test"), "LAB\\svc",
                                            Sid("S-1-5-21-1"), attributes, guids);
    CHECK(delegation.access_control_entries ==
          "(OA;CI;CCDC;G;;S-1-5-21-1)(OA;CIIO;RPWP;C;G;S-1-5-21-1)"
          "(OA;CIIO;RPWP;M;G;S-1-5-21-1)(OA;CIIO;RPWP;N;G;S-1-5-21-1)");
    CHECK(delegation.windows ==
          std::vector<std::string>{
              "dsacls \"OU=Bob's, all,DC=lab,DC=test\" /I:T /G \"LAB\\svc:CCDC;group\"",
              "dsacls \"OU=Bob's, all,DC=lab,DC=test\" /I:S /G \"LAB\\svc:RPWP;cn;group\"",
              "dsacls \"OU=Bob's, all,DC=lab,DC=test\" /I:S /G \"LAB\\svc:RPWP;member;group\"",
              "dsacls \"OU=Bob's, all,DC=lab,DC=test\" /I:S /G "
              "\"LAB\\svc:RPWP;mailNickname;group\""});
    CHECK(delegation.samba ==
          "samba-tool dsacl set --objectdn='OU=Bob'\\''s, all,DC=lab,DC=test' --sddl='" +
              delegation.access_control_entries + "'");
}

TEST_CASE("delegate-windows.cmd gives exactly the rights of the default mapping") {
    const auto script = text_of("delegate-windows.cmd");
    SchemaGuids guids = {{"group", "G"}};
    for (const auto& name : delegated_by_default()) {
        std::string lower;
        for (const char c : name)
            lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        guids[lower] = "X";
    }
    const auto wanted =
        delegate_rights(Dn("%container%"), "%account%", Sid("S"), delegated_by_default(), guids);
    auto named = words_between(script, "for %%a in (", ")");
    named.emplace_back("msDS-ExternalDirectoryObjectId");  // on a line of its own
    CHECK(named == delegated_by_default());
    CHECK(script.find(wanted.windows.front()) != std::string::npos);
    for (std::size_t i = 1; i < wanted.windows.size(); ++i) {
        const auto& name = delegated_by_default()[i - 1];
        const auto expanded = replaced(script, "%%a", name);
        CAPTURE(wanted.windows[i]);
        CHECK(expanded.find(wanted.windows[i]) != std::string::npos);
    }
}

TEST_CASE("delegate-samba gives exactly the rights of the default mapping") {
    const auto script = text_of("lab_domain/delegation.py");
    CHECK(words_between(script, "\nATTRIBUTES = [", "]") == delegated_by_default());
    const auto wanted = delegate_rights(Dn("x"), "x", Sid("{sid}"), {"member"},
                                        {{"group", "{group}"}, {"member", "{guid}"}});
    const auto middle = wanted.access_control_entries.find(")(") + 1;
    CHECK(script.find(wanted.access_control_entries.substr(0, middle)) != std::string::npos);
    CHECK(script.find(wanted.access_control_entries.substr(middle)) != std::string::npos);
}
