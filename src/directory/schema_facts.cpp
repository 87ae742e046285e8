#include "directory/schema_facts.hpp"

#include "directory/ldap_text.hpp"

#include <utility>

namespace writeback {

namespace {

constexpr std::int64_t computed_flag = 4;  // in systemFlags

bool is_true(const LdapEntry& entry, std::string_view name) {
    return entry.first(name) == "TRUE";
}

std::int64_t number(const LdapEntry& entry, std::string_view name) {
    return parse_large_integer(entry.first(name).value_or("")).value_or(0);
}

bool written_by_system_alone(const LdapEntry& entry) {
    const bool back_link = number(entry, "linkID") % 2 != 0;
    return is_true(entry, "systemOnly") || back_link ||
           (number(entry, "systemFlags") & computed_flag) != 0;
}

LdapSearch schema_search(std::string schema_context, int page_size) {
    LdapSearch search;
    search.base = std::move(schema_context);
    search.scope = LdapScope::subtree;
    search.filter = "(objectClass=attributeSchema)";
    search.attributes = {"lDAPDisplayName", "attributeSyntax", "isSingleValued", "rangeUpper",
                         "systemOnly",      "systemFlags",     "linkID"};
    search.page_size = page_size;
    return search;
}

void take(SchemaFacts& facts, const std::set<std::string>& names, const LdapEntry& entry) {
    const auto name = lower_case(entry.first("lDAPDisplayName").value_or(""));
    if (names.contains(name) && entry.find("attributeSyntax") != nullptr) {
        facts[name] = attribute_facts(entry);
    }
}

}  // namespace

AttributeSyntax attribute_syntax(std::string_view oid) {
    static const std::map<std::string_view, AttributeSyntax> syntaxes = {
        {"2.5.5.1", AttributeSyntax::name},      {"2.5.5.4", AttributeSyntax::printable},
        {"2.5.5.5", AttributeSyntax::printable}, {"2.5.5.6", AttributeSyntax::printable},
        {"2.5.5.8", AttributeSyntax::boolean},   {"2.5.5.9", AttributeSyntax::integer},
        {"2.5.5.12", AttributeSyntax::text},     {"2.5.5.16", AttributeSyntax::integer},
    };
    const auto found = syntaxes.find(oid);
    return found == syntaxes.end() ? AttributeSyntax::other : found->second;
}

AttributeFacts attribute_facts(const LdapEntry& entry) {
    AttributeFacts facts;
    facts.syntax = attribute_syntax(entry.first("attributeSyntax").value_or(""));
    facts.single_valued = is_true(entry, "isSingleValued");
    const bool has_length =
        facts.syntax == AttributeSyntax::text || facts.syntax == AttributeSyntax::printable;
    // Of a number it is the largest value.
    if (const auto upper = number(entry, "rangeUpper"); has_length && upper > 0) {
        facts.most_length = static_cast<std::size_t>(upper);
    }
    if (written_by_system_alone(entry)) facts.syntax = AttributeSyntax::other;
    return facts;
}

SchemaFacts names_alone(const std::set<std::string>& names) {
    static const SchemaFacts in_every_directory = {
        {"managedby", {AttributeSyntax::name, true, 0}},
        {"member", {AttributeSyntax::name, false, 0}},
        {"description", {AttributeSyntax::text, false, 1024}},
        {"proxyaddresses", {AttributeSyntax::text, false, 1123}},
    };
    SchemaFacts facts;
    for (const auto& name : names) {
        const auto lower = lower_case(name);
        const auto known = in_every_directory.find(lower);
        facts.emplace(lower, known == in_every_directory.end() ? AttributeFacts{} : known->second);
    }
    return facts;
}

Async<Result<SchemaFacts>> read_schema_facts(LdapOperations& connection, std::string schema_context,
                                             std::set<std::string> names, int page_size) {
    auto facts = names_alone(names);
    if (schema_context.empty()) co_return facts;
    auto search = schema_search(std::move(schema_context), page_size);
    do {
        auto page = co_await connection.search(search);
        if (!page) co_return page.error();
        // Half a schema would call known attributes single-valued texts.
        if (page->code != 0) co_return names_alone(names);
        for (const auto& entry : page->entries)
            take(facts, names, entry);
        search.page_cookie = std::move(page->page_cookie);
    } while (!search.page_cookie.empty());
    co_return facts;
}

}  // namespace writeback
