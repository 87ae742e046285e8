#include <writeback/plan.hpp>

#include <map>
#include <string>

namespace writeback {

namespace {

// "2 members", or with evidence "2 members (1 absent, 1 removed)".
std::string members_text(const std::vector<PlannedMember>& members) {
    std::map<std::string_view, std::size_t> by_evidence;
    for (const PlannedMember& member : members) {
        if (member.evidence != Evidence::none) ++by_evidence[name_of(member.evidence)];
    }
    std::string text = std::to_string(members.size());
    text += members.size() == 1 ? " member" : " members";
    std::string reasons;
    for (const auto& [name, count] : by_evidence) {
        if (!reasons.empty()) reasons += ", ";
        if (by_evidence.size() > 1) reasons += std::to_string(count) + " ";
        reasons += name;
    }
    return reasons.empty() ? text : text + " (" + reasons + ")";
}

std::string changes_text(const std::vector<AttributeChange>& changes) {
    std::string text;
    for (const AttributeChange& change : changes) {
        if (!text.empty()) text += ", ";
        text += change.values.empty() ? "-" : change.before.empty() ? "+" : "";
        text += change.name;
    }
    return text;
}

std::string detail_of(const Operation& operation) {
    switch (operation.kind) {
        case OperationKind::create_group:
            return "type " + std::to_string(operation.create ? operation.create->group_type : 0) +
                   ", " + members_text(operation.members);
        case OperationKind::modify_group:
            return changes_text(operation.changes);
        case OperationKind::rename_group:
            return "to CN=" + operation.new_cn;
        case OperationKind::move_group:
            return "to " + operation.new_container.text();
        case OperationKind::convert_group:
            return std::to_string(operation.from_type) + " to " + std::to_string(operation.to_type);
        case OperationKind::add_members:
        case OperationKind::remove_members:
            return members_text(operation.members);
        case OperationKind::delete_group:
            break;
    }
    return "";
}

// Names may hold line breaks; a line of text must not.
std::string on_one_line(const std::string& text) {
    std::string result;
    for (const char c : text) {
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
    return result;
}

}  // namespace

std::string to_text(const Operation& operation) {
    std::string text = std::string(name_of(operation.kind)) + " " + operation.dn.text();
    const std::string detail = detail_of(operation);
    if (!detail.empty()) text += ": " + detail;
    if (operation.evidence != Evidence::none) {
        text += " (" + std::string(name_of(operation.evidence)) + ")";
    }
    return on_one_line(text);
}

std::string to_text(const Plan& plan) {
    std::string text;
    for (const Operation& operation : plan.operations)
        text += to_text(operation) + "\n";
    return text;
}

}  // namespace writeback
