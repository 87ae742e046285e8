// Which entries a search finds.
#include "directory/ldap_text.hpp"
#include "fakes/directory_tree.hpp"
#include "fakes/directory_tree_rendering.hpp"

#include <algorithm>
#include <stdexcept>

namespace writeback::fakes {

namespace {

constexpr std::size_t most_open_pages = 100;

bool is_number(ValueSyntax syntax) {
    return syntax == ValueSyntax::integer || syntax == ValueSyntax::large_integer;
}

// The short name by which a filter names a category: "person" for the category of users.
std::string category_of(const TreeEntry& entry) {
    const auto& most_derived = entry.object_class.back();
    return most_derived == "user" || most_derived == "contact" ? "person" : lower(most_derived);
}

}  // namespace

std::optional<bool> DirectoryTree::matches(const TreeEntry& entry, const TreeFilter& filter) const {
    using Kind = TreeFilter::Kind;
    if (filter.kind == Kind::all_of || filter.kind == Kind::any_of) {
        const bool decisive = filter.kind == Kind::any_of;
        bool undefined = false;
        for (const auto& one : filter.inner) {
            const auto result = matches(entry, one);
            if (result == decisive) return decisive;
            undefined |= !result;
        }
        return undefined ? std::nullopt : std::optional(!decisive);
    }
    if (filter.kind == Kind::none_of) {
        const auto result = matches(entry, filter.inner.at(0));
        return result ? std::optional(!*result) : std::nullopt;
    }
    const auto* type = schema_.find(filter.attribute);
    if (type == nullptr) return std::nullopt;
    return matches_value(entry, *type, filter);
}

bool DirectoryTree::matches_value(const TreeEntry& entry, const AttributeType& type,
                                  const TreeFilter& filter) const {
    using Kind = TreeFilter::Kind;
    const auto name = lower(type.name);
    if (name == "objectguid" && filter.kind == Kind::equal) {
        const auto* found = find_by_guid_value(filter.value);
        return found != nullptr && found->number == entry.number;
    }
    if (name == "objectsid" && filter.kind == Kind::equal) {
        const auto* found = find_by_sid_value(filter.value);
        return found != nullptr && found->number == entry.number;
    }
    if (name == "objectcategory" && filter.kind == Kind::equal &&
        filter.value.find('=') == std::string::npos) {
        return category_of(entry) == lower(filter.value);
    }
    if (type.link != LinkKind::none && filter.kind != Kind::present) {
        if (filter.kind != Kind::equal && filter.kind != Kind::in_chain) return false;
        if (!parses(filter.value)) return false;
        const auto target = resolve(filter.value);
        if (!target) return false;
        if (filter.kind == Kind::in_chain) return chained(entry, name, *target);
        const auto& all = type.link == LinkKind::forward ? entry.links : entry.back_links;
        const auto found = all.find(type.link == LinkKind::forward ? name : type.other_end);
        return found != all.end() && found->second.contains(*target);
    }
    const auto present = values(entry, name);
    if (filter.kind == Kind::present) return !present.empty();
    return std::any_of(present.begin(), present.end(), [&](const std::string& value) {
        if (is_number(type.syntax)) {
            const auto number = std::stoll(value);
            const auto wanted = parse_large_integer(filter.value);
            if (!wanted) return false;
            if (filter.kind == Kind::at_least) return number >= *wanted;
            if (filter.kind == Kind::at_most) return number <= *wanted;
            if (filter.kind == Kind::bits_all) return (number & *wanted) == *wanted;
            if (filter.kind == Kind::bits_any) return (number & *wanted) != 0;
            return static_cast<std::int32_t>(number) == static_cast<std::int32_t>(*wanted) ||
                   number == *wanted;
        }
        const auto key = value_key(type, value);
        if (filter.kind == Kind::at_least) return key >= value_key(type, filter.value);
        if (filter.kind == Kind::at_most) return key <= value_key(type, filter.value);
        if (filter.kind != Kind::substring) return key == value_key(type, filter.value);
        std::size_t place = 0;
        if (filter.initial) {
            const auto start = value_key(type, *filter.initial);
            if (!key.starts_with(start)) return false;
            place = start.size();
        }
        for (const auto& part : filter.middle) {
            const auto wanted = value_key(type, part);
            const auto found = key.find(wanted, place);
            if (found == std::string::npos) return false;
            place = found + wanted.size();
        }
        if (!filter.last) return true;
        const auto end = value_key(type, *filter.last);
        return key.size() >= place + end.size() && key.ends_with(end);
    });
}

bool DirectoryTree::chained(const TreeEntry& entry, const std::string& name,
                            EntryNumber target) const {
    const auto& type = schema_.get(name);
    std::set<EntryNumber> seen;
    std::vector<EntryNumber> open = {entry.number};
    while (!open.empty()) {
        const auto& one = entries_.at(open.back());
        open.pop_back();
        const auto& all = type.link == LinkKind::forward ? one.links : one.back_links;
        const auto found = all.find(type.link == LinkKind::forward ? name : type.other_end);
        if (found == all.end()) continue;
        for (const auto next : found->second) {
            if (next == target) return true;
            if (seen.insert(next).second) open.push_back(next);
        }
    }
    return false;
}

void DirectoryTree::walk(EntryNumber from, bool deep, std::vector<EntryNumber>& into) const {
    for (auto one = children_.lower_bound({from, std::string()});
         one != children_.end() && one->first.first == from; ++one) {
        into.push_back(one->second);
        if (deep) walk(one->second, true, into);
    }
}

bool DirectoryTree::in_scope(const TreeEntry& entry, const TreeSearch& search) const {
    const auto base = resolve(search.base);
    return base && in_scope(entry, search.scope, *base);
}

bool DirectoryTree::in_scope(const TreeEntry& entry, TreeScope scope, EntryNumber base) const {
    if (scope == TreeScope::base) return entry.number == base;
    if (scope == TreeScope::one) return entry.parent == base;
    return entry.number == base || is_below(entry, entries_.at(base));
}

std::vector<EntryNumber> DirectoryTree::candidates(const TreeSearch& search,
                                                   EntryNumber base) const {
    std::vector<EntryNumber> numbers;
    if (search.scope == TreeScope::base) return {base};
    if (const auto found = indexed(search.filter)) {
        for (const auto number : *found) {
            if (in_scope(entries_.at(number), search.scope, base)) numbers.push_back(number);
        }
        return numbers;
    }
    if (search.scope == TreeScope::subtree) numbers.push_back(base);
    walk(base, search.scope == TreeScope::subtree, numbers);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

TreeFound DirectoryTree::search(TreeCaller caller, const TreeSearch& search) {
    if (search.base.empty() && search.scope == TreeScope::base) return root(caller, search);
    if (caller == nullptr) return {answers_.not_bound(), {}, {}};
    std::vector<EntryNumber> bases;
    if (search.base.empty() && search.in_catalog) {
        for (const auto& domain : domains_)
            bases.push_back(domain.root);
    } else {
        if (!parses(search.base)) return {answers_.malformed_name(search.base), {}, {}};
        const auto base = resolve(search.base);
        if (base && !search.in_catalog && !is_ours(entries_.at(*base)) &&
            !search.base.starts_with("<")) {
            return {answers_.elsewhere(domain_of(entries_.at(*base)).dns_name), {}, {}};
        }
        if (!base || !sees(caller, entries_.at(*base), search.controls, search.in_catalog)) {
            return {answers_.no_object("search", search.base, best_match(search.base)), {}, {}};
        }
        bases.push_back(*base);
    }
    if (search.page && !search.page->cookie.empty()) {
        const auto rest = pages_.extract(search.page->cookie);
        if (rest.empty()) return {{53, "00000057: the cookie of the page is not known"}, {}, {}};
        return page(caller, search, rest.mapped());
    }
    std::vector<EntryNumber> numbers;
    for (const auto base : bases) {
        for (const auto number : candidates(search, base)) {
            const auto& entry = entries_.at(number);
            if (!sees(caller, entry, search.controls, search.in_catalog)) continue;
            if (matches(entry, search.filter) == true) numbers.push_back(number);
        }
    }
    return page(caller, search, std::move(numbers));
}

TreeFound DirectoryTree::page(TreeCaller caller, const TreeSearch& search,
                              std::vector<EntryNumber> numbers) {
    TreeFound found;
    const bool windows = options_.dialect == DirectoryDialect::windows;
    auto most = numbers.size();
    if (windows) most = std::min(most, options_.most_page);
    if (search.page && search.page->size > 0) {
        most = std::min(most, static_cast<std::size_t>(search.page->size));
    } else if (windows) {
        if (search.size_limit > 0) {
            most = std::min(most, static_cast<std::size_t>(search.size_limit));
        }
        if (most < numbers.size()) found.answer = {4, ""};
    }
    const Rendering rendering(*this, caller, search);
    for (std::size_t i = 0; i < most; ++i) {
        const auto& entry = entries_.at(numbers[i]);
        if (!sees(caller, entry, search.controls, search.in_catalog)) continue;
        found.entries.push_back(rendering.render(entry));
    }
    if (search.page && most < numbers.size()) {
        if (pages_.size() >= most_open_pages) pages_.erase(pages_.begin());
        found.page_cookie = "page-" + std::to_string(1'000'000'000 + ++cookies_);
        numbers.erase(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(most));
        pages_[found.page_cookie] = std::move(numbers);
    }
    return found;
}

}  // namespace writeback::fakes
