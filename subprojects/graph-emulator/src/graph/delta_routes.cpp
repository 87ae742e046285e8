// groups/delta and users/delta.
#include "../base/text.hpp"
#include "query.hpp"
#include "routes.hpp"

namespace emulator {
namespace {

constexpr std::size_t most_filtered_ids = 50;

std::string collection_of(Kind kind) {
    return kind == Kind::group ? "groups" : "users";
}

Refusal unsupported(std::string message) {
    return {400, "Request_UnsupportedQuery", std::move(message)};
}

bool asks_for_minimal(const Call& call) {
    const auto prefer = call.request.header("Prefer");
    return prefer && prefer->find("return=minimal") != std::string_view::npos;
}

Result<DeltaToken> begin(const Services& services, const Call& call, Kind kind, bool latest) {
    for (const auto* option : {"$expand", "$top", "$orderby", "$search", "$count"}) {
        if (call.query.contains(option)) {
            return unsupported("The query option '" + std::string(option) +
                               "' is not supported with delta query.");
        }
    }
    auto selection = parse_selection(call.query, kind, {.beta = call.beta, .tracked = true});
    if (!selection) return selection.refusal();
    DeltaToken wanted;
    wanted.kind = kind;
    wanted.beta = call.beta;
    wanted.minimal = asks_for_minimal(call);
    wanted.selection = std::move(*selection);
    if (const auto option = call.query.find("$filter"); option != call.query.end()) {
        const auto filter = Filter::parse(option->second);
        if (!filter) return filter.refusal();
        auto listed = filter->as_ids();
        if (!listed) return unsupported("Delta query supports filtering by id only.");
        if (listed->size() > most_filtered_ids) {
            return unsupported("Delta query supports at most 50 ids in $filter.");
        }
        wanted.ids = std::move(*listed);
    }
    return services.delta.begin(std::move(wanted), latest);
}

/// The token of the call: sealed in the link, or that of a new round.
Result<DeltaToken> token_of(const Services& services, const Call& call, Kind kind) {
    const auto delta = call.query.find("$deltatoken");
    const auto skip = call.query.find("$skiptoken");
    const bool has_delta = delta != call.query.end() && !delta->second.empty();
    const bool has_skip = skip != call.query.end();
    if (!has_skip && (!has_delta || delta->second == "latest")) {
        return begin(services, call, kind, has_delta);
    }
    for (const auto* option : {"$select", "$filter", "$expand", "$top", "$orderby"}) {
        if (call.query.contains(option)) {
            return unsupported("The query option '" + std::string(option) +
                               "' can't be combined with a token: it is part of the token.");
        }
    }
    auto token = open(has_skip ? skip->second : delta->second);
    if (!token || token->ends_round == has_skip) {
        return Refusal{400, "Request_BadRequest", "Badly formed token."};
    }
    if (auto refusal = services.delta.check(*token, kind)) return *refusal;
    if (has_delta) token->minimal = asks_for_minimal(call);
    return std::move(*token);
}

std::string link(const Call& call, Kind kind, const DeltaToken& token) {
    return call.version_url() + '/' + collection_of(kind) + "/delta?" +
           (token.ends_round ? "$deltatoken=" : "$skiptoken=") + seal(token);
}

std::string context_of(Kind kind, const std::vector<std::string>& selection) {
    std::string names;
    for (const auto& name : selection) {
        if (name != "members" && name != "owners") names += (names.empty() ? "" : ",") + name;
    }
    return collection_of(kind) + (names.empty() ? "" : '(' + names + ')');
}

Response delta(const Services& services, const Call& call, Kind kind) {
    const auto token = token_of(services, call, kind);
    if (!token) return refuse(call, token.refusal());
    const auto option = call.query.find("$deltatoken");
    const bool latest = option != call.query.end() && option->second == "latest";
    DeltaPage page;
    if (latest) {
        page.next = *token;
    } else {
        page = services.delta.page(*token);
    }
    json::object body;
    body["@odata.context"] = call.context(context_of(kind, token->selection));
    body[page.next.ends_round ? "@odata.deltaLink" : "@odata.nextLink"] =
        page.link_unchanged && option != call.query.end()
            ? call.version_url() + '/' + collection_of(kind) +
                  "/delta?$deltatoken=" + option->second
            : link(call, kind, page.next);
    body["value"] = std::move(page.value);
    return json_response(200, body);
}

}  // namespace

void add_delta_routes(RouteTable& table) {
    table.add("GET", "groups/delta", "groups-delta", 1,
              [](const Services& s, const Call& c) { return delta(s, c, Kind::group); });
    table.add("GET", "users/delta", "users-delta", 1,
              [](const Services& s, const Call& c) { return delta(s, c, Kind::user); });
}

}  // namespace emulator
