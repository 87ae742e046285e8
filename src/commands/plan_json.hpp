// A plan as JSON, the contract of `plan --json`. Pure.
#pragma once

#include <writeback/plan.hpp>

#include <string>
#include <vector>

namespace writeback {

struct PlannedOperation {
    GroupId group;
    std::string name;
    Operation operation;
};

// {"operations": […], "held": […]}, indented by nothing, ending in a newline.
[[nodiscard]] std::string plan_json(const std::vector<PlannedOperation>& operations,
                                    const std::vector<Hold>& held);

}  // namespace writeback
