// Member lists and searches as Windows gives them, and as nobody should.
#include "directory/group_entry.hpp"
#include "directory/ldap_text.hpp"
#include "directory/loop.hpp"
#include "directory/scripted_bench.hpp"
#include "directory/scripted_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

using namespace writeback;
using namespace writeback::testing;
using Kind = PeerRequest::Kind;

namespace {

std::string member_guid(std::size_t number) {
    char text[40];
    std::snprintf(text, sizeof text, "00000000-0000-0000-0000-%012zu", number);
    return text;
}

std::string member(std::size_t number) {
    return "<GUID=" + member_guid(number) + ">;<SID=S-1-5-21-1-2-3-" +
           std::to_string(1000 + number) + ">;CN=user " + std::to_string(number) +
           ",DC=lab,DC=test";
}

// The range that a read of a group asks for.
AttributeRange asked_range(const PeerRequest& request) {
    return parse_attribute_range(request.attributes.back()).value();
}

PeerAttributes group_attributes(const std::string& usn) {
    return {{"objectGUID", {*bytes_of(some_guid)}},
            {"objectSid", {*bytes_of(Sid("S-1-5-21-1-2-3-999"))}},
            {"cn", {"big"}},
            {"groupType", {"-2147483640"}},
            {"uSNChanged", {usn}}};
}

// A slice of a list of `size` members: at most `most` of them.
std::pair<std::string, std::vector<std::string>> slice(const AttributeRange& asked,
                                                       std::size_t size, std::size_t most) {
    const std::size_t end = std::min({size, asked.first + most, *asked.last + 1});
    std::vector<std::string> values;
    for (std::size_t i = asked.first; i < end; ++i)
        values.push_back(member(i));
    const std::string last = end == size ? "*" : std::to_string(end - 1);
    return {"member;range=" + std::to_string(asked.first) + "-" + last, values};
}

PeerReaction answer(const PeerRequest& request, PeerAttributes attributes) {
    return {{peer_entry(request.id, "CN=big,OU=Groups,DC=lab,DC=test", attributes),
             peer_result(request, 0)}};
}

}  // namespace

TEST_CASE("a list of 25,000 is read whole though the server gives 1,500 at most, as Windows does") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        auto attributes = group_attributes("7");
        attributes.push_back({"member", {}});  // Windows adds the empty attribute
        attributes.push_back(slice(asked_range(request), 25'000, 1500));
        return answer(request, attributes);
    });
    ScriptedBench bench({peer.url()});
    bench.config.range_size = 5000;
    auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
    REQUIRE(group.has_value());
    REQUIRE(group->has_value());
    REQUIRE((*group)->members.size() == 25'000);
    CHECK((*group)->members.front().guid.text() == member_guid(0));
    CHECK((*group)->members.back().guid.text() == member_guid(24'999));
    CHECK((*group)->members.back().sid.text() == "S-1-5-21-1-2-3-25999");
    CHECK((*group)->group_type == universal_security_group);
}

TEST_CASE("an empty group, and a list without ranges, are whole") {
    std::atomic<bool> with_members = false;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        auto attributes = group_attributes("7");
        if (with_members) attributes.push_back({"member", {member(1), member(2)}});
        return answer(request, attributes);
    });
    ScriptedBench bench({peer.url()});
    auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
    REQUIRE(group.has_value());
    CHECK((*group)->members.empty());
    with_members = true;
    group = bench.loop.run(bench.reader().read_group(some_guid, {}));
    REQUIRE(group.has_value());
    CHECK((*group)->members.size() == 2);
}

TEST_CASE("a list that changes while it is read is read again") {
    std::atomic<int> reads = 0;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        const auto asked = asked_range(request);
        // Between the first two slices someone writes.
        auto attributes = group_attributes(reads++ == 0 ? "7" : "8");
        attributes.push_back(slice(asked, 30, 10));
        return answer(request, attributes);
    });
    ScriptedBench bench({peer.url()});
    auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
    REQUIRE(group.has_value());
    CHECK((*group)->members.size() == 30);
    CHECK(reads == 5);
}

TEST_CASE("a list that never holds still is no list") {
    std::atomic<int> usn = 0;
    ScriptedPeer peer([&](const PeerRequest& request) {
        if (!asks_for_object(request)) return by_itself;
        auto attributes = group_attributes(std::to_string(++usn));
        attributes.push_back(slice(asked_range(request), 30, 10));
        return answer(request, attributes);
    });
    ScriptedBench bench({peer.url()});
    auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
    REQUIRE(group.has_error());
    CHECK(group.error().kind == FailureKind::unavailable);
}

TEST_CASE("law 4: a missing, repeated, shifted or short range never counts as a whole list") {
    using Slice = std::pair<std::string, std::vector<std::string>>;
    const auto second = [](const Slice& given) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (!asks_for_object(request)) return by_itself;
            const auto asked = asked_range(request);
            auto attributes = group_attributes("7");
            attributes.push_back(asked.first == 0 ? slice(asked, 30, 10) : given);
            return answer(request, attributes);
        });
        ScriptedBench bench({peer.url()});
        auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
        return group.has_error() ? name_of(group.error().kind) : "a list";
    };
    CHECK(second({"other", {"x"}}) == "unavailable");                     // missing
    CHECK(second({"member;range=0-*", {member(0)}}) == "unavailable");    // from the start
    CHECK(second({"member;range=12-*", {member(12)}}) == "unavailable");  // a gap
    CHECK(second({"member;range=10-*", {member(3)}}) == "unavailable");   // a member again
    CHECK(second({"member;range=10-19", {member(10)}}) == "unreadable");  // short
    CHECK(second({"member;range=10-*", {"CN=no extended name"}}) == "unreadable");
    CHECK(second({"member", {member(10)}}) == "unreadable");  // suddenly without a range
    CHECK(second({"member;range=10-*", {member(10)}}) == "a list");
}

TEST_CASE("an entry without GUID, SID or number where there must be one is unreadable") {
    const auto outcome = [](const PeerAttributes& attributes) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            return asks_for_object(request) ? answer(request, attributes) : by_itself;
        });
        ScriptedBench bench({peer.url()});
        auto group = bench.loop.run(bench.reader().read_group(some_guid, {}));
        return group.has_error() ? group.error().kind : FailureKind::internal;
    };
    auto attributes = group_attributes("7");
    attributes[0].second = {"short"};
    CHECK(outcome(attributes) == FailureKind::unreadable);
    attributes = group_attributes("7");
    attributes[1].second = {"no SID"};
    CHECK(outcome(attributes) == FailureKind::unreadable);
    attributes = group_attributes("7");
    attributes[3].second = {"many"};
    CHECK(outcome(attributes) == FailureKind::unreadable);
    attributes = group_attributes("7");
    attributes.pop_back();  // without uSNChanged nothing shows a change
    CHECK(outcome(attributes) == FailureKind::unreadable);
}

TEST_CASE("law 4: a search counts only when its last page has come") {
    enum class Second { last, failure, reference, hang_up };
    const auto outcome = [](Second second) {
        ScriptedPeer peer([&](const PeerRequest& request) {
            if (!request.paged) return by_itself;
            const bool first = request.cookie.empty();
            const auto entry =
                peer_entry(request.id, first ? "CN=a,OU=x" : "CN=b,OU=x",
                           {{"objectGUID", {*bytes_of(ObjectGuid(member_guid(first ? 1 : 2)))}},
                            {"objectSid", {*bytes_of(Sid("S-1-5-21-1-2-3-1001"))}},
                            {"adminDescription", {"Group_" + member_guid(first ? 1 : 2)}}});
            if (first) return PeerReaction{{entry, peer_page(request, "more")}};
            switch (second) {
                case Second::last:
                    return PeerReaction{{entry, peer_page(request, "")}};
                case Second::failure:
                    return PeerReaction{{entry, peer_result(request, 52, "busy")}};
                case Second::reference:
                    return PeerReaction{{peer_reference(request.id), peer_page(request, "")}};
                case Second::hang_up:
                    return PeerReaction{{entry}, false, true};
            }
            return PeerReaction{};
        });
        ScriptedBench bench({peer.url()});
        auto marked = bench.loop.run(bench.reader().find_marked());
        if (marked) return std::to_string(marked->size()) + " groups";
        return std::string(name_of(marked.error().kind));
    };
    CHECK(outcome(Second::last) == "2 groups");
    CHECK(outcome(Second::failure) == "unavailable");
    CHECK(outcome(Second::reference) == "refused");
    CHECK(outcome(Second::hang_up) == "disconnected");
}

TEST_CASE("a mark of another form is no mark of ours") {
    ScriptedPeer peer([](const PeerRequest& request) {
        if (!request.paged) return by_itself;
        return PeerReaction{{peer_entry(request.id, "CN=a",
                                        {{"objectGUID", {*bytes_of(some_guid)}},
                                         {"objectSid", {*bytes_of(Sid("S-1-5-21-1-2-3-1"))}},
                                         {"adminDescription", {"Group_of friends"}}}),
                             peer_page(request, "")}};
    });
    ScriptedBench bench({peer.url()});
    auto marked = bench.loop.run(bench.reader().find_marked());
    REQUIRE(marked.has_value());
    CHECK(marked->empty());
}

TEST_CASE("a container that is missing is a failure, not an empty list") {
    ScriptedPeer peer([](const PeerRequest&) { return by_itself; });  // answers 32
    ScriptedBench bench({peer.url()});
    auto marked = bench.loop.run(bench.reader().find_marked());
    REQUIRE(marked.has_error());
    CHECK(marked.error().kind == FailureKind::parent_missing);
    CHECK(marked.error().detail.find("OU=Groups,DC=lab,DC=test") != std::string::npos);
}
