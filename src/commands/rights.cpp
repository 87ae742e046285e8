#include "commands/rights.hpp"

#include "commands/question.hpp"
#include "core/projection.hpp"

#include <iostream>
#include <set>

namespace writeback {
namespace {

Async<void> look_for_missing(ActiveDirectory& directory, Findings& findings,
                             std::vector<Dn>& missing) {
    auto found = co_await directory.missing_containers();
    if (found) {
        missing = std::move(*found);
    } else {
        findings.problem("the containers cannot be looked for: " + found.error().detail);
    }
}

Async<void> make(ActiveDirectory& directory, std::vector<Dn> missing, Findings& findings) {
    for (const auto& container : missing) {
        const auto made = co_await directory.create_container(container);
        if (made) {
            findings.good("the container " + container.text() + " was made");
        } else {
            findings.problem("the container " + container.text() +
                             " could not be made: " + made.error().detail +
                             "; let a domain administrator make it, and give the account its "
                             "rights there");
        }
    }
}

}  // namespace

std::optional<int> create_missing_containers(const Config& config, bool yes, Findings& findings) {
    std::vector<Dn> missing;
    {
        Peers peers(config);
        peers.run(look_for_missing(peers.directory(), findings, missing));
    }
    if (missing.empty()) return std::nullopt;
    for (const auto& container : missing)
        std::cout << "not in AD: " << container.text() << "\n";
    if (const auto status = refused("Make these organizational units?", yes)) return status;
    Peers peers(config);
    peers.run(make(peers.directory(), missing, findings));
    return std::nullopt;
}

Async<void> check_containers(ActiveDirectory& directory, Findings& findings) {
    const auto missing = co_await directory.missing_containers();
    if (!missing) co_return;  // told by the other checks
    for (const auto& container : *missing) {
        findings.note("`enable --create-container` makes " + container.text() +
                      ", where the account may");
    }
}

Async<void> print_delegation(const Config& config, ActiveDirectory& directory, Findings& findings) {
    auto facts = co_await directory.reader().facts();
    if (!facts) co_return;  // told before
    auto rules =
        projection_rules(config.groups, config.directory, config.mapping, facts->group_attributes);
    if (!rules) co_return;
    std::set<std::string> attributes;
    for (const auto& name : written_attributes(*rules))
        attributes.insert(name);
    const auto commands = co_await directory.delegation_commands(std::move(attributes));
    if (!commands) {
        findings.note("the commands that give the rights cannot be put together: " +
                      commands.error().detail);
        co_return;
    }
    std::cout << "\nThe rights of " << commands->account
              << ". On Windows, as a domain administrator:\n";
    for (const auto& line : commands->windows)
        std::cout << "  " << line << "\n";
    std::cout << "On a Samba domain controller, as root:\n";
    for (const auto& line : commands->samba)
        std::cout << "  " << line << "\n";
    std::cout << "\n";
}

}  // namespace writeback
