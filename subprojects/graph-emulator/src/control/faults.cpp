#include "faults.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace emulator {
namespace {

constexpr std::size_t most_faults = 1000;

constexpr std::array<std::pair<std::string_view, FaultKind>, 17> kind_names = {{
    {"429", FaultKind::throttled},
    {"503", FaultKind::unavailable},
    {"500", FaultKind::internal_error},
    {"410", FaultKind::gone},
    {"syncStateNotFound", FaultKind::sync_state_not_found},
    {"cut", FaultKind::cut},
    {"delay", FaultKind::delay},
    {"expired-token", FaultKind::expired_token},
    {"garbage", FaultKind::garbage},
    {"empty-page", FaultKind::empty_page},
    {"loop", FaultKind::loop},
    {"403", FaultKind::forbidden},
    {"502", FaultKind::bad_gateway},
    {"504", FaultKind::gateway_timeout},
    {"409", FaultKind::concurrency},
    {"404", FaultKind::not_found},
    {"expired-page", FaultKind::expired_page},
}};

const std::set<std::string, std::less<>> operations = {"any",
                                                       "token",
                                                       "groups-delta",
                                                       "users-delta",
                                                       "getByIds",
                                                       "members",
                                                       "groups",
                                                       "owners",
                                                       "contacts",
                                                       "servicePrincipals",
                                                       "appRoleAssignments",
                                                       "users",
                                                       "devices",
                                                       "directoryObjects",
                                                       "deletedItems",
                                                       "subscriptions",
                                                       "batch",
                                                       "managed-identity"};

bool is_for_delta_only(FaultKind kind) {
    return kind == FaultKind::gone || kind == FaultKind::sync_state_not_found ||
           kind == FaultKind::empty_page || kind == FaultKind::loop;
}

bool concerns(const Fault& fault, std::string_view operation, std::string_view method,
              std::string_view query) {
    const bool delta = operation == "groups-delta" || operation == "users-delta";
    const bool identity = operation == "managed-identity";
    if (is_for_delta_only(fault.kind) && !delta && !(identity && fault.kind == FaultKind::gone)) {
        return false;
    }
    if (fault.kind == FaultKind::expired_token && (operation == "token" || identity)) return false;
    if (fault.kind == FaultKind::expired_page &&
        (delta || query.find("$skiptoken=") == std::string_view::npos)) {
        return false;
    }
    if (!fault.method.empty() && fault.method != method) return false;
    return fault.operation == "any" || fault.operation == operation;
}

Refusal invalid(std::string message) {
    return {400, "BadFault", std::move(message)};
}

}  // namespace

Result<Fault> FaultPlan::parse(const json::object& description) {
    static const std::set<std::string, std::less<>> known = {
        "operation", "kind", "retry_after", "times", "after", "delay_ms", "probability", "method"};
    for (const auto& [key, value] : description) {
        if (!known.contains(std::string_view(key.data(), key.size()))) {
            return invalid("unknown key '" + std::string(key) + "'");
        }
    }
    Fault fault;
    fault.operation = text_at(description, "operation").value_or("any");
    if (!operations.contains(fault.operation)) {
        return invalid("unknown operation '" + fault.operation + "'");
    }
    std::string kind(text_at(description, "kind").value_or(""));
    if (const auto number = integer_at(description, "kind")) kind = std::to_string(*number);
    const auto found = std::find_if(kind_names.begin(), kind_names.end(),
                                    [&](const auto& entry) { return entry.first == kind; });
    if (found == kind_names.end()) return invalid("unknown kind '" + kind + "'");
    fault.kind = found->second;
    fault.method = text_at(description, "method").value_or("");
    fault.retry_after = number_at(description, "retry_after");
    fault.delay_milliseconds = integer_at(description, "delay_ms").value_or(1000);
    fault.times = integer_at(description, "times").value_or(1);
    fault.after = integer_at(description, "after").value_or(0);
    fault.probability = number_at(description, "probability").value_or(1);
    if (fault.delay_milliseconds < 0 || fault.delay_milliseconds > 600000) {
        return invalid("delay_ms must be from 0 to 600000");
    }
    return fault;
}

std::uint64_t FaultPlan::add(Fault fault) {
    if (faults_.size() >= most_faults) faults_.erase(faults_.begin());
    fault.id = next_id_++;
    faults_.push_back(std::move(fault));
    return faults_.back().id;
}

bool FaultPlan::erase(std::uint64_t id) {
    return std::erase_if(faults_, [&](const Fault& fault) { return fault.id == id; }) > 0;
}

bool is_operation(std::string_view name) {
    return operations.contains(name);
}

std::optional<Fault> FaultPlan::strike(std::string_view operation, std::string_view method,
                                       std::string_view query) {
    for (auto& fault : faults_) {
        if (!concerns(fault, operation, method, query) || fault.times == 0) continue;
        if (fault.after > 0) {
            --fault.after;
            continue;
        }
        if (fault.probability < 1 && !random_.chance(fault.probability)) continue;
        if (fault.times > 0) --fault.times;
        ++fault.struck;
        return fault;
    }
    return std::nullopt;
}

json::array FaultPlan::describe() const {
    json::array list;
    for (const auto& fault : faults_) {
        const auto name =
            std::find_if(kind_names.begin(), kind_names.end(), [&](const auto& entry) {
                return entry.second == fault.kind;
            })->first;
        list.push_back({{"id", fault.id},
                        {"operation", fault.operation},
                        {"kind", json::string_view(name.data(), name.size())},
                        {"times", fault.times},
                        {"after", fault.after},
                        {"struck", fault.struck}});
    }
    return list;
}

}  // namespace emulator
