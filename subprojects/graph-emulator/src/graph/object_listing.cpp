#include "object_listing.hpp"

#include "../base/text.hpp"

#include <charconv>

namespace emulator {
namespace {

constexpr std::string_view skip_prefix = "RFNwdAoAAQ";

Result<Selection> selection_of(const Call& call, const Listing& listing) {
    if (listing.kind) return parse_selection(call.query, *listing.kind, {.beta = call.beta});
    return parse_mixed_selection(call.query, call.beta);
}

}  // namespace

Result<std::size_t> parse_position(const Call& call) {
    const auto option = call.query.find("$skiptoken");
    if (option == call.query.end()) return std::size_t{0};
    const Refusal expired{400, "Directory_ExpiredPageToken",
                          "The specified page token value has expired and can no longer be "
                          "included in your request."};
    if (!option->second.starts_with(skip_prefix)) return expired;
    const auto text =
        base64url_decoded(std::string_view(option->second).substr(skip_prefix.size()));
    std::size_t position = 0;
    if (!text) return expired;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), position);
    if (error != std::errc() || end != text->data() + text->size()) return expired;
    return position;
}

std::string next_link(const Call& call, std::size_t position) {
    std::string link = call.version_url() + '/' + percent_encoded(call.path, "/$") + '?';
    for (const auto& [name, value] : call.query) {
        if (name == "$skiptoken") continue;
        link += percent_encoded(name, "$") + '=' + percent_encoded(value, ",'()$:") + '&';
    }
    return link + "$skiptoken=" + std::string(skip_prefix) + base64url(std::to_string(position));
}

Form form_of(const Services& services, const Call& call, Form form) {
    form.beta = call.beta;
    form.permissions = &services.permissions;
    form.writeback_defaults = services.tenant.settings.writeback_defaults;
    return form;
}

Result<Filter> parse_filter(const Call& call) {
    const auto option = call.query.find("$filter");
    if (option == call.query.end()) return Filter();
    return Filter::parse(option->second);
}

Response list_page(const Services& services, const Call& call, const Listing& listing) {
    const auto selection = selection_of(call, listing);
    if (!selection) return refuse(call, selection.refusal());
    const auto filter = parse_filter(call);
    if (!filter) return refuse(call, filter.refusal());
    const auto asked = parse_top(call.query, services.list_page_size, 999);
    if (!asked) return refuse(call, asked.refusal());
    const std::size_t top = std::min(*asked, services.settings.longest_list);
    const auto position = parse_position(call);
    if (!position) return refuse(call, position.refusal());

    const auto is_shown = [&](ObjectIndex index) {
        const auto& object = services.tenant.at(index);
        return (!listing.is_shown || listing.is_shown(object)) && filter->matches(object);
    };
    const Form form = form_of(services, call, {.with_type = !listing.kind});
    json::array value;
    std::size_t at = *position;
    for (; at < listing.objects.size() && value.size() < top; ++at) {
        if (!is_shown(listing.objects[at])) continue;
        const auto& object = services.tenant.at(listing.objects[at]);
        value.push_back(listing.deleted ? represent_deleted(object, *selection, form)
                                        : represent(object, *selection, form));
    }
    while (at < listing.objects.size() && !is_shown(listing.objects[at]))
        ++at;

    json::object body;
    std::string context = listing.context;
    if (const auto select = call.query.find("$select"); select != call.query.end()) {
        context += '(' + select->second + ')';
    }
    body["@odata.context"] = call.context(context);
    const auto count = call.query.find("$count");
    if (count != call.query.end() && count->second == "true" && *position == 0) {
        body["@odata.count"] =
            std::count_if(listing.objects.begin(), listing.objects.end(), is_shown);
    }
    if (at < listing.objects.size()) body["@odata.nextLink"] = next_link(call, at);
    body["value"] = std::move(value);
    return json_response(200, body);
}

}  // namespace emulator
