#include "graph/directory_objects.hpp"

#include "graph/delta_page.hpp"
#include "graph/json_value.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace writeback {

namespace json = boost::json;

namespace {

constexpr std::string_view selected =
    "id,displayName,userPrincipalName,onPremisesSyncEnabled,onPremisesSecurityIdentifier,"
    "onPremisesImmutableId,mail,proxyAddresses";

// The addresses that mail to a contact is sent to: proxyAddresses with the prefix smtp in any case,
// and mail, each once.
std::vector<std::string> addresses_of(const json::object& object) {
    std::vector<std::string> addresses;
    const auto add = [&](std::string address) {
        const bool known = std::any_of(
            addresses.begin(), addresses.end(),
            [&](const std::string& other) { return boost::algorithm::iequals(other, address); });
        if (!address.empty() && !known) addresses.push_back(std::move(address));
    };
    add(text_at(object, "mail"));
    const json::value* proxies = object.if_contains("proxyAddresses");
    if (proxies == nullptr || !proxies->is_array()) return addresses;
    for (const json::value& proxy : proxies->get_array()) {
        if (!proxy.is_string()) continue;
        const std::string_view text(proxy.get_string());
        if (boost::algorithm::istarts_with(text, "smtp:")) add(std::string(text.substr(5)));
    }
    return addresses;
}

// An object whose properties may not be read comes with id and type alone; every object that may be
// read has a display name.
IdentityAnswer identity_of(MemberId id, const json::object& object) {
    IdentityAnswer answer;
    answer.id = std::move(id);
    answer.type = member_type(text_at(object, "@odata.type"));
    const json::value* synced = object.if_contains("onPremisesSyncEnabled");
    const bool tells_synced = synced != nullptr && synced->is_bool();
    answer.on_premises_sync_enabled = tells_synced && synced->get_bool();
    answer.on_premises_security_identifier = Sid(text_at(object, "onPremisesSecurityIdentifier"));
    answer.on_premises_immutable_id =
        guid_of_immutable_id(text_at(object, "onPremisesImmutableId"));
    answer.name = text_at(object, "userPrincipalName");
    if (answer.name.empty()) answer.name = text_at(object, "displayName");
    if (answer.type == MemberType::contact) answer.addresses = addresses_of(object);
    answer.readable =
        tells_synced || !answer.name.empty() || !answer.on_premises_security_identifier.empty();
    return answer;
}

}  // namespace

ObjectGuid guid_of_immutable_id(std::string_view base64) {
    constexpr std::size_t encoded_length = 24;
    if (base64.size() != encoded_length || !base64.ends_with("==")) return {};
    std::array<unsigned char, 18> bytes{};
    const int decoded =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(base64.data()),
                        static_cast<int>(base64.size()));
    if (decoded != static_cast<int>(bytes.size())) return {};
    constexpr std::array<std::size_t, 16> order = {3, 2, 1,  0,  5,  4,  7,  6,
                                                   8, 9, 10, 11, 12, 13, 14, 15};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        text.push_back(digits[bytes[order[i]] >> 4]);
        text.push_back(digits[bytes[order[i]] & 15]);
    }
    return ObjectGuid(text);
}

Result<std::vector<IdentityAnswer>> parse_identities(std::string_view body) {
    const auto document = parse_object(body, "The answer of getByIds");
    if (document.has_error()) return document.error();
    const json::value* list = document->if_contains("value");
    if (list == nullptr || !list->is_array()) {
        return failure(FailureKind::unreadable, "The answer of getByIds has no list `value`.");
    }
    std::vector<IdentityAnswer> answers;
    answers.reserve(list->get_array().size());
    for (const json::value& value : list->get_array()) {
        // What has no id answers no question; the id that was asked for stays without answer.
        const json::object* object = value.if_object();
        const json::value* id = object == nullptr ? nullptr : object->if_contains("id");
        auto member = id == nullptr ? std::nullopt : member_id(*id);
        if (member) answers.push_back(identity_of(std::move(*member), *object));
    }
    return answers;
}

Async<Result<std::vector<IdentityAnswer>>> DirectoryObjects::identities(std::vector<MemberId> ids) {
    if (ids.size() > most_ids) {
        co_return failure(FailureKind::internal,
                          "More ids were asked for than one call may carry.");
    }
    json::array wanted;
    for (const MemberId& id : ids) {
        if (canonical_guid(id.text())) wanted.emplace_back(id.text());
    }
    if (wanted.empty()) co_return std::vector<IdentityAnswer>();
    json::object body;
    body["ids"] = std::move(wanted);

    Call call;
    call.kind = CallKind::identities;
    call.operation = "get-by-ids";
    call.what = "tell the on-premises identities of members";
    call.permission = "Directory.Read.All";
    call.method = "POST";
    call.link = "/v1.0/directoryObjects/getByIds?$select=" + std::string(selected);
    call.body = json::serialize(body);
    const auto answer = co_await caller_.call(std::move(call));
    if (answer.has_error()) co_return answer.error();
    co_return parse_identities(answer->body);
}

}  // namespace writeback
