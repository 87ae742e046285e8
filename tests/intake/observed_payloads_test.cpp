// Bodies in every shape that Graph is known to have posted, or to have documented: shapes, names
// and types are Graph's, ids and texts our own.
#include "intake/notification.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace writeback;

namespace {

const std::string group = "4f0e6c1d-7a52-4b93-8e1f-60718293a4b5";
const std::string tenant = "d1c2b3a4-9586-4778-8a9b-acbdcedff001";
const std::string subscription = "7b6a5948-3726-4150-9f8e-7d6c5b4a3928";
const std::string alice = "c0ffee00-1111-4222-8333-444455556666";

/// A group's item, with what follows organizationId in its resourceData.
std::string item(const std::string& more, const std::string& expires,
                 const std::string& change_type = "updated") {
    return R"({"changeType":")" + change_type +
           R"(","clientState":"of our own","resource":"Groups/)" + group +
           R"(","resourceData":{"@odata.type":"#Microsoft.Graph.Group","@odata.id":"Groups/)" +
           group + R"(","id":")" + group + R"(","organizationId":")" + tenant + "\"" + more +
           R"(},"subscriptionExpirationDateTime":")" + expires + R"(","subscriptionId":")" +
           subscription + R"(","tenantId":")" + tenant + "\"}";
}

NotificationBatch read(const std::string& body) {
    const auto batch = read_notifications(body, {});
    REQUIRE_MESSAGE(batch.has_value(), body);
    return *batch;
}

/// The one item of a body, which must be about our group.
Notification about_our_group(const std::string& text) {
    const auto batch = read("{\"value\":[" + text + "]}");
    CHECK(batch.unreadable == 0);
    REQUIRE(batch.items.size() == 1);
    const auto& told = batch.items[0];
    CHECK(told.resource_id == group);
    CHECK(told.subscription == SubscriptionId(subscription));
    CHECK(told.tenant == TenantId(tenant));
    CHECK(told.client_state == "of our own");
    CHECK(told.lifecycle == LifecycleEvent::none);
    return told;
}

}  // namespace

TEST_CASE("a group's deletion as of 2018: a sequence number that has lost its last digits") {
    // What the number once was ends in 4567; whoever published it had it through a double.
    CHECK(
        about_our_group(
            item(
                R"(,"eventTime":"2019-03-04T05:06:07.1234567Z","sequenceNumber":636872727671234600)",
                "2019-03-06T18:13:08.914+00:00"))
            .change_type == "updated");
}

TEST_CASE(
    "a member added as of 2021: event time, exact ticks, and an offset of minus seven hours") {
    about_our_group(
        item(R"(,"eventTime":"2021-03-04T05:06:07.1234567Z","sequenceNumber":637504311671234567,)"
             R"("members@delta":[{"id":")" +
                 alice + "\"}]",
             "2021-03-14T04:00:00-07:00"));
}

TEST_CASE("a member added, removed, or both in one item, as of 2025 and 2026") {
    const std::string added = R"({"id":")" + alice + "\"}";
    const std::string removed = R"({"id":")" + alice + R"(","@removed":"deleted"})";
    for (const auto& members : {added, removed, added + "," + removed}) {
        about_our_group(item(",\"members@delta\":[" + members + "]", "2026-02-02T11:00:00+00:00"));
    }
}

TEST_CASE("a purge is a change of another type") {
    CHECK(about_our_group(item("", "2026-02-02T11:00:00Z", "deleted")).change_type == "deleted");
}

TEST_CASE("items of two tenants in one body stay apart") {
    auto other = item("", "2026-02-02T11:00:00Z");
    for (auto place = other.find(tenant); place != std::string::npos; place = other.find(tenant))
        other.replace(place, tenant.size(), "e2d3c4b5-a697-4889-9bac-bdcedfe00112");
    const auto batch = read("{\"value\":[" + item("", "2026-02-02T11:00:00Z") + "," + other + "]}");
    REQUIRE(batch.items.size() == 2);
    CHECK(batch.items[0].tenant == TenantId(tenant));
    CHECK(batch.items[1].tenant == TenantId("e2d3c4b5-a697-4889-9bac-bdcedfe00112"));
}

TEST_CASE("the documentation's own example is about a message, and is read for what it is") {
    const auto batch = read(
        R"({"value":[{"id":"msgTAbC","subscriptionId":"{subscription_guid}",)"
        R"("subscriptionExpirationDateTime":"2016-04-20T22:11:09.952Z","clientState":"our secret",)"
        R"("changeType":"created","resource":"users/{user_guid}@{tenant_guid}/messages/{long_id_string}",)"
        R"("tenantId":"d1c2b3a4-9586-4778-8a9b-acbdcedff001","resourceData":{)"
        R"("@odata.type":"#Microsoft.Graph.Message","@odata.id":"Users/{user_guid}/Messages/{long_id_string}",)"
        R"("@odata.etag":"W/\"CQAAABYAAAD\"","id":"{long_id_string}"}}]})");
    REQUIRE(batch.items.size() == 1);
    CHECK(batch.items[0].change_type == "created");
    CHECK(batch.items[0].resource_id.empty());
}

TEST_CASE("rich notifications, which groups don't have, bring tokens beside the items") {
    const auto batch = read(
        R"({"value":[{"subscriptionId":"7b6a5948-3726-4150-9f8e-7d6c5b4a3928",)"
        R"("tenantId":"d1c2b3a4-9586-4778-8a9b-acbdcedff001","changeType":"created"},)"
        R"({"subscriptionId":"8c7b6a59-4837-4261-8a0f-8e7d6c5b4a39","changeType":"created",)"
        R"("tenantId":"e2d3c4b5-a697-4889-9bac-bdcedfe00112","encryptedContent":{"data":"AA==",)"
        R"("dataSignature":"AA==","dataKey":"AA==","encryptionCertificateId":"c","encryptionCertificateThumbprint":"07"}}],)"
        R"("validationTokens":["eyJ0eXAi","eyJhbGci"]})");
    CHECK(batch.items.size() == 2);
    CHECK(batch.unreadable == 0);
    CHECK(batch.items[0].resource_id.empty());
}

TEST_CASE("a lifecycle item has neither change nor resource; an unknown event stays one") {
    const auto event = [](const std::string& name) {
        const auto batch =
            read(R"({"value":[{"subscriptionId":"7b6a5948-3726-4150-9f8e-7d6c5b4a3928",)"
                 R"("subscriptionExpirationDateTime":"2019-04-21T11:00:00.0000000Z",)"
                 R"("tenantId":"d1c2b3a4-9586-4778-8a9b-acbdcedff001","clientState":"our secret",)"
                 R"("lifecycleEvent":")" +
                 name + "\"}]}");
        REQUIRE(batch.items.size() == 1);
        CHECK(batch.items[0].resource.empty());
        CHECK(batch.items[0].change_type.empty());
        return batch.items[0].lifecycle;
    };
    CHECK(event("reauthorizationRequired") == LifecycleEvent::reauthorization_required);
    CHECK(event("subscriptionRemoved") == LifecycleEvent::subscription_removed);
    CHECK(event("missed") == LifecycleEvent::missed);
    CHECK(event("subscriptionRemoved or missed or reauthorizationRequired") ==
          LifecycleEvent::unrecognised);
}

TEST_CASE("what Event Hubs send to try a connection names no subscription of ours") {
    const auto batch = read(
        R"({"value":[{"subscriptionId":"NA","subscriptionExpirationDateTime":"NA","clientState":"NA",)"
        R"("changeType":"Validation: Testing client application reachability for subscription Request-Id: )"
        R"(1f2e3d4c-5b6a-4798-8796-a5b4c3d2e1f0","resource":"NA","resourceData":)"
        R"({"@odata.type":"NA","@odata.id":"NA","id":"NA"}}]})");
    for (const auto& told : batch.items) {
        CHECK(told.resource_id.empty());
        CHECK(told.subscription != SubscriptionId(subscription));
    }
}

TEST_CASE("an Event Grid event is no body of a webhook") {
    const auto told = read_notifications(
        R"({"id":"1f2e3d4c-5b6a-4798-8796-a5b4c3d2e1f0","type":"Microsoft.Graph.GroupUpdated",)"
        R"("source":"/tenants/t/applications/a","subject":"Groups/g","time":"2022-05-24T22:24:31.3062901Z",)"
        R"("datacontenttype":"application/json","specversion":"1.0","data":)" +
            item(R"(,"eventTime":"2022-05-24T22:24:31.3062901Z","sequenceNumber":"6")",
                 "2022-05-24T23:21:19.3554403+00:00") +
            "}",
        {});
    REQUIRE(told.has_error());
    CHECK(told.error().kind == FailureKind::unreadable);
    // Its data alone has the shape of an item, with the number as text.
    about_our_group(item(R"(,"eventTime":"2022-05-24T22:24:31.3062901Z","sequenceNumber":"6")",
                         "2022-05-24T23:21:19.3554403+00:00"));
}
