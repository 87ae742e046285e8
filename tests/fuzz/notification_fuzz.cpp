// What Graph posts to the webhook: the query of a validation, and the body of a batch.
//
// The input's first line is the query, the rest is the body. Properties: a batch is within its
// limit; ids that are kept are canonical; what was read, written as JSON and read again is the
// same; a token that is encoded comes back byte for byte.
#include "graph/origin.hpp"
#include "intake/form_text.hpp"
#include "intake/notification.hpp"
#include "property.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

using namespace writeback;
using namespace writeback::fuzz;

namespace {

namespace json = boost::json;

constexpr NotificationLimits limits{16, 20};

std::string_view event_of(LifecycleEvent event) {
    switch (event) {
        case LifecycleEvent::none:
            return "";
        case LifecycleEvent::reauthorization_required:
            return "reauthorizationRequired";
        case LifecycleEvent::subscription_removed:
            return "subscriptionRemoved";
        case LifecycleEvent::missed:
            return "missed";
        case LifecycleEvent::unrecognised:
            return "somethingNew";
    }
    return "";
}

std::string print(const NotificationBatch& batch) {
    json::array items;
    for (const auto& item : batch.items) {
        json::object object;
        object["subscriptionId"] = item.subscription.text();
        object["tenantId"] = item.tenant.text();
        object["clientState"] = item.client_state;
        object["lifecycleEvent"] = event_of(item.lifecycle);
        object["changeType"] = item.change_type;
        object["resource"] = item.resource;
        object["resourceData"] = json::object{{"id", item.resource_id}};
        items.push_back(std::move(object));
    }
    return json::serialize(json::object{{"value", std::move(items)}});
}

void check_body(std::string_view body) {
    const auto batch = read_notifications(body, limits);
    if (!batch) {
        const auto kind = batch.error().kind;
        require(kind == FailureKind::unreadable || kind == FailureKind::too_large,
                "a body is refused for what it is");
        require(is_one_line(batch.error().detail), "a refusal is one line", batch.error().detail);
        return;
    }
    require(batch->items.size() + batch->unreadable <= limits.max_items,
            "a batch is within its limit");
    for (const auto& item : batch->items) {
        require(!item.subscription.empty(), "an item names its subscription");
        require(item.resource_id.empty() || canonical_guid(item.resource_id) == item.resource_id,
                "a resource's id is canonical or empty", item.resource_id);
    }
    const auto text = print(*batch);
    const auto again = read_notifications(text, limits);
    require(again.has_value() && again->unreadable == 0 && print(*again) == text,
            "what was read reads back as itself", text);
}

void check_query(std::string_view query) {
    const auto found = form_value(query, "validationToken");
    if (found.present && found.value) {
        require(found.value->size() <= query.size(), "decoding adds nothing");
    }
    const auto decoded = form_decoded(percent_encoded(query));
    require(decoded == std::string(query), "what is encoded decodes to itself", query);
    const auto named =
        form_value("a=b&validationToken=" + percent_encoded(query), "validationToken");
    require(named.present && named.value == std::string(query),
            "a token is found behind other parameters", query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto body = text_of(data, size);
    check_query(take_line(body));
    check_body(body);
    return 0;
}
