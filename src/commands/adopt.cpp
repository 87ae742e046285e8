// `adopt`: takes over groups that Microsoft's writeback made, after showing the plan. The question
// stands between two engines, so that nothing waits for the directory while a person thinks.
#include "commands/adoption_run.hpp"
#include "commands/commands.hpp"
#include "commands/group_subject.hpp"
#include "commands/question.hpp"

#include <algorithm>
#include <iostream>

namespace writeback {
namespace {

std::optional<AdoptionSource> source_of(const std::string& word) {
    if (word.empty()) return AdoptionSource::any;
    if (word == "connect") return AdoptionSource::connect;
    if (word == "cloud-sync") return AdoptionSource::cloud_sync;
    return std::nullopt;
}

bool is_done(const AdoptionStep& step) {
    return step.verdict == AdoptionVerdict::adopt || step.verdict == AdoptionVerdict::rename;
}

std::size_t count(const std::vector<PlannedAdoption>& plan, AdoptionVerdict verdict) {
    return static_cast<std::size_t>(std::count_if(plan.begin(), plan.end(), [&](const auto& entry) {
        return entry.step.verdict == verdict;
    }));
}

void print_plan(const std::vector<PlannedAdoption>& plan) {
    for (const auto& entry : plan) {
        std::cout << to_text(entry.step) << "\n";
        if (entry.only_in_cloud > 0)
            std::cout << "  " << entry.only_in_cloud << " members are added\n";
        if (entry.only_in_ad > 0) {
            std::cout << "  " << entry.only_in_ad
                      << " members that the cloud does not have stay until `approve`\n";
        }
    }
    std::cout << "adopt: " << count(plan, AdoptionVerdict::adopt) << " to adopt, "
              << count(plan, AdoptionVerdict::rename) << " to rename, "
              << count(plan, AdoptionVerdict::already_ours) << " already ours, "
              << count(plan, AdoptionVerdict::left_alone) << " left alone\n";
}

int say_done(const Result<AdoptionReport>& report, const char* what) {
    if (!report) return complain(report.error());
    for (const auto& failed : report->failures)
        complain(failed);
    std::cout << report->done << " groups " << what << "\n";
    return report->failures.empty() ? exit_done : exit_failed;
}

int undo(const Config& config, const AdoptOptions& options) {
    auto rows = adopted_groups(config, *options.undo);
    if (!rows) return complain(rows.error());
    if (rows->empty()) return complain("no adopted group is known; nothing is to be undone");
    for (const auto& row : *rows) {
        std::cout << "give back " << row.dn.text();
        if (!row.previous_mark.empty())
            std::cout << "; its mark becomes \"" << row.previous_mark << "\" again";
        std::cout << "\n";
    }
    std::cout << "Names, members and attributes stay as they are. A group that keeps the mark "
                 "\"Group_…\" below a configured container is found again by the next run: stop "
                 "`serve`, or take it out of scope, before.\n";
    if (const auto status =
            refused("Give " + std::to_string(rows->size()) + " groups back?", options.yes)) {
        return *status;
    }
    return say_done(undo_adoption(config, *rows), "given back");
}

}  // namespace

int run_adopt(const Config& config, const AdoptOptions& options) {
    const auto source = source_of(options.from);
    if (!source) return complain("--from must be connect or cloud-sync", exit_usage);
    if (options.undo) return undo(config, options);
    const auto plan = look_for_adoptable(config, *source, options.rename);
    if (!plan) return complain(plan.error());
    print_plan(*plan);
    std::vector<AdoptionStep> steps;
    for (const auto& entry : *plan) {
        if (is_done(entry.step)) steps.push_back(entry.step);
    }
    if (steps.empty()) return exit_done;
    if (config.groups.policy == Policy::report_only) {
        return complain(
            "groups.policy is \"report-only\", so nothing is adopted: set another policy first",
            exit_usage);
    }
    if (const auto status =
            refused("Adopt " + std::to_string(steps.size()) + " groups?", options.yes)) {
        return *status;
    }
    const int status = say_done(adopt(config, steps), "adopted");
    std::cout << "`plan` shows what the next run writes; `adopt --undo` gives them back.\n";
    return status;
}

}  // namespace writeback
