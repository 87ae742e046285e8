#include "admission.hpp"

#include "../base/text.hpp"

namespace emulator {
namespace {

void set_if_absent(json::object& properties, const char* name, json::value value) {
    properties.emplace(name, std::move(value));
}

json::value text_value(std::string_view text) {
    return json::value(json::string_view(text.data(), text.size()));
}

void complete_group(json::object& properties, const std::string& created) {
    set_if_absent(properties, "groupTypes", json::array());
    set_if_absent(properties, "mailEnabled", false);
    set_if_absent(properties, "securityEnabled", true);
    set_if_absent(properties, "renewedDateTime", text_value(created));
    if (const auto mail = text_at(properties, "mail")) {
        set_if_absent(properties, "proxyAddresses", json::array{"SMTP:" + std::string(*mail)});
    }
    set_if_absent(properties, "proxyAddresses", json::array());
}

}  // namespace

json::object completed(Kind kind, json::object properties, std::string_view id, TimePoint now) {
    const std::string created = utc_text(now);
    if (kind == Kind::user || kind == Kind::group) {
        set_if_absent(properties, "createdDateTime", text_value(created));
        set_if_absent(properties, "securityIdentifier", text_value(cloud_security_identifier(id)));
    }
    if (kind == Kind::group) complete_group(properties, created);
    if (kind == Kind::user) {
        set_if_absent(properties, "accountEnabled", true);
        set_if_absent(properties, "userType", "Member");
        set_if_absent(properties, "businessPhones", json::array());
    }
    if (kind == Kind::device) {
        set_if_absent(properties, "accountEnabled", true);
        set_if_absent(properties, "deviceId", text_value(id));
    }
    return properties;
}

bool may_be_member(const DirectoryObject& group, const DirectoryObject& member) {
    return !group.is_unified() || member.kind == Kind::user || member.kind == Kind::org_contact;
}

bool may_be_owner(const DirectoryObject& owner) {
    return owner.kind == Kind::user || owner.kind == Kind::service_principal;
}

void enter_application(Tenant& tenant, TimePoint now, std::string_view app_id) {
    if (app_id.empty() || tenant.find_service_principal(app_id) != nullptr) return;
    json::object properties;
    for (const auto* name : {"displayName", "appDisplayName"})
        properties[name] = "Group writeback";
    properties["appId"] = app_id;
    properties["accountEnabled"] = true;
    properties["servicePrincipalType"] = "Application";
    const std::string id = tenant.free_id();
    (void)tenant.create(Kind::service_principal,
                        completed(Kind::service_principal, std::move(properties), id, now), id);
}

}  // namespace emulator
