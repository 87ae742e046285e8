// A plan as JSON, the contract of `plan --json`. Pure.
#pragma once

#include "sync/plan_recorder.hpp"

#include <writeback/plan.hpp>

#include <string>
#include <vector>

namespace writeback {

// {"operations": […], "held": […]}, indented by nothing, ending in a newline.
[[nodiscard]] std::string plan_json(const std::vector<RecordedOperation>& operations,
                                    const std::vector<Hold>& held);

}  // namespace writeback
