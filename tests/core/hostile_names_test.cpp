// Whatever people, and scripts, call their groups: the default mapping gives each a name that
// Active Directory takes, and two groups never the same one.
#include "core/attribute_limits.hpp"
#include "core/examples.hpp"
#include "core/projection.hpp"
#include "core/text.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace writeback;
using namespace writeback::examples;

namespace {

ProjectionRules default_rules() {
    DirectoryConfig directory;
    directory.container = container.text();
    return projection_rules({}, directory, {}, {{"mail", {}}, {"proxyaddresses", {}}}).value();
}

std::string repeated(const std::string& text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i)
        result += text;
    return result;
}

Names hostile_names() {
    return {"",
            " ",
            std::string(256, 'x'),
            "  leading and trailing  ",
            "\"quoted\" 'twice'",
            "comma, plus + and = <tags>; back\\slash",
            "#number",
            "tab\tline\nreturn\r",
            std::string("nul\0inside", 10),
            "...",
            "$",
            "$$$ . $",
            "\xE2\x80\xAE"
            "right to left",
            "\xD7\xA7\xD7\x91\xD7\x95\xD7\xA6\xD7\x94",
            repeated("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80", 60),
            repeated("e\xCC\x81", 200),
            "\xED\xA0\x80 half a pair",
            "\xFF\xFE broken",
            "Stra\xC3\x9F"
            "e",
            "STRASSE",
            "CN=Administrators,CN=Builtin,DC=contoso,DC=com",
            "../../etc/passwd",
            "\xC2\xA0\xE3\x80\x80",
            "a*b?c|d:e"};
}

// What AD asks of every group's names.
void check_names(const DesiredGroup& desired) {
    CHECK(utf16_length(desired.cn) <= 64);
    CHECK(trim(desired.cn) == desired.cn);
    CHECK(clean(desired.cn) == desired.cn);
    for (const std::string& name :
         {desired.sam_account_name, desired.alternative_sam_account_name}) {
        const auto fitted = fit("sAMAccountName", *facts_of("sAMAccountName", {}), name);
        REQUIRE(fitted.has_value());
        CHECK(*fitted == Names{name});
        CHECK_FALSE(name.starts_with('$'));
    }
    CHECK(utf16_length(desired.alternative_cn) <= 64);
    for (const auto& [name, values] : desired.attributes) {
        for (const std::string& value : values) {
            CHECK_FALSE(value.empty());
            CHECK(clean(value) == value);
            CHECK(utf16_length(value) <= facts_of(name, {})->most_length);
        }
    }
}

}  // namespace

TEST_CASE("every hostile name becomes one that the directory takes") {
    const ProjectionRules rules = default_rules();
    for (const std::string& name : hostile_names()) {
        CloudGroup group = security_group(1, name);
        group.description = name;
        const auto desired = project(group, rules);
        REQUIRE(desired.has_value());
        check_names(*desired);
    }
}

TEST_CASE("whatever bytes a name is made of, it becomes one that the directory takes") {
    std::mt19937 random(11);
    const ProjectionRules rules = default_rules();
    const std::string special = "$.\"/\\[]:;|=,+*?<> \t\n\xC3\xA9\xF0\x9F\x98\x80\xED\xA0\x80";
    for (int round = 0; round < 2000; ++round) {
        std::string name;
        const unsigned length = random() % 120;
        for (unsigned i = 0; i < length; ++i) {
            name += random() % 2 == 0 ? special[random() % special.size()]
                                      : static_cast<char>(random() % 256);
        }
        const auto desired = project(security_group(1, name), rules);
        REQUIRE(desired.has_value());
        check_names(*desired);
    }
}

TEST_CASE(
    "three hundred groups of one name, and names equal but for case, have names of their own") {
    const ProjectionRules rules = default_rules();
    std::set<std::string> names;
    for (int number = 1; number <= 300; ++number) {
        const std::string name = number % 3 == 0   ? "sales"
                                 : number % 3 == 1 ? "SALES"
                                                   : "Sal\xC3\xA9s";
        const DesiredGroup desired = project(security_group(number, name), rules).value();
        CHECK(names.insert(desired.cn).second);
        CHECK(names.insert("account " + desired.sam_account_name).second);
    }
}
