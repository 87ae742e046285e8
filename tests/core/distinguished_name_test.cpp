#include "core/distinguished_name.hpp"

#include <doctest/doctest.h>

using namespace writeback;

TEST_CASE("a composed name escapes what would end or change the relative name") {
    const Dn ou("OU=Groups,DC=contoso,DC=com");
    CHECK(dn_in(ou, "Sales").text() == "CN=Sales,OU=Groups,DC=contoso,DC=com");
    CHECK(dn_in(ou, "a,b+c\"d\\e<f>g;h=i").text() ==
          "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i,OU=Groups,DC=contoso,DC=com");
    CHECK(dn_in(ou, "#1 ").text() == "CN=\\#1\\ ,OU=Groups,DC=contoso,DC=com");
    CHECK(dn_in(ou, " a#b").text() == "CN=\\ a#b,OU=Groups,DC=contoso,DC=com");
    CHECK(dn_in(ou, "a\nb").text() == "CN=a\\0Ab,OU=Groups,DC=contoso,DC=com");
}

TEST_CASE("the parent of a name follows the first comma that is not escaped") {
    CHECK(parent_of(Dn("CN=a\\,b,OU=x,DC=y")).text() == "OU=x,DC=y");
    CHECK(parent_of(Dn("DC=y")).empty());
    CHECK(parent_of(dn_in(Dn("OU=x"), "c\\,d")).text() == "OU=x");
}

TEST_CASE("names are the same whatever the case, the escapes and the blanks around separators") {
    CHECK(is_same_name(Dn("CN=A,OU=x"), Dn("cn=a , ou = X")));
    CHECK(is_same_name(Dn("CN=a\\2Cb,OU=x"), Dn("CN=A\\,B,OU=x")));
    CHECK(is_same_name(Dn("CN=a\\ ,OU=x"), Dn("CN=a\\20,OU=x")));
    // The backslash before the blank is itself escaped, so the blank is one around a separator.
    CHECK(is_same_name(Dn("CN=a\\\\ ,OU=x"), Dn("CN=a\\\\,OU=x")));
    CHECK_FALSE(is_same_name(Dn("CN=a\\\\\\ ,OU=x"), Dn("CN=a\\\\,OU=x")));
    CHECK_FALSE(is_same_name(Dn("CN=a,OU=x"), Dn("CN=a,OU=y")));
}

TEST_CASE("law 6: only what lies strictly below a container is below it") {
    const Dn ou("OU=Groups,DC=contoso,DC=com");
    CHECK(is_below(Dn("CN=a,ou=groups,dc=Contoso,dc=com"), ou));
    CHECK(is_below(Dn("CN=a,OU=inner,OU=Groups,DC=contoso,DC=com"), ou));
    CHECK_FALSE(is_below(ou, ou));
    CHECK_FALSE(is_below(Dn("CN=a,OU=Groups,DC=other,DC=com"), ou));
    CHECK_FALSE(is_below(Dn("CN=a,OU=MyGroups,DC=contoso,DC=com"), ou));
    // A value that only looks like the container's tail.
    CHECK_FALSE(is_below(Dn("CN=a\\,OU=Groups,DC=contoso,DC=com"), ou));
}

TEST_CASE("a name that does not parse is below nothing and equal to nothing") {
    const Dn ou("OU=Groups,DC=com");
    for (const char* text :
         {"", "Groups", "CN=a,nonsense,OU=Groups,DC=com", "CN=,OU=Groups,DC=com", "CN=a\\"}) {
        CHECK_FALSE(is_below(Dn(text), ou));
        CHECK_FALSE(is_same_name(Dn(text), Dn(text)));
    }
    CHECK_FALSE(is_below(Dn("CN=a,OU=Groups,DC=com"), Dn("")));
}
