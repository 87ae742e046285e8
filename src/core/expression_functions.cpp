#include "core/expression_functions.hpp"

#include "core/expression_attributes.hpp"
#include "core/expression_words.hpp"
#include "core/text.hpp"

namespace writeback::expressions {

const std::vector<FunctionGroup>& function_groups() {
    static const std::vector<FunctionGroup> groups = {
        {"Putting texts together", joining_functions()},
        {"Cutting texts", cutting_functions()},
        {"Letters", letter_functions()},
        {"Looking into texts", search_functions()},
        {"Replacing and patterns", replace_functions()},
        {"Choosing", choice_functions()},
        {"Testing", test_functions()},
        {"Several values", list_functions()},
        {"Going through several values", going_through_functions()},
        {"Numbers, texts and Booleans", conversion_functions()},
        {"Encodings", encoding_functions()},
        {"Distinguished names", name_functions()},
    };
    return groups;
}

const Function* find_function(std::string_view name) {
    for (const FunctionGroup& group : function_groups()) {
        for (const Function& function : group.functions) {
            if (is_same_word(function.name, name)) return &function;
        }
    }
    return nullptr;
}

const std::vector<RefusedFunction>& refused_functions() {
    constexpr std::string_view chance =
        "it gives another value each time, and the group would be written again and again";
    constexpr std::string_view id = "Mid([objectId], 25, 12), which is unique and stays";
    constexpr std::string_view clock =
        "it depends on the time, and nothing would tell that it passed";
    constexpr std::string_view dates = "dates are texts here, as 2026-11-22T08:00:00Z";
    constexpr std::string_view cut = "Left([createdDateTime], 10)";
    constexpr std::string_view roles = "groups have no app role assignments";
    constexpr std::string_view plain_attribute = "an attribute of the group";
    constexpr std::string_view binary = "values are texts here and not bytes";
    constexpr std::string_view as_it_is = "the text itself";
    static const std::vector<RefusedFunction> refused = {
        {"Guid", chance, id},
        {"RandomString", chance, id},
        {"RandomNum", chance, id},
        {"Random", chance, id},
        {"SelectUniqueValue",
         "a value that depends on what else the directory holds is not the same the next time; a "
         "sAMAccountName in use gets the id behind it by itself",
         id},
        {"Now", clock, "an attribute that the cloud changes at that time"},
        {"CDate", dates, cut},
        {"DateAdd", dates, cut},
        {"DateDiff", dates, cut},
        {"DateFromNum", dates, cut},
        {"NumFromDate", dates, cut},
        {"FormatDateTime", dates, cut},
        {"IsDate", dates, "IsPresent"},
        {"SingleAppRoleAssignment", roles, plain_attribute},
        {"AppRoleAssignmentsComplex", roles, plain_attribute},
        {"AssertiveAppRoleAssignmentsComplex", roles, plain_attribute},
        {"DefaultDomain", "the tenant's default domain is no property of a group",
         "the domain as a constant"},
        {"Redact", "what a mapping gives is written and compared, so it cannot be hidden",
         "its argument alone"},
        {"CGuid", binary, as_it_is},
        {"StringFromGuid", binary, as_it_is},
        {"StringFromSid", binary, as_it_is},
        {"ConvertToBinary", binary, as_it_is},
        {"IsCert", binary, plain_attribute},
    };
    return refused;
}

std::string no_function(std::string_view name) {
    for (const RefusedFunction& refused : refused_functions()) {
        if (is_same_word(refused.name, name)) {
            return std::string(refused.name) + " is not offered, because " +
                   std::string(refused.why) + "; use " + std::string(refused.instead);
        }
    }
    std::vector<std::string_view> names;
    for (const FunctionGroup& group : function_groups()) {
        for (const Function& function : group.functions)
            names.push_back(function.name);
    }
    const std::string_view near = nearest(name, names);
    return "there is no function " + excerpt(name) +
           (near.empty() ? std::string("; deploy/EXPRESSIONS.md lists them")
                         : "; did you mean " + std::string(near) + "?");
}

std::string no_constant(std::string_view name) {
    const std::string shown = left(name, 60);
    if (is_same_word(name, "and") || is_same_word(name, "or")) {
        return shown + " is no operator; write && for and, || for or";
    }
    if (is_same_word(name, "IgnoreThisFlow")) {
        return "IgnoreThisFlow is not offered, because AD follows the cloud here; write NULL where "
               "nothing is to be written";
    }
    if (std::holds_alternative<AttributeRead>(find_attribute(name))) {
        return shown + " is no constant; attributes stand in brackets: [" + shown + "]";
    }
    if (find_function(name) != nullptr) {
        return shown + " is a function and lacks its arguments in parentheses";
    }
    return excerpt(name) +
           " is neither a function nor a constant; texts stand in double quotes, "
           "attributes in brackets";
}

std::string describe(const Node& node) {
    switch (node.kind) {
        case Node::Kind::omitted:
            return "nothing";
        case Node::Kind::constant: {
            const auto* text = std::get_if<std::string>(&node.value);
            return text == nullptr ? display(node.value) : excerpt(*text);
        }
        case Node::Kind::word:
            return left(node.name, 60);
        case Node::Kind::attribute:
            return "[" + left(node.name, 80) + "]";
        case Node::Kind::variable:
            return "$" + left(node.name, 60);
        case Node::Kind::call:
            return std::string(node.function->name);
    }
    return "this";
}

}  // namespace writeback::expressions
