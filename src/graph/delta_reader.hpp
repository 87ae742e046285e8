// The change source: delta rounds, page by page, and direct reads of groups and members.
//
// Failures: as ChangeSource says. A property of the selection that Graph does not know is named in
// the failure (refused), with the settings that may ask for it. A nextLink that repeats within a
// round is refused, so that no answer can lead in circles; asking for the same page again is no
// repetition. Limits: most_pages of a list. Threads, cancellation: as GraphCaller.
#pragma once

#include "graph/delta_page.hpp"
#include "graph/graph_caller.hpp"

#include <writeback/change_source.hpp>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace writeback {

class DeltaReader : public ChangeSource {
 public:
    static constexpr int most_pages = 10'000;  // of one list: ten million members

    static constexpr int most_empty_repeats = 3;

    // `client_id` is our application's, whose assignments are asked for.
    DeltaReader(GraphCaller& caller, std::string endpoint, GroupSelection selection = {},
                std::string client_id = {})
        : caller_(caller),
          endpoint_(std::move(endpoint)),
          selection_(std::move(selection)),
          client_id_(std::move(client_id)) {}

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
    using Parse = std::function<Result<Page>(std::string_view)>;

    template <class Page>
    Async<Result<Page>> page(Stream stream, std::string link, Parse<Page> parse);
    Async<Result<HttpAnswer>> ask(Stream stream, const std::string& link);
    [[nodiscard]] Result<Done> follow(Stream stream, const std::string& from, const Link& link);
    // All pages of a list, in one go; once more when its paging token expires on the way.
    template <class Page>
    Async<Result<std::vector<Page>>> read_list(Call call, std::string what, Parse<Page> parse);
    template <class Page>
    Async<Result<std::vector<Page>>> read_pages(Call call, const std::string& what,
                                                const Parse<Page>& parse);
    Async<Result<std::vector<CloudMember>>> read_people(Call call, std::string what);
    [[nodiscard]] Failure naming_properties(Failure failed) const;

    GraphCaller& caller_;
    std::string endpoint_;
    GroupSelection selection_;
    std::string client_id_;
    std::array<Trail, 2> trails_;
};

}  // namespace writeback
