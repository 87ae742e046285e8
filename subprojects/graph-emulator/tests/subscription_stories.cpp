// Subscriptions: the handshake, the rules, renewal, and silent expiry.
#include "running_emulator.hpp"
#include "webhook.hpp"

#include <doctest/doctest.h>

namespace {

json::object request_for(const std::string& url) {
    return {{"changeType", "updated,deleted"},
            {"notificationUrl", url},
            {"resource", "groups"},
            {"expirationDateTime", minutes_from_now(600)},
            {"clientState", "s3cret"}};
}

}  // namespace

TEST_CASE("a subscription is created after both URLs have proved themselves") {
    RunningEmulator emulator;
    Webhook webhook;
    auto body = request_for(webhook.url("/hook?keep=this"));
    body["lifecycleNotificationUrl"] = webhook.url("/lifecycle");
    const auto answer = emulator.call("POST", "/subscriptions", body);
    REQUIRE(answer.status == 201);
    CHECK(webhook.validations() == 2);
    const auto subscription = answer.json();
    CHECK(subscription.at("resource").as_string() == "groups");
    CHECK(subscription.at("applicationId").as_string() == "66666666-7777-8888-9999-000000000000");
    CHECK(subscription.at("includeResourceData").is_null());
    CHECK(subscription.at("latestSupportedTlsVersion").as_string() == "v1_2");
    const std::string id(subscription.at("id").as_string());
    CHECK(emulator.get("/subscriptions/" + id).at("clientState").as_string() == "s3cret");
    CHECK(emulator.get("/subscriptions").at("value").as_array().size() == 1);
    CHECK(emulator.call("GET", "/subscriptions?$select=id").status == 400);
    CHECK(emulator.call("DELETE", "/subscriptions/" + id).status == 204);
    CHECK(emulator.call("DELETE", "/subscriptions/" + id).status == 404);
}

TEST_CASE("an endpoint that fails the handshake is refused in Graph's words") {
    RunningEmulator emulator;
    Webhook webhook;
    const std::string must =
        " Notification endpoint must respond with 200 OK to validation request.";
    for (const auto manner : {Handshake::undecoded, Handshake::extra_text, Handshake::wrong_type}) {
        webhook.handshake = manner;
        const auto answer = emulator.call("POST", "/subscriptions", request_for(webhook.url()));
        CHECK(answer.status == 400);
        CHECK(answer.error_code() == "ValidationError");
        CHECK(answer.error_message() == "Subscription validation request failed." + must);
    }
    webhook.handshake = Handshake::forbidden;
    CHECK(emulator.call("POST", "/subscriptions", request_for(webhook.url())).error_message() ==
          "Subscription validation request failed. HTTP status code is 'Forbidden'." + must);
    emulator.control("POST", "notifications", {{"validation_deadline_ms", 200}});
    webhook.handshake = Handshake::silent;
    CHECK(emulator.call("POST", "/subscriptions", request_for(webhook.url())).error_message() ==
          "Subscription validation request timed out.");
    CHECK(emulator.call("POST", "/subscriptions", request_for("http://127.0.0.1:1/nobody"))
              .error_code() == "ValidationError");
    CHECK(emulator.get("/subscriptions").at("value").as_array().empty());
}

TEST_CASE("a failing lifecycle URL is refused as well") {
    RunningEmulator emulator;
    Webhook good;
    Webhook bad;
    bad.handshake = Handshake::forbidden;
    auto body = request_for(good.url());
    body["lifecycleNotificationUrl"] = bad.url();
    CHECK(emulator.call("POST", "/subscriptions", body).status == 400);
}

TEST_CASE("the rules for a new subscription are kept") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto refused = [&](const char* key, json::value value) {
        auto body = request_for(webhook.url());
        if (value.is_null()) {
            body.erase(key);
        } else {
            body[key] = std::move(value);
        }
        const auto answer = emulator.call("POST", "/subscriptions", body);
        return answer.status == 400 ? answer.error_code() : std::to_string(answer.status);
    };
    for (const auto* key : {"changeType", "notificationUrl", "resource", "expirationDateTime"}) {
        CHECK(refused(key, nullptr) == "InvalidRequest");
    }
    CHECK(refused("changeType", "moved") == "InvalidRequest");
    CHECK(refused("resource", "me/messages") == "ExtensionError");
    CHECK(refused("resource", "groups?$select=members") == "ExtensionError");
    CHECK(refused("notificationUrl", "http://hooks.contoso.com/x") == "InvalidRequest");
    CHECK(refused("notificationUrl", "nonsense") == "InvalidRequest");
    CHECK(refused("clientState", std::string(129, 'x').c_str()) == "InvalidRequest");
    CHECK(refused("expirationDateTime", "tomorrow") == "InvalidRequest");
    CHECK(refused("expirationDateTime", minutes_from_now(41770).c_str()) == "ExtensionError");
    CHECK(refused("includeResourceData", true) == "ExtensionError");
    CHECK(refused("vapidPublicKey", "x") == "InvalidRequest");
    CHECK(webhook.validations() == 0);
}

TEST_CASE("a short life is raised to 45 minutes, and the longest is taken") {
    RunningEmulator emulator;
    Webhook webhook;
    auto body = request_for(webhook.url());
    body["expirationDateTime"] = minutes_from_now(1);
    const auto brief = emulator.call("POST", "/subscriptions", body).json();
    CHECK(std::string(brief.at("expirationDateTime").as_string()) >= minutes_from_now(44));
    body["resource"] = "/users";
    body["expirationDateTime"] = minutes_from_now(41759);
    CHECK(emulator.call("POST", "/subscriptions", body).status == 201);
}

TEST_CASE("a duplicate is refused with 409, a subscription too many with 403") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto id = emulator.subscribe(webhook.url());
    auto body = request_for(webhook.url("/other"));
    body["resource"] = "/groups/";
    body["changeType"] = "deleted,updated";
    const auto duplicate = emulator.call("POST", "/subscriptions", body);
    CHECK(duplicate.status == 409);
    CHECK(duplicate.error_message() ==
          "Subscription Id <" + id + "> already exists for the requested combination");
    emulator.control("POST", "subscriptions/limits", {{"per_application_and_tenant", 1}});
    body["resource"] = "users";
    CHECK(emulator.call("POST", "/subscriptions", body).status == 403);
}

TEST_CASE(
    "PATCH renews after another handshake, reauthorize answers 204, and both on one day are "
    "noticed") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto id = emulator.subscribe(webhook.url(), "groups", webhook.url("/lifecycle"));
    const auto renewed =
        emulator.call("PATCH", "/subscriptions/" + id,
                      json::object{{"expirationDateTime", minutes_from_now(2000)}});
    CHECK(renewed.status == 200);
    CHECK(std::string(renewed.json().at("expirationDateTime").as_string()) >
          minutes_from_now(1990));
    CHECK(webhook.validations() == 4);
    CHECK(emulator.call("PATCH", "/subscriptions/" + id, json::object{{"resource", "users"}})
              .status == 400);
    CHECK(emulator.call("POST", "/subscriptions/" + id + "/reauthorize").status == 204);
    CHECK(webhook.validations() == 6);
    const auto state = emulator.control("GET", "state");
    CHECK(state.at("subscriptions").as_array().at(0).at("conflicts").as_int64() == 1);

    webhook.handshake = Handshake::forbidden;
    CHECK(emulator
              .call("PATCH", "/subscriptions/" + id,
                    json::object{{"expirationDateTime", minutes_from_now(100)}})
              .status == 400);
}

TEST_CASE("an expired or vanished subscription is gone without a word, and PATCH says 404") {
    RunningEmulator emulator;
    Webhook webhook;
    const auto expiring = emulator.subscribe(webhook.url());
    const auto vanishing = emulator.subscribe(webhook.url(), "users");
    emulator.control("POST", "subscriptions/" + vanishing + "/vanish");
    const json::object renewal{{"expirationDateTime", minutes_from_now(3000)}};
    CHECK(emulator.call("PATCH", "/subscriptions/" + vanishing, renewal).status == 404);
    emulator.control("POST", "clock/advance", {{"minutes", 601}});
    emulator.sign_in();
    CHECK(emulator.call("PATCH", "/subscriptions/" + expiring, renewal).status == 404);
    CHECK(emulator.get("/subscriptions").at("value").as_array().empty());
    emulator.create_group("Unheard");
    CHECK(webhook.posts().empty());
}
