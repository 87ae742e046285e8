#include "core/expression_reference.hpp"

#include "core/expression_attributes.hpp"
#include "core/expression_check.hpp"
#include "core/expression_functions.hpp"

namespace writeback {

namespace {

using expressions::Function;

std::string introduction() {
    return R"(# Expressions

The language of Microsoft's attribute mappings, as Cloud Sync and Connect write it: expressions
paste in unchanged. They stand in `[mapping]`, one for each attribute of the group in Active
Directory, and in `groups.filter`. `group-writeback check-config` says what is wrong with one, and
where.

```toml
[mapping]
cn = 'Append(Append(Left(Trim([displayName]),51),"_"),Mid([objectId],25,12))'
info = 'IIF(IsPresent([mail]), "Mail: " & [mail], NULL)'
parentDistinguishedName = '''
  Switch(Left([displayName], 3), "OU=Groups,DC=contoso,DC=com",
    "HR-", "OU=HR,OU=Groups,DC=contoso,DC=com",
    "IT-", "OU=IT,OU=Groups,DC=contoso,DC=com")'''

[groups]
select = "filter"
filter = 'IIF(Left([displayName],4)="PRJ-", True, False)'
```

This page is made of the tables that implement the language.

## Rules

- `[displayName]` is an attribute of the group in the cloud, `"text"` a text, `12` or `&HFF` a
  number; `True`, `False`, `NULL` and `CRLF` are constants. A text holds a quote as `\"` or `""`
  and a backslash as `\\`; any other backslash stands for itself. TOML's `'…'` and `'''…'''` keep
  backslashes and quotes as they are.
- Names are the same in any case. White space and line ends between the parts mean nothing. An
  optional argument may be left out between its commas.
- Lengths and positions count UTF-16 units, as Microsoft's do, positions from 1. A character of
  two units is never cut: the text is then one unit shorter.
- An absent attribute is null. Where a function takes a text, a null is the empty text; as a
  number it is 0, as a condition False, and of several values none. Neither null nor the empty
  text is written to AD: the attribute is then absent.
- A function of one text that is marked *each* takes several as well and gives as many:
  `Trim([proxyAddresses])`.
- Comparisons are case-sensitive. A null equals the empty text, and no Boolean or number. A
  Boolean compared with a text compares with `True` and `False` in any case; a number compared
  with a text compares as numbers. Texts sort by the code points of their characters.
- `*` binds before `+` and `-`, then `&`, then comparisons, then `&&`, then `||`. Connect takes
  operators from left to right; where that would mean something else, parentheses are asked for.
- Letters change case one for one, the same on every machine. Nothing depends on time, chance or
  other groups.
- What cannot be evaluated for a group holds that group, with the reason, and writes nothing of
  it; all others go on.
- Regular expressions are .NET's where PCRE2 means the same, and refused at start where it does
  not.

)";
}

std::string limits() {
    using namespace expressions;
    const auto kib = [](std::size_t bytes) { return std::to_string(bytes / 1024) + " KiB"; };
    return "Limits: an expression " + kib(most_expression_bytes) + ", nested " +
           std::to_string(most_depth) + " deep; a text " + kib(most_text_bytes) + "; " +
           std::to_string(most_values) + " values; all texts of one evaluation together\n" +
           kib(most_work_bytes) + "; all its regular expressions together " +
           std::to_string(most_pattern_steps) + " steps.\n\n";
}

// Markdown's table cells end at a bar.
std::string cell(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '|') result += '\\';
        result += c;
    }
    return result;
}

std::string result_of(const Function& function) {
    std::string result(function.type ? expressions::name_of(function.type) : function.gives);
    for (const auto& parameter : function.parameters) {
        if (parameter.accepts == expressions::Accepts::each) return result + ", *each*";
    }
    return result;
}

std::string examples(const Function& function) {
    std::string result;
    for (const auto& example : function.examples) {
        result += result.empty() ? "" : "<br>";
        result += "`` " + cell(example.expression) + " `` → `` " + cell(example.result) + " ``";
    }
    return result;
}

std::string functions() {
    std::string result = "## Functions\n\n";
    for (const auto& group : expressions::function_groups()) {
        result += "### " + std::string(group.title) + "\n\n";
        result += "| function | gives | |\n| --- | --- | --- |\n";
        for (const Function& function : group.functions) {
            result += "| `" + expressions::signature(function) + "` | " + result_of(function) +
                      " | " + cell(function.sentence);
            const std::string shown = examples(function);
            result += (shown.empty() ? "" : "<br>" + shown) + " |\n";
        }
        result += "\n";
    }
    return result;
}

std::string operator_table() {
    std::string result = "## Operators\n\n| operator | | |\n| --- | --- | --- |\n";
    for (const Function& function : expressions::operators()) {
        result += "| `` " + cell(function.name) + " `` | " + std::string(function.sentence) +
                  " | " + examples(function) + " |\n";
    }
    return result + "\n";
}

std::string attributes() {
    std::string result = "## Attributes\n\n| attribute | | |\n| --- | --- | --- |\n";
    for (const auto& attribute : expressions::known_attributes()) {
        std::string names = "`[" + std::string(attribute.name) + "]`";
        if (!attribute.other_name.empty()) {
            names += ", `[" + std::string(attribute.other_name) + "]`";
        }
        result += "| " + names + " | " + std::string(expressions::name_of(attribute.type)) + " | " +
                  cell(attribute.sentence) + " |\n";
    }
    return result +
           "| `[extension_<32 hexadecimal digits>_<name>]` | a text | A directory extension, with "
           "the "
           "id of its application. |\n\n"
           "Attributes that hold references, as `[members]` and `[owners]`, are refused: members "
           "are "
           "written to `member`, and `managedBy` takes `[owners]` alone.\n\n";
}

std::string filters() {
    std::string result =
        "## Cloud Sync's attribute filters\n\nWhat a filter there says in clauses stands in "
        "`groups.filter` as one expression: the clauses of a\nfilter with `&&`, several filters "
        "with `||`, each in parentheses.\n\n| filter | expression |\n| --- | --- |\n";
    for (const FilterExample& example : filter_examples()) {
        result += "| `" + cell(example.filter) + "` | `` " + cell(example.expression) + " `` |\n";
    }
    return result + "\n";
}

std::string refused() {
    std::string result =
        "## Functions of Microsoft's that are refused\n\n| function | because | use |\n| --- | --- "
        "| "
        "--- |\n";
    for (const auto& function : expressions::refused_functions()) {
        result += "| `" + std::string(function.name) + "` | " + std::string(function.why) + " | " +
                  std::string(function.instead) + " |\n";
    }
    return result;
}

}  // namespace

const std::vector<FilterExample>& filter_examples() {
    static const std::vector<FilterExample> examples = {
        {"displayName EQUALS Sales", R"([displayName] = "Sales")", true},
        {"displayName NOT EQUALS Sales", R"([displayName] <> "Sales")", false},
        {"securityEnabled IS TRUE", "[securityEnabled]", false},
        {"mailEnabled IS FALSE", "[mailEnabled] = False", false},
        {"visibility IS NULL", "IsNullOrEmpty([visibility])", true},
        {"mail IS NOT NULL", "IsPresent([mail])", true},
        {"description REGEX MATCH (?:^|\\W)Sales(?:$|\\W)",
         R"e(RegexMatch([description], "(?:^|\W)Sales(?:$|\W)"))e", true},
        {"visibility NOT REGEX MATCH ^P",
         R"e(IsPresent([visibility]) && Not(RegexMatch([visibility], "^P")))e", false},
        {"extension_<32 hexadecimal digits>_Level GREATER_THAN 3",
         "CNum([extension_0123456789abcdef0123456789abcdef_Level]) > 3", false},
        {"extension_<32 hexadecimal digits>_Level GREATER_THAN_OR_EQUALS 3",
         "CNum([extension_0123456789abcdef0123456789abcdef_Level]) >= 3", false},
    };
    return examples;
}

CloudGroup expression_example_group() {
    CloudGroup group;
    group.id = GroupId("3a5c3221-c465-48c0-95b8-e9305786a271");
    group.display_name = "Sales";
    group.description = "All of Sales";
    group.mail = "sales@contoso.com";
    group.mail_nickname = "sales";
    group.mail_enabled = true;
    group.group_types = {"Unified"};
    group.proxy_addresses = {"SMTP:sales@contoso.com", "smtp:vente@contoso.com"};
    return group;
}

std::string expression_reference() {
    return introduction() + limits() +
           "The examples are those of a Microsoft 365 group with displayName `Sales`, description "
           "`All of Sales`, mail\n`sales@contoso.com`, mailNickname `sales`, proxyAddresses "
           "`SMTP:sales@contoso.com` and `smtp:vente@contoso.com`, and no visibility.\n\n" +
           functions() + operator_table() + attributes() + filters() + refused();
}

}  // namespace writeback
