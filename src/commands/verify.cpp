// `verify`: compares every written group with AD; beside a running daemon too.
#include "commands/commands.hpp"
#include "commands/peers.hpp"
#include "commands/verification.hpp"
#include "core/projection.hpp"
#include "store/sqlite_store.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace writeback {
namespace {

namespace json = boost::json;

Async<Result<VerificationReport>> verify(const Config& config, Store& store, Peers& peers) {
    DirectoryReader& reader = peers.directory().reader();
    auto facts = co_await reader.facts();
    if (!facts) co_return facts.error();
    auto projection =
        projection_rules(config.groups, config.directory, config.mapping, facts->group_attributes);
    if (!projection) co_return projection.error();
    DriftRules rules;
    rules.attributes = written_attributes(*projection);
    rules.compares_sam_account_name = projection->mapping.sam_account_name.has_value();
    rules.membership = config.groups.membership;
    Verification verification(
        store, reader, peers.clock(), std::move(rules),
        [](std::int64_t groups) { std::cerr << "verify: " << groups << " groups compared\n"; });
    co_return co_await verification.run(config.directory.groups_at_once);
}

Async<void> keep(Async<Result<VerificationReport>> work,
                 std::optional<Result<VerificationReport>>& result) {
    result = co_await std::move(work);
}

std::string heading(const GroupFinding& finding) {
    return finding.name + " (" + finding.group.text() + ")" +
           (finding.dn.empty() ? std::string() : ", " + finding.dn.text());
}

void print_text(const VerificationReport& report) {
    for (const auto& finding : report.different) {
        std::cout << heading(finding) << "\n";
        for (const auto& sentence : finding.differences)
            std::cout << "  " << sentence << "\n";
    }
    for (const auto& finding : report.pending)
        std::cout << "pending: " << heading(finding) << "\n";
    std::cout << "verify: " << report.groups << " groups, " << report.different.size()
              << " differ, " << report.pending.size() << " pending\n";
}

json::array findings_json(const std::vector<GroupFinding>& findings) {
    json::array array;
    for (const auto& finding : findings) {
        json::object object{
            {"group_id", finding.group.text()}, {"name", finding.name}, {"dn", finding.dn.text()}};
        json::array differences;
        for (const auto& sentence : finding.differences)
            differences.emplace_back(sentence);
        if (!differences.empty()) object["differences"] = std::move(differences);
        array.emplace_back(std::move(object));
    }
    return array;
}

void print_json(const VerificationReport& report) {
    const json::object document{{"groups", report.groups},
                                {"different", findings_json(report.different)},
                                {"pending", findings_json(report.pending)}};
    std::cout << json::serialize(document) << "\n";
}

}  // namespace

int run_verify(const Config& config, bool json) {
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::read_only});
    if (!store) return complain(store.error());
    Peers peers(config);
    std::optional<Result<VerificationReport>> report;
    peers.run(keep(verify(config, **store, peers), report));
    if (!report->has_value()) return complain(report->error());
    json ? print_json(**report) : print_text(**report);
    return (*report)->different.empty() ? exit_done : exit_failed;
}

}  // namespace writeback
