#include "commands/plan_json.hpp"

#include <boost/json.hpp>

namespace writeback {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& values) {
    json::array array;
    for (const auto& value : values)
        array.emplace_back(value);
    return array;
}

json::array members_json(const std::vector<PlannedMember>& members) {
    json::array array;
    for (const auto& member : members) {
        json::object object;
        if (!member.identity.sid.empty()) object["sid"] = member.identity.sid.text();
        if (!member.identity.guid.empty()) object["guid"] = member.identity.guid.text();
        json::array ids;
        for (const auto& id : member.cloud_ids)
            ids.emplace_back(id.text());
        object["member_ids"] = std::move(ids);
        if (member.evidence != Evidence::none) object["evidence"] = name_of(member.evidence);
        array.emplace_back(std::move(object));
    }
    return array;
}

json::object attributes_json(const Attributes& attributes) {
    json::object object;
    for (const auto& [name, values] : attributes)
        object[name] = texts(values);
    return object;
}

void add_fields(json::object& object, const Operation& operation) {
    switch (operation.kind) {
        case OperationKind::create_group:
            if (operation.create) {
                object["cn"] = operation.create->cn;
                object["sAMAccountName"] = operation.create->sam_account_name;
                object["groupType"] = operation.create->group_type;
                object["attributes"] = attributes_json(operation.create->attributes);
            }
            object["members"] = members_json(operation.members);
            break;
        case OperationKind::modify_group: {
            json::array changes;
            for (const auto& change : operation.changes) {
                changes.push_back({{"attribute", change.name},
                                   {"before", texts(change.before)},
                                   {"after", texts(change.values)}});
            }
            object["changes"] = std::move(changes);
            break;
        }
        case OperationKind::rename_group:
            object["new_cn"] = operation.new_cn;
            break;
        case OperationKind::move_group:
            object["new_container"] = operation.new_container.text();
            break;
        case OperationKind::convert_group:
            object["from_group_type"] = operation.from_type;
            object["to_group_type"] = operation.to_type;
            break;
        case OperationKind::add_members:
        case OperationKind::remove_members:
            object["members"] = members_json(operation.members);
            break;
        case OperationKind::delete_group:
            object["evidence"] = name_of(operation.evidence);
            break;
    }
}

json::object hold_json(const Hold& hold) {
    json::object object{{"id", hold.id},         {"group_id", hold.group.text()},
                        {"name", hold.name},     {"reason", name_of(hold.reason)},
                        {"detail", hold.detail}, {"since", to_text(hold.since)}};
    if (!hold.member.empty()) object["member_id"] = hold.member.text();
    if (!hold.sid.empty()) object["sid"] = hold.sid.text();
    return object;
}

}  // namespace

std::string plan_json(const std::vector<RecordedOperation>& operations,
                      const std::vector<Hold>& held) {
    json::array planned;
    for (const auto& entry : operations) {
        json::object object{{"kind", name_of(entry.operation.kind)},
                            {"group_id", entry.group.text()},
                            {"name", entry.name},
                            {"dn", entry.operation.dn.text()}};
        add_fields(object, entry.operation);
        planned.emplace_back(std::move(object));
    }
    json::array holds;
    for (const auto& hold : held)
        holds.emplace_back(hold_json(hold));
    json::object document;
    document["operations"] = std::move(planned);
    document["held"] = std::move(holds);
    return json::serialize(document) + "\n";
}

}  // namespace writeback
