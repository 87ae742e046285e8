#include "delta_query.hpp"

#include "../tenant/schema.hpp"
#include "../tenant/writeback_configuration.hpp"

#include <algorithm>

namespace emulator {
namespace {

constexpr Sequence replayed_moments = 25;
constexpr std::size_t parts_on_a_page = 10;

bool is_selected(const DeltaToken& token, std::string_view name) {
    return token.selection.empty() ||
           std::find(token.selection.begin(), token.selection.end(), name) != token.selection.end();
}

bool tracks_members(const DeltaToken& token) {
    return token.kind == Kind::group && is_selected(token, "members");
}

/// Owners come only where $select names them.
bool tracks_owners(const DeltaToken& token) {
    return token.kind == Kind::group && !token.selection.empty() && is_selected(token, "owners");
}

bool is_tracked(const Property& property, const DeltaToken& token) {
    return property.returned != Returned::outside_store && (token.beta || !property.beta_only);
}

/// The selected properties that changed in (from, to].
std::vector<std::string_view> changed_properties(const DirectoryObject& object,
                                                 const DeltaToken& token) {
    std::vector<std::string_view> names;
    for (const auto& event : object.property_events) {
        if (event.sequence > token.from && event.sequence <= token.to &&
            is_selected(token, event.name)) {
            names.emplace_back(event.name);
        }
    }
    return names;
}

using Names = std::vector<std::string_view>;

bool is_among(const Names* only, std::string_view name) {
    return only == nullptr || std::find(only->begin(), only->end(), name) != only->end();
}

/// Never-set properties are left out, cleared ones are null; `only` narrows to those names where it
/// is given.
void add_properties(json::object& shown, const DirectoryObject& object, const DeltaToken& token,
                    const Names* only, bool writeback_defaults) {
    const auto values = object.properties_at(token.to);
    for (const auto& property : properties_of(object.kind)) {
        if (!is_selected(token, property.name) || !is_tracked(property, token)) continue;
        if (!is_among(only, property.name)) continue;
        const auto* value = values.if_contains(property.name);
        if (property.name == "writebackConfiguration") {
            if (value == nullptr && token.selection.empty()) continue;
            shown[property.name] =
                shown_writeback_configuration(value, object.is_unified(), writeback_defaults);
        } else if (value != nullptr) {
            shown[property.name] = *value;
        }
    }
    for (const auto& name : token.selection) {
        if (!is_directory_extension(name) || !is_among(only, name)) continue;
        if (const auto* value = values.if_contains(name)) shown[name] = *value;
    }
}

json::object removed_entry(const std::string& id, const char* reason) {
    return {{"id", id}, {"@removed", {{"reason", reason}}}};
}

}  // namespace

DeltaToken DeltaQuery::begin(DeltaToken token, bool latest) {
    token.to = horizon();
    token.from = latest ? token.to : 0;
    token.ends_round = latest;
    token.part_size = static_cast<std::uint32_t>(settings.members_per_part);
    return issue(std::move(token));
}

Verdict DeltaQuery::check(const DeltaToken& token, Kind kind) {
    if (token.kind != kind) return Refusal{400, "Request_BadRequest", "Badly formed token."};
    const bool too_old = clock_.now() - token.issued > settings.token_lifetime;
    if (too_old || token.tenant != tenant_life_ || token.serial < oldest_serial_) {
        return Refusal{
            400, "syncStateNotFound",
            "The sync state generation is not found. The delta token is expired and data "
            "must be synchronized again."};
    }
    return std::nullopt;
}

DeltaPage DeltaQuery::page(DeltaToken token) {
    DeltaPage page;
    const bool begins = token.ends_round;
    if (begins) {
        const bool unchanged = begin_next_round(token);
        if (unchanged) {
            token.ends_round = true;
            page.link_unchanged = settings.same_link_when_empty;
            page.next = issue(std::move(token));
            return page;
        }
    }
    if (settings.empty_pages && !token.after_empty_page) {
        token.after_empty_page = true;
        page.next = issue(std::move(token));
        return page;
    }
    token.after_empty_page = false;
    fill(page, token);
    page.link_unchanged = begins && token.ends_round && page.value.empty() && token.from > 0 &&
                          settings.same_link_when_empty;
    if (settings.replay && !page.value.empty()) page.value.push_back(page.value.front());
    page.next = issue(std::move(token));
    return page;
}

/// The link of a finished round begins the next one where that one ended. True if nothing has
/// changed since.
bool DeltaQuery::begin_next_round(DeltaToken& token) {
    token.ends_round = false;
    token.from = token.to;
    token.to = std::max(token.to, horizon());
    token.pass = 0;
    token.position = 0;
    token.after_empty_page = false;
    token.part_size = static_cast<std::uint32_t>(settings.members_per_part);
    if (tenant_.changed(token.kind, token.from, token.to).empty()) return true;
    if (settings.replay && token.from > 0) token.from -= std::min(token.from - 1, replayed_moments);
    return false;
}

/// Adds entries until the page is full, and moves the token to where the next page begins.
void DeltaQuery::fill(DeltaPage& page, DeltaToken& token) {
    const auto& objects = candidates(token);
    std::size_t members_left = settings.members_per_part * parts_on_a_page;
    while (true) {
        for (; token.position < objects.size(); ++token.position) {
            if (page.value.size() >= settings.page_size || members_left == 0) return;
            const auto& object = tenant_.at(objects[token.position]);
            if (!token.ids.empty() &&
                std::find(token.ids.begin(), token.ids.end(), object.id) == token.ids.end()) {
                continue;
            }
            if (!settings.interleave_parts) {
                // One part a page: the group is repeated until its parts are through.
                if (auto shown = entry(object, token, token.pass)) {
                    page.value.push_back(std::move(*shown));
                }
                if (token.pass + 1 < parts_of(object, token)) {
                    ++token.pass;
                    return;
                }
                token.pass = 0;
                continue;
            }
            if (auto shown = entry(object, token, token.pass)) {
                if (const auto* part = shown->if_contains("members@delta")) {
                    members_left -= std::min(members_left, part->get_array().size());
                }
                page.value.push_back(std::move(*shown));
            }
        }
        if (!settings.interleave_parts || !more_parts(token)) break;
        ++token.pass;
        token.position = 0;
    }
    token.ends_round = true;
}

std::optional<json::object> DeltaQuery::entry(const DirectoryObject& object,
                                              const DeltaToken& token, std::uint32_t part) const {
    const auto state = object.state_at(token.to);
    if (!state) return std::nullopt;
    const bool initial = token.from == 0;
    const bool appeared = initial || object.life_changed(token.from, token.to);
    if (*state != Life::live) {
        if (part > 0 || !appeared || (initial && !settings.removed_in_initial)) return std::nullopt;
        return removed_entry(object.id, *state == Life::purged ? "deleted" : "changed");
    }
    const auto changed = changed_properties(object, token);
    const Sequence since = links_since(object, token);
    json::array parts;
    if (tracks_members(token)) parts = members(object, token, since, appeared, part);
    json::array owners;
    if (tracks_owners(token) && part == 0) {
        owners = links(object.owners, object.owners.events_in(since, token.to), token,
                       appeared && since == 0);
    }
    const bool is_new = part == 0 && (appeared || !changed.empty() || !owners.empty());
    if (parts.empty() && !is_new) return std::nullopt;

    json::object shown;
    shown["id"] = object.id;
    add_properties(shown, object, token, token.minimal && !appeared ? &changed : nullptr,
                   tenant_.settings.writeback_defaults);
    if (!parts.empty()) shown["members@delta"] = std::move(parts);
    if (!owners.empty() && settings.owners) shown["owners@delta"] = std::move(owners);
    return shown;
}

/// From which moment on links are shown: all of them for an object that is new to the client.
Sequence DeltaQuery::links_since(const DirectoryObject& group, const DeltaToken& token) const {
    if (token.from == 0) return 0;
    if (!group.life_changed(token.from, token.to)) return token.from;
    const bool created = group.life.front().sequence > token.from;
    return created || settings.members_on_restore ? 0 : token.from;
}

json::array DeltaQuery::members(const DirectoryObject& group, const DeltaToken& token,
                                Sequence since, bool initial, std::uint32_t part) const {
    const auto [first, last] = group.members.events_in(since, token.to);
    const std::size_t begin = first + static_cast<std::size_t>(part) * token.part_size;
    const std::size_t end = std::min<std::size_t>(last, begin + token.part_size);
    return links(group.members, {begin, end}, token, initial && since == 0);
}

json::array DeltaQuery::links(const LinkHistory& history,
                              std::pair<std::size_t, std::size_t> positions,
                              const DeltaToken& token, bool initial) const {
    json::array shown;
    for (std::size_t i = positions.first; i < positions.second; ++i) {
        const auto& event = history.event(i);
        if (!history.is_current(event, token.to)) continue;
        // A round that shows earlier changes again tells those removals that the client has yet to
        // learn.
        if (!event.added && initial && !settings.removed_in_initial && !settings.replay) continue;
        const auto& target = tenant_.at(event.target);
        json::object item;
        item["@odata.type"] = odata_type(target.kind);
        item["id"] = target.id;
        if (!event.added) item["@removed"] = {{"reason", "deleted"}};
        shown.push_back(std::move(item));
    }
    return shown;
}

std::size_t DeltaQuery::parts_of(const DirectoryObject& object, const DeltaToken& token) const {
    if (!tracks_members(token) || object.state_at(token.to) != Life::live) return 1;
    const auto [first, last] = object.members.events_in(links_since(object, token), token.to);
    const std::size_t size = std::max<std::uint32_t>(1, token.part_size);
    return std::max<std::size_t>(1, (last - first + size - 1) / size);
}

bool DeltaQuery::more_parts(const DeltaToken& token) {
    const auto& objects = candidates(token);
    return std::any_of(objects.begin(), objects.end(), [&](ObjectIndex index) {
        return parts_of(tenant_.at(index), token) > token.pass + 1;
    });
}

const std::vector<ObjectIndex>& DeltaQuery::candidates(const DeltaToken& token) {
    const bool same = round_.filled && round_.kind == token.kind && round_.from == token.from &&
                      round_.to == token.to;
    if (!same) {
        round_ = {token.kind, token.from, token.to,
                  tenant_.changed(token.kind, token.from, token.to), true};
    }
    return round_.objects;
}

Sequence DeltaQuery::horizon() {
    return settings.lag.count() == 0 ? tenant_.latest()
                                     : tenant_.moment_at(clock_.now() - settings.lag);
}

DeltaToken DeltaQuery::issue(DeltaToken token) {
    token.tenant = tenant_life_;
    token.serial = next_serial_++;
    token.issued = clock_.now();
    return token;
}

}  // namespace emulator
