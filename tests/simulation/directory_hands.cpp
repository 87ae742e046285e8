// What administrators do to AD by hand.
#include "fakes/directory_tree_lab.hpp"
#include "simulation/directory_side.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace writeback::simulation {

namespace {

DirectoryRequest modification(const Dn& dn, LdapChangeKind kind, const std::string& attribute,
                              std::vector<std::string> values) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::modify;
    request.dn = dn.text();
    request.changes = {{kind, attribute, std::move(values)}};
    return request;
}

DirectoryRequest renaming(const Dn& dn, const std::string& name, const std::string& parent) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::rename;
    request.dn = dn.text();
    request.new_name = name;
    request.new_parent = parent;
    return request;
}

DirectoryRequest new_group(const std::string& dn, const std::string& account,
                           const std::string& mark) {
    DirectoryRequest request;
    request.kind = DirectoryRequest::Kind::add;
    request.dn = dn;
    request.attributes = {
        {"objectClass", {"group"}}, {"sAMAccountName", {account}}, {"groupType", {"-2147483640"}}};
    if (!mark.empty()) request.attributes.push_back({"adminDescription", {mark}});
    return request;
}

// The relative name of a distinguished name, as it stands there.
std::string relative_name(const Dn& dn) {
    const std::string& text = dn.text();
    std::size_t at = 0;
    while (at < text.size() && text[at] != ',')
        at += text[at] == '\\' ? 2 : 1;
    return text.substr(0, at);
}

}  // namespace

std::optional<MarkedGroup> DirectorySide::any_marked(Chance& chance) {
    const auto all = marked();
    if (all.empty()) return std::nullopt;
    return std::next(all.begin(), static_cast<std::ptrdiff_t>(chance.below(all.size())))->second;
}

Dn DirectorySide::any_person(Chance& chance) {
    return Dn(chance.any(people_));
}

void DirectorySide::edit(Hand hand, const std::string& mark, const ObjectGuid& object,
                         DirectoryRequest request) {
    hands_.emplace(hand, mark);
    edited_[object] = loop_.time();
    static_cast<void>(controllers_.edit(0, std::move(request)));
}

void DirectorySide::drift(Chance& chance) {
    const auto group = any_marked(chance);
    if (!group || people_.empty()) return;
    const std::string mark = marks_[group->sid.text()];
    const auto change = [&](LdapChangeKind kind, const std::string& attribute,
                            std::vector<std::string> values) {
        edit(Hand::edited, mark, group->guid,
             modification(group->dn, kind, attribute, std::move(values)));
    };
    switch (chance.below(5)) {
        case 0:
            return change(LdapChangeKind::add, "member", {any_person(chance).text()});
        case 1:
            return change(LdapChangeKind::remove, "member", {any_person(chance).text()});
        case 2:
            return change(LdapChangeKind::replace, "description", {"edited by hand"});
        case 3:
            return change(LdapChangeKind::replace, "displayName", {"edited by hand"});
        default:
            return change(LdapChangeKind::replace, "member", {});
    }
}

// Foreign objects that bear our names, and marks that were copied or removed.
void DirectorySide::strange_object(Chance& chance, const std::function<std::string()>& wanted_cn) {
    const std::string container = fakes::lab_container;
    const std::string account = "strange" + std::to_string(++names_);
    switch (chance.below(3)) {
        case 0: {
            const std::string cn = wanted_cn();
            if (cn.empty()) return;
            hands_.emplace(Hand::name_taken, "");
            static_cast<void>(
                controllers_.edit(0, new_group("CN=" + cn + "," + container, account, "")));
            return;
        }
        case 1: {
            const auto group = any_marked(chance);
            if (!group) return;
            const std::string mark = marks_[group->sid.text()];
            const std::string where = chance.one_in(2) ? container : "OU=Other,DC=lab,DC=test";
            hands_.emplace(Hand::mark_copied, mark);
            static_cast<void>(
                controllers_.edit(0, new_group("CN=" + account + "," + where, account, mark)));
            return;
        }
        default: {
            const auto group = any_marked(chance);
            if (!group) return;
            edit(Hand::mark_removed, marks_[group->sid.text()], group->guid,
                 modification(group->dn, LdapChangeKind::replace, "adminDescription", {}));
        }
    }
}

void DirectorySide::move_object(Chance& chance) {
    const auto group = any_marked(chance);
    if (!group) return;
    const std::string mark = marks_[group->sid.text()];
    switch (chance.below(3)) {
        case 0:
            return edit(Hand::renamed, mark, group->guid,
                        renaming(group->dn, "CN=renamed" + std::to_string(++names_), ""));
        case 1: {
            const std::string other = "OU=Other,DC=lab,DC=test";
            const bool away = in_container(group->dn);
            return edit(Hand::moved, mark, group->guid,
                        renaming(group->dn, relative_name(group->dn),
                                 away ? other : std::string(fakes::lab_container)));
        }
        default: {
            DirectoryRequest request;
            request.kind = DirectoryRequest::Kind::remove;
            request.dn = group->dn.text();
            return edit(Hand::deleted, mark, group->guid, std::move(request));
        }
    }
}

}  // namespace writeback::simulation
