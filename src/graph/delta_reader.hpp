// The change source: delta rounds, page by page, and direct reads of groups and members.
//
// Failures: as ChangeSource says. A nextLink that repeats within a round is refused, so that no
// answer can lead in circles; asking for the same page again is no repetition. Limits: most_pages
// of a member list. Threads, cancellation: as GraphCaller.
#pragma once

#include "graph/delta_page.hpp"
#include "graph/graph_caller.hpp"

#include <writeback/change_source.hpp>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace writeback {

class DeltaReader : public ChangeSource {
 public:
    static constexpr int most_pages = 10'000;  // of one member list: ten million members

    static constexpr int most_empty_repeats = 3;

    DeltaReader(GraphCaller& caller, std::string endpoint)
        : caller_(caller), endpoint_(std::move(endpoint)) {}

    Async<Result<GroupPage>> groups_page(std::string link) override;
    Async<Result<UserPage>> users_page(std::string link) override;
    [[nodiscard]] std::string fingerprint(Stream stream) const override;
    Async<Result<GroupRead>> read_group(GroupId group) override;
    Async<Result<std::vector<CloudMember>>> read_members(GroupId group) override;
    Async<Result<std::vector<CloudMember>>> read_owners(GroupId group) override;
    Async<Result<std::vector<GroupId>>> assigned_groups() override;

 private:
    // The nextLinks that this round has shown, each with the link whose page showed it.
    using Trail = std::map<std::string, std::string>;

    template <class Page>
    Async<Result<Page>> page(Stream stream, std::string link,
                             Result<Page> (*parse)(std::string_view, const Origin&));
    Async<Result<HttpAnswer>> ask(Stream stream, const std::string& link);
    [[nodiscard]] Result<Done> follow(Stream stream, const std::string& from, const Link& link);
    Async<Result<std::vector<CloudMember>>> read_member_pages(const GroupId& group);

    GraphCaller& caller_;
    std::string endpoint_;
    std::array<Trail, 2> trails_;
};

}  // namespace writeback
