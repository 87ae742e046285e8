#include "tenant_file.hpp"

#include "../base/text.hpp"
#include "admission.hpp"
#include "schema.hpp"

#include <fstream>
#include <sstream>

namespace emulator {
namespace {

using Problem = std::optional<std::string>;

struct Collection {
    const char* name;
    Kind kind;
};
constexpr Collection collections[] = {{"users", Kind::user},
                                      {"devices", Kind::device},
                                      {"servicePrincipals", Kind::service_principal},
                                      {"contacts", Kind::org_contact},
                                      {"groups", Kind::group}};

struct Loader {
    Tenant& tenant;
    Random& random;
    TimePoint now;
    std::vector<std::pair<ObjectIndex, const json::array*>> memberships;

    Problem add(Kind kind, const json::value& value, const std::string& place) {
        if (!value.is_object()) return place + ": expected an object";
        json::object properties;
        std::string id = random.guid();
        const json::array* members = nullptr;
        for (const auto& [key, item] : value.get_object()) {
            if (key == "id") {
                if (!item.is_string() || !is_guid(item.get_string())) {
                    return place + ".id: expected a GUID";
                }
                id = lower_case(item.get_string());
            } else if (key == "members" && kind == Kind::group) {
                if (!item.is_array()) return place + ".members: expected a list of ids";
                members = &item.get_array();
            } else if (!item.is_null()) {
                properties[key] = item;
            }
        }
        // What is read-only for Graph's clients may be given here.
        json::object checked = properties;
        for (const auto& [key, item] : properties) {
            const auto* property = find_property(kind, {key.data(), key.size()});
            if (property != nullptr && property->read_only) checked.erase(key);
        }
        if (auto refusal = check_properties(kind, checked, true)) {
            return place + ": " + refusal->message;
        }
        if (!properties.contains("displayName")) return place + ".displayName: is missing";
        const auto index = tenant.create(kind, completed(kind, std::move(properties), id, now), id);
        if (!index) return place + ".id: " + refusal_text(index.refusal());
        if (members != nullptr) memberships.emplace_back(*index, members);
        return std::nullopt;
    }

    Problem link_members() {
        for (const auto& [group, members] : memberships) {
            std::vector<ObjectIndex> added;
            const std::string place = "group " + tenant.at(group).id + ".members";
            for (const auto& id : *members) {
                const auto* member = id.is_string() ? tenant.find(id.get_string()) : nullptr;
                if (member == nullptr)
                    return place + ": no object has the id " + json::serialize(id);
                if (!may_be_member(tenant.at(group), *member)) {
                    return place + ": " + json::serialize(id) + " is a " +
                           std::string(type_name(member->kind)) +
                           ", which a Microsoft 365 group can't hold";
                }
                added.push_back(member->index);
            }
            tenant.change_members(group, added, {});
        }
        return std::nullopt;
    }

    static std::string refusal_text(const Refusal& refusal) { return refusal.message; }
};

}  // namespace

std::optional<std::string> load_tenant(std::string_view text, Tenant& tenant, Random& random,
                                       TimePoint now) {
    const auto document = parse_json(text);
    if (!document || !document->is_object()) return "the file is no JSON object";
    Loader loader{tenant, random, now, {}};
    for (const auto& [key, value] : document->get_object()) {
        bool known = false;
        for (const auto& collection : collections)
            known = known || key == collection.name;
        if (!known) return "unknown key '" + std::string(key) + "'";
        if (!value.is_array()) return std::string(key) + ": expected a list";
    }
    for (const auto& collection : collections) {
        const auto* list = document->get_object().if_contains(collection.name);
        if (list == nullptr) continue;
        std::size_t number = 0;
        for (const auto& item : list->get_array()) {
            const std::string place =
                std::string(collection.name) + '[' + std::to_string(number++) + ']';
            if (auto problem = loader.add(collection.kind, item, place)) return problem;
        }
    }
    return loader.link_members();
}

std::optional<std::string> load_tenant_file(const std::string& path, Tenant& tenant, Random& random,
                                            TimePoint now) {
    std::ifstream file(path);
    if (!file) return path + ": can't be opened";
    std::ostringstream text;
    text << file.rdbuf();
    if (auto problem = load_tenant(text.str(), tenant, random, now)) return path + ": " + *problem;
    return std::nullopt;
}

}  // namespace emulator
