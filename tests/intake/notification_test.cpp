#include "intake/notification.hpp"

#include "intake/form_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

namespace {

// As Graph sends it now: no eventTime, no sequenceNumber.
const std::string group_2026 = R"({
  "changeType": "updated",
  "clientState": "a state of our own",
  "resource": "Groups/9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f",
  "resourceData": {
    "@odata.type": "#Microsoft.Graph.Group",
    "@odata.id": "Groups/9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f",
    "id": "9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f",
    "organizationId": "3e5f7a91-c2d4-4b68-9a0c-1d2e3f405162",
    "members@delta": [
      {"id": "b8a7c6d5-e4f3-4211-8090-a1b2c3d4e5f6"},
      {"id": "b8a7c6d5-e4f3-4211-8090-a1b2c3d4e5f6", "@removed": "deleted"}
    ]
  },
  "subscriptionExpirationDateTime": "2026-02-02T11:00:00+00:00",
  "subscriptionId": "5A6B7C8D-9E0F-4A1B-8C2D-3E4F5A6B7C8D",
  "tenantId": "3e5f7a91-c2d4-4b68-9a0c-1d2e3f405162"
})";

// As it was until 2021, with an integer beyond what a double holds.
const std::string group_2018 = R"({
  "changeType": "updated",
  "clientState": "s",
  "resource": "Groups/6f7e8d9c-0b1a-4293-8475-66778899aabb",
  "resourceData": {
    "@odata.type": "#Microsoft.Graph.Group",
    "id": "6f7e8d9c-0b1a-4293-8475-66778899aabb",
    "eventTime": "2019-03-04T05:06:07.1234567Z",
    "sequenceNumber": 636872727671234567
  },
  "subscriptionExpirationDateTime": "2019-03-06T18:13:08.914-07:00",
  "subscriptionId": "0d1c2b3a-4958-4676-8594-a3b2c1d0e0f1",
  "tenantId": "3e5f7a91-c2d4-4b68-9a0c-1d2e3f405162"
})";

std::string batch_of(const std::string& items) {
    return "{\"value\": [" + items + "], \"validationTokens\": []}";
}

NotificationBatch read(const std::string& items) {
    const auto batch = read_notifications(batch_of(items), {});
    REQUIRE(batch.has_value());
    return *batch;
}

std::string lifecycle(const std::string& event) {
    return R"({"subscriptionId": "s1", "tenantId": "t", "clientState": "c",
               "subscriptionExpirationDateTime": "2019-03-20T11:00:00.0000000Z",
               "lifecycleEvent": ")" +
           event + "\"}";
}

}  // namespace

TEST_CASE("a group's notification of today and one of years ago are both understood") {
    const auto batch = read(group_2026 + "," + group_2018);
    CHECK(batch.unreadable == 0);
    REQUIRE(batch.items.size() == 2);
    const auto& now = batch.items[0];
    CHECK(now.subscription == SubscriptionId("5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d"));
    CHECK(now.tenant == TenantId("3e5f7a91-c2d4-4b68-9a0c-1d2e3f405162"));
    CHECK(now.client_state == "a state of our own");
    CHECK(now.change_type == "updated");
    CHECK(now.lifecycle == LifecycleEvent::none);
    CHECK(now.resource == "Groups/9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f");
    CHECK(now.resource_id == "9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f");
    CHECK(batch.items[1].resource_id == "6f7e8d9c-0b1a-4293-8475-66778899aabb");
}

TEST_CASE("the object is known by resourceData, or else by the resource's path") {
    const auto id_of = [](const std::string& fields) {
        const auto batch = read("{\"subscriptionId\": \"s\", " + fields + "}");
        REQUIRE(batch.items.size() == 1);
        return batch.items[0].resource_id;
    };
    const std::string id = "9c41d6a0-5b1e-4f07-8d33-1a2b3c4d5e6f";
    CHECK(id_of("\"resource\": \"Groups/9C41D6A0-5b1e-4f07-8d33-1a2b3c4d5e6f\"") == id);
    CHECK(id_of("\"resource\": \"/groups/" + id + "/members\"") == id);
    CHECK(id_of("\"resource\": \"groups\", \"resourceData\": {\"id\": \"" + id + "\"}") == id);
    CHECK(id_of("\"resource\": \"" + id + "\", \"resourceData\": null") == id);
    CHECK(id_of("\"resource\": \"groups\", \"resourceData\": {\"id\": 3}").empty());
    CHECK(id_of("\"resource\": \"Groups/not-an-id\"").empty());
    CHECK(id_of("\"resource\": 7, \"resourceData\": []").empty());
}

TEST_CASE("each lifecycle event is known, and one that is not yet known is no error") {
    const auto batch =
        read(lifecycle("reauthorizationRequired") + "," + lifecycle("subscriptionRemoved") + "," +
             lifecycle("missed") + "," + lifecycle("somethingNew"));
    REQUIRE(batch.items.size() == 4);
    CHECK(batch.items[0].lifecycle == LifecycleEvent::reauthorization_required);
    CHECK(batch.items[1].lifecycle == LifecycleEvent::subscription_removed);
    CHECK(batch.items[2].lifecycle == LifecycleEvent::missed);
    CHECK(batch.items[3].lifecycle == LifecycleEvent::unrecognised);
    CHECK(batch.items[0].change_type.empty());
}

TEST_CASE("an item that makes no sense is counted and does not lose the others") {
    const auto batch = read(
        "3, null, {}, {\"subscriptionId\": 5}, {\"subscriptionId\": \"s\", \"clientState\": "
        "[]}, {\"subscriptionId\": \"\"}, " +
        group_2026 + ", \"text\", " + lifecycle("missed"));
    CHECK(batch.unreadable == 7);
    REQUIRE(batch.items.size() == 2);
    CHECK(batch.items[0].client_state == "a state of our own");
    CHECK(batch.items[1].lifecycle == LifecycleEvent::missed);
}

TEST_CASE("what is left out of an item is empty") {
    const auto batch = read("{\"subscriptionId\": \"s\", \"clientState\": null}");
    REQUIRE(batch.items.size() == 1);
    CHECK(batch.items[0].client_state.empty());
    CHECK(batch.items[0].tenant.empty());
    CHECK(batch.items[0].subscription.text() == "s");
}

TEST_CASE("a body that is no object with an array named value is unreadable") {
    for (const auto* body : {"", "x", "{", "[]", "null", "{}", "{\"value\": {}}",
                             "{\"value\": null}", "{\"Value\": []}", "{\"value\": []} x",
                             "{\"value\": [\"\xff\"]}", "\"value\"", "{\"value\": [1,]}"}) {
        const auto batch = read_notifications(body, {});
        REQUIRE(batch.has_error());
        CHECK(batch.error().kind == FailureKind::unreadable);
        CHECK_FALSE(batch.error().detail.empty());
    }
    CHECK(read_notifications("\xef\xbb\xbf{\"value\": []}", {}).has_value());
}

TEST_CASE("nesting and number of items have limits") {
    NotificationLimits limits;
    limits.max_nesting = 8;
    limits.max_items = 2;
    const auto nested = [](int depth) {
        return batch_of("{\"subscriptionId\": \"s\", \"x\": " +
                        std::string(static_cast<std::size_t>(depth), '[') +
                        std::string(static_cast<std::size_t>(depth), ']') + "}");
    };
    CHECK(read_notifications(nested(4), limits).has_value());
    CHECK(read_notifications(nested(9), limits).error().kind == FailureKind::unreadable);
    CHECK(read_notifications(nested(100'000), {}).error().kind == FailureKind::unreadable);
    CHECK(read_notifications(batch_of("1,2"), limits).has_value());
    const auto many = read_notifications(batch_of("1,2,3"), limits);
    REQUIRE(many.has_error());
    CHECK(many.error().kind == FailureKind::too_large);
    CHECK(many.error().detail.find("webhook.max_items") != std::string::npos);
}

TEST_CASE("a query is decoded as a form is: percent signs, and + for a blank") {
    CHECK(form_decoded("a+b%20c%2B%00d") == std::string("a b c+\0d", 8));
    CHECK(form_decoded("%c3%BC") == "\xc3\xbc");
    CHECK_FALSE(form_decoded("%"));
    CHECK_FALSE(form_decoded("%4"));
    CHECK_FALSE(form_decoded("%zz"));
    CHECK(form_value("a=1&validationToken=x%3Dy&validationToken=z", "validationToken").value ==
          "x=y");
    CHECK(form_value("validation%54oken=x", "validationToken").value == "x");
    CHECK(form_value("validationToken", "validationToken").value == "");
    CHECK_FALSE(form_value("xvalidationToken=1&&=", "validationToken").present);
    CHECK_FALSE(form_value("validationToken=%", "validationToken").value);
    CHECK(form_value("validationToken=%", "validationToken").present);
}
