// A directory object with its whole history, so that any earlier moment can be shown again.
//
// A moment is a sequence number of the tenant's log. Histories only grow, which is what keeps the
// pages of a delta round stable while the tenant changes under it. Property values are kept at
// their latest; each property event holds the value that it replaced. Pure data and pure questions:
// no I/O, no clock.
//
// Limits: 2^32 objects, and as many membership events in a group. Threads: one.
#pragma once

#include "../base/clock.hpp"
#include "../base/json.hpp"
#include "link_history.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emulator {

enum class Kind : std::uint8_t { user, group, device, service_principal, org_contact };
enum class Life : std::uint8_t { live, soft_deleted, purged };

/// "user", "group", "device", "servicePrincipal", "orgContact"
std::string_view type_name(Kind kind);
/// "#microsoft.graph.user" and so on.
std::string odata_type(Kind kind);
std::optional<Kind> kind_from_type_name(std::string_view name);

struct LifeEvent {
    Sequence sequence;
    Life state;
};

struct PropertyEvent {
    Sequence sequence;
    std::string name;
    std::optional<json::value> before;  ///< nothing where the property had never been set
};

struct DirectoryObject {
    ObjectIndex index = 0;
    Kind kind = Kind::user;
    std::string id;
    json::object properties;  ///< those that were ever set; a cleared one is null
    std::vector<LifeEvent> life;
    std::vector<PropertyEvent> property_events;
    LinkHistory members;
    LinkHistory owners;
    TimePoint soft_deleted_at{};

    Life state() const { return life.back().state; }

    /// Nothing where the object did not exist yet.
    std::optional<Life> state_at(Sequence moment) const;
    /// Whether the object was created, deleted or restored in (from, to].
    bool life_changed(Sequence from, Sequence to) const;
    json::object properties_at(Sequence moment) const;

    bool is_unified() const;
    /// Its members follow from a rule.
    bool is_dynamic() const;
    bool is_mail_enabled() const;
    /// Distribution lists and mail-enabled security groups are purged at once, as are devices.
    bool can_be_restored() const;
};

}  // namespace emulator
