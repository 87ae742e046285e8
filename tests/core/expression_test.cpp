// Microsoft's documented examples, and what a site that comes from Cloud Sync or Connect brings
// along.
#include "core/expression.hpp"

#include "core/expression_examples.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {
const std::string group_dn = "extension_0123456789abcdef0123456789abcdef_GroupDN";

CloudGroup with_dn(const std::string& dn) {
    CloudGroup group = expression_example_group();
    group.further[group_dn] = {dn};
    return group;
}
}  // namespace

TEST_CASE("Cloud Sync's default mapping gives what Cloud Sync writes") {
    CHECK(evaluated(R"(Append(Append(Left(Trim([displayName]),51),"_"),Mid([objectId],25,12)))") ==
          R"("Sales_e9305786a271")");
    CHECK(evaluated(R"(Append("Group_",[objectId]))") ==
          R"("Group_3a5c3221-c465-48c0-95b8-e9305786a271")");
    CHECK(evaluated("Left(Trim([description]),448)") == R"("All of Sales")");
    CHECK(evaluated("[displayName]") == R"("Sales")");
    const std::string long_name(300, 'x');
    CHECK(evaluated(R"(Append(Append(Left(Trim([displayName]),51),"_"),Mid([objectId],25,12)))",
                    named("  " + long_name)) == "\"" + std::string(51, 'x') + "_e9305786a271\"");
}

TEST_CASE("Cloud Sync's containers by display name") {
    const std::string by_name =
        R"(Switch([displayName],"OU=Default,OU=container,DC=contoso,DC=com","Marketing","OU=Marketing,OU=container,DC=contoso,DC=com","Sales","OU=Sales,OU=container,DC=contoso,DC=com") )";
    CHECK(evaluated(by_name) == R"("OU=Sales,OU=container,DC=contoso,DC=com")");
    CHECK(evaluated(by_name, named("sales")) == R"("OU=Default,OU=container,DC=contoso,DC=com")");
    const std::string by_prefix =
        R"( Switch(Left(Trim([displayName]), 2), "OU=Groups,DC=contoso,DC=com", "NA","OU=NorthAmerica,DC=contoso,DC=com", "SA","OU=SouthAmerica,DC=contoso,DC=com", "EU", "OU=Europe,DC=contoso,DC=com"))";
    CHECK(evaluated(by_prefix, named(" NA-Sales-Contoso")) ==
          R"("OU=NorthAmerica,DC=contoso,DC=com")");
    CHECK(evaluated(by_prefix, named("EU-Sales-Contoso")) == R"("OU=Europe,DC=contoso,DC=com")");
    CHECK(evaluated(by_prefix) == R"("OU=Groups,DC=contoso,DC=com")");
}

TEST_CASE("Cloud Sync's expressions that keep a group's container and name") {
    const std::string container = "IIF(\n    IsPresent([" + group_dn +
                                  "]),\n    Replace(\n        Mid(\n            Mid(\n"
                                  "                Replace([" +
                                  group_dn +
                                  R"(], "\,", , , "\2C", , ),
                Instr(Replace([)" +
                                  group_dn + R"(], "\,", , , "\2C", , ), ",", , ),
                9999
            ),
            2,
            9999
        ),
        "\2C", , , ",", ,
    ),
    "OU=Default,DC=contoso,DC=com"
))";
    CHECK(evaluated(container, with_dn(R"(CN=Doe\, Joe,OU=Sales,DC=contoso,DC=com)")) ==
          R"("OU=Sales,DC=contoso,DC=com")");
    CHECK(evaluated(container) == R"("OU=Default,DC=contoso,DC=com")");

    const std::string name = "IIF(\n    IsPresent([" + group_dn +
                             "]),\n    Replace(Replace(Replace(Word(Replace([" + group_dn +
                             R"(], "\,", , , "\2C", , ), 1, ","),
                "CN=", , , "", ,
            ),
            "cn=", , , "", ,
        ),
        "\2C", , , ",", ,
    ),
    Append(Append(Left(Trim([DisplayName]), 51), "_"), Mid([ObjectId], 25, 12))
))";
    CHECK(evaluated(name, with_dn(R"(CN=Doe\, Joe,OU=Sales,DC=contoso,DC=com)")) ==
          R"("Doe, Joe")");
    CHECK(evaluated(name) == R"("Sales_e9305786a271")");
    // The same with doubled backslashes, as the language's own rule asks.
    CHECK(evaluated("Replace([" + group_dn + R"(], "\\,", , , "\\2C", , ))",
                    with_dn(R"(CN=a\,b,DC=c)")) == R"("CN=a\\2Cb,DC=c")");
}

TEST_CASE("Cloud Sync's default mappings of users, as far as groups have the attributes") {
    CHECK(evaluated(R"(Left(Item(Split([mail], "@"), 1), 15))") == R"("sales")");
    CHECK(evaluated("IgnoreFlowIfNullOrEmpty(Trim([visibility]))") == "NULL");
    CHECK(evaluated("IgnoreFlowIfNullOrEmpty(Trim([mail]))") == R"("sales@contoso.com")");
    CHECK(evaluated("Not([mailEnabled])") == "False");
    CHECK(
        evaluated(
            R"(IIF(IsPresent([visibility]), [visibility], Append(Item(Split([mail], "@"), 1), Append("@", "ad.contoso.com"))))") ==
        R"("sales@ad.contoso.com")");
}

TEST_CASE("Microsoft's examples of Replace") {
    CHECK(evaluated(R"(Replace([displayName],"Sales", , , "Software Engineer", , ))") ==
          R"("Software Engineer")");
    CHECK(evaluated(R"(Replace([mailNickname],"<username>", , , , , "<username>@contoso.com"))") ==
          R"("sales@contoso.com")");
    const auto phone = described("+91 9998887777");
    CHECK(
        evaluated(
            R"e(Replace([description], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , ))e",
            phone) == R"("9998887777")");
    CHECK(evaluated(R"(Replace([description], , "[()\\s-]+", , "", , ))",
                    described("+1 (999) 888-7777")) == R"("+19998887777")");
    CHECK(evaluated(
              R"e(Replace([description], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , ))e",
              described("545 Tremont Street")) == R"("888 Tremont Street")");
    CHECK(evaluated(R"e(Replace([mail], , "(?<Suffix>@(.)*)", "Suffix", "", , ))e") ==
          R"("sales")");
    CHECK(
        evaluated(
            R"e(Replace([visibility], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [description], ))e",
            phone) == R"("9998887777")");
    CHECK(evaluated(R"(Replace([description], , "[a-zA-Z_]*", , "", , ))",
                    described("john_doe72")) == R"("72")");
    CHECK(evaluated(R"(Replace([mail], "@contoso.com", , ,"", ,))") == R"("sales")");
    CHECK(
        evaluated(
            R"e(ToLower(Replace(Replace([mail], , "(?<Suffix>@(.)*)", "Suffix", "", , ), ".", , ,"")))e") ==
        R"("sales")");
    // Connect's, with its monikers.
    CHECK(evaluated(R"(Replace([description],"\r\n",", "))",
                    described("One Microsoft Way\r\nRedmond")) ==
          R"("One Microsoft Way, Redmond")");
    CHECK(evaluated(
              R"(Join("", 1000, Replace(ConvertToUTF8Hex("0ab"), , "[a-zA-Z_]*", , "", , )))") ==
          R"("1000306162")");
}

TEST_CASE("Microsoft's examples of choosing and testing") {
    CHECK(evaluated(R"(IIF([displayName]="Sales","t-" & [mailNickname],[mailNickname]))") ==
          R"("t-sales")");
    CHECK(evaluated(R"(IIF([displayName]="USA",IIF([mail]="CA","True","False"),"False"))") ==
          R"("False")");
    CHECK(evaluated(R"(Switch([visibility],[visibility],"","Other"))") == R"("Other")");
    CHECK(evaluated(R"(Switch(ToLower("TRUE"), "0", "true", "1", "false", "0"))") == R"("1")");
    CHECK(evaluated(R"(Switch([visibility], "Default Value", "true", "1", "", "0"))") == R"("0")");
    CHECK(
        evaluated(
            R"(Switch([description], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide"))",
            described("QLD")) == R"("Australia/Brisbane")");
    CHECK(evaluated(R"(switch([displayName], "External", "Company A", "A", "Company B", "B"))") ==
          R"("External")");
    CHECK(evaluated("Switch(IsPresent([visibility]),[visibility], IsPresent([mail]),[mail], "
                    "IsPresent([description]),[description])") == R"("sales@contoso.com")");
    CHECK(
        evaluated(
            R"(Switch([displayName] = "London", "English", [displayName] = "Rome", "Italian", True, Error("Unknown city")))") ==
        "held: [mapping] cn: the mapping says: Unknown city");
    CHECK(
        evaluated(
            R"(IIF((IsPresent([visibility]) = True) && (InStr([visibility], "WriteBackOutOfScope") > 0 || InStr([visibility], "SoftDelete") > 0), "DeleteThisGroupInAD", [displayName]))") ==
        R"("Sales")");
    CHECK(evaluated(R"(IIF(IsNullOrEmpty([visibility]),NULL,"x500:" & [visibility]))") == "NULL");
    CHECK(
        evaluated(R"(IIF(IsPresent([visibility]),[visibility],Error("visibility is required")))") ==
        "held: [mapping] cn: the mapping says: visibility is required");
    CHECK(evaluated("CBool([displayName] = [displayName])") == "True");
    CHECK(
        evaluated(
            R"(IIF(Contains([proxyAddresses],"SMTP:")>0,[proxyAddresses],Error("No primary SMTP address found.")))") ==
        R"(["SMTP:sales@contoso.com", "smtp:vente@contoso.com"])");
}

TEST_CASE("Microsoft's examples of several values") {
    CHECK(evaluated("Trim([proxyAddresses])") ==
          R"(["SMTP:sales@contoso.com", "smtp:vente@contoso.com"])");
    CHECK(evaluated(R"(Word([proxyAddresses],1,"@") & "@example.com")") ==
          R"(["SMTP:sales@example.com", "smtp:vente@example.com"])");
    CHECK(evaluated(R"(Select($item,Split("1-2 3-4"," "),Replace($item,"-","")))") ==
          R"(["12", "34"])");
    CHECK(
        evaluated(
            R"(With($primary,Where($item,[proxyAddresses],Left($item,5)="SMTP:"),IIF(Count($primary)>0,$primary,NULL)))") ==
        R"(["SMTP:sales@contoso.com"])");
    CHECK(evaluated(R"(Join(", ", "", [displayName], [mailNickname]))") == R"("Sales, sales")");
    CHECK(
        evaluated(
            R"(ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  "Jérôme", "Le Smith"))), "contoso.com")))") ==
        R"("jerome.lesmith@contoso.com")");
    CHECK(evaluated(R"(Append(Mid([displayName], 1, 3), Mid([mail], 1, 5)))") == R"("Salsales")");
}

TEST_CASE("an absent attribute is null, and null is the empty text where a text is taken") {
    CHECK(evaluated("[visibility]") == "NULL");
    CHECK(evaluated(R"([visibility] = "")") == "True");
    CHECK(evaluated(R"([visibility] <> "a")") == "True");
    CHECK(evaluated("[visibility] = NULL") == "True");
    CHECK(evaluated("[isAssignableToRole] = False") == "False");
    CHECK(evaluated("[isAssignableToRole] = NULL") == "True");
    CHECK(evaluated(R"(Append([visibility], "a"))") == R"("a")");
    CHECK(evaluated("Left([visibility], 3)") == R"("")");
    CHECK(evaluated(R"(Word([visibility], 1, " "))") == R"("")");
    CHECK(evaluated(R"(Split([visibility], ","))") == "NULL");
    CHECK(evaluated("Count([resourceProvisioningOptions])") == "0");
    CHECK(evaluated("CNum([visibility])") == "NULL");
    CHECK(evaluated("CNum([visibility]) + 1") == "1");
    CHECK(evaluated("IIF([isAssignableToRole], 1, 2)") == "2");
    CHECK(evaluated(R"(Coalesce(NULL, [visibility], "last"))") == R"("last")");
    CHECK(evaluated("Coalesce(NULL, [visibility])") == "NULL");
    CHECK(evaluated("[visibility] < 3") == "False");
}

TEST_CASE("attributes that only some mappings read come by Graph's names") {
    CloudGroup group = expression_example_group();
    group.further["isAssignableToRole"] = {"true"};
    group.further["writebackConfiguration.isEnabled"] = {"false"};
    group.further["resourceProvisioningOptions"] = {"Team"};
    group.further[group_dn] = {"CN=a"};
    CHECK(evaluated("[isassignabletorole] && Not([WritebackConfiguration.IsEnabled])", group) ==
          "True");
    CHECK(evaluated("[isWritebackEnabled]", group) == "False");
    CHECK(evaluated(R"(Contains([resourceProvisioningOptions], "Team"))", group) == "1");
    CHECK(evaluated("[EXTENSION_0123456789ABCDEF0123456789ABCDEF_groupdn]", group) == R"("CN=a")");
    const auto expression = Expression::parse(
        "[objectId] & [DISPLAYNAME] & [isWritebackEnabled] & [" + group_dn + "] & [dirSyncEnabled]",
        "[mapping] info");
    REQUIRE(expression.has_value());
    CHECK(expression->attributes() == std::set<std::string>{"displayName", group_dn, "id",
                                                            "onPremisesSyncEnabled",
                                                            "writebackConfiguration.isEnabled"});
}

TEST_CASE("the type is known before any group is") {
    const auto type = [](std::string_view text) {
        const auto expression = Expression::parse(text, "[groups] filter");
        REQUIRE(expression.has_value());
        return expression->type();
    };
    CHECK(type(R"(IIF(Left([displayName],4)="PRJ-", True, False))") == ExpressionType::boolean);
    CHECK(type(R"(IIF([mailEnabled], "True", "False"))") == ExpressionType::text);
    CHECK(type("IIF([mailEnabled], 1, NULL)") == ExpressionType::number);
    CHECK(type(R"(IIF([mailEnabled], 1, "a"))") == ExpressionType::text);
    CHECK(type("[proxyAddresses]") == ExpressionType::texts);
    CHECK(type(R"("a" & [proxyAddresses])") == ExpressionType::texts);
    CHECK(type("Count([proxyAddresses])") == ExpressionType::number);
    CHECK(type("NULL") == ExpressionType::text);
    // A value comes as its type says, whichever branch gives it.
    CHECK(evaluated(R"(IIF([mailEnabled], 1, "a"))") == R"("1")");
    CHECK(evaluated(R"(IIF([mailEnabled], "a", [proxyAddresses]))") == R"(["a"])");
}

TEST_CASE("a filter is True or False for each group") {
    const std::string filter = R"(IIF(Left([displayName],4)="PRJ-", True, False))";
    CHECK(evaluated(filter, named("PRJ-Apollo")) == "True");
    CHECK(evaluated(filter, named("prj-apollo")) == "False");
    CHECK(evaluated(filter, named("")) == "False");
}

TEST_CASE("texts hold quotes and backslashes in both of Microsoft's spellings") {
    CHECK(evaluated(R"("Company name: \"Contoso\"")") == R"("Company name: \"Contoso\"")");
    CHECK(evaluated(R"("say ""yes""")") == R"("say \"yes\"")");
    CHECK(evaluated(R"("")") == R"("")");
    CHECK(evaluated(R"("""")") == R"("\"")");
    CHECK(evaluated(R"("a\\b")") == R"("a\\b")");
    CHECK(evaluated(R"(Len("\d"))") == "2");
    CHECK(evaluated("\"two\nlines\"") == "\"two\nlines\"");
}

TEST_CASE("white space between the parts means nothing, also the kind that comes from a page") {
    CHECK(evaluated(" Left (\r\n\t[displayName] ,\n 3 ) ") == R"("Sal")");
    CHECK(evaluated("\xEF\xBB\xBFLeft([displayName],\xC2\xA0"
                    "3)") == R"("Sal")");
    CHECK(evaluated("[ displayName ]") == R"("Sales")");
}

TEST_CASE("operators bind as everybody expects") {
    CHECK(evaluated(R"("a" & "b" = "ab")") == "True");
    CHECK(evaluated(R"("a" & 1 + 2)") == R"("a3")");
    CHECK(evaluated("2 * 5 + 3") == "13");
    CHECK(evaluated("2 * (5 + 3)") == "16");
    CHECK(evaluated("10 - 3 - 2") == "5");
    CHECK(evaluated("-3 + 5") == "2");
    CHECK(evaluated("5 - -3") == "8");
    CHECK(evaluated("-Len([displayName])") == "-5");
    CHECK(evaluated("True && False || True") == "True");
    CHECK(evaluated("1 <> 2 && \"b\" >= \"a\"") == "True");
    CHECK(evaluated("&HFF") == "255");
    CHECK(evaluated("\"a\"&[mailNickname]") == R"("asales")");
    CHECK(evaluated("\"a\"&HAnd(1)").starts_with("refused"));
}

TEST_CASE("a Boolean and a number compare with texts that stand for them") {
    CHECK(evaluated(R"([mailEnabled] = "true")") == "True");
    CHECK(evaluated(R"(IIF("False", 1, 2))") == "2");
    CHECK(evaluated(R"([description] = 12)", described("012")) == "True");
    CHECK(evaluated(R"([description] > 9)", described("12")) == "True");
    CHECK(evaluated(R"([description] = 12)", described("twelve")) == "False");
    CHECK(evaluated(R"([description] > 9)", described("twelve"))
              .find("a number is compared with \"twelve\", which is none") != std::string::npos);
    CHECK(evaluated("IIF([description], 1, 2)", described("perhaps"))
              .find("a condition is \"perhaps\", which is neither True nor False") !=
          std::string::npos);
}

TEST_CASE("only the value that is chosen is evaluated") {
    CHECK(evaluated(R"(IIF(True, "a", Error("never")))") == R"("a")");
    CHECK(evaluated(R"(Coalesce("a", Error("never")))") == R"("a")");
    CHECK(evaluated(R"(Switch("x", Error("never"), "x", "a", Error("never"), "b"))") == R"("a")");
    CHECK(evaluated(R"(False && CBool(Error("never")))") == "False");
    CHECK(evaluated(R"(True || CBool(Error("never")))") == "True");
}

TEST_CASE("what asks for a value that is not there holds the group and says so") {
    CHECK(evaluated("Item([proxyAddresses], 3)") ==
          "held: [mapping] cn: Item asks for value 3 of 2; ItemOrNull gives null where there is "
          "none");
    CHECK(evaluated("Item([proxyAddresses], 0)").starts_with("held"));
    CHECK(evaluated("CNum([displayName])").find("CNum is given \"Sales\", which is no number") !=
          std::string::npos);
    CHECK(evaluated(R"(ConvertFromBase64("????"))").starts_with("held"));
    CHECK(evaluated("9223372036854775807 + 1").starts_with("held"));
}
