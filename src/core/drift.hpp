// What someone else has changed of a group in Active Directory: what we believe we wrote, compared
// with what stands there. For `verify`, for drift = "report", and for `explain`.
//
// A difference prints itself as a sentence. Failures: none. Limits: members are told one by one up
// to `most_members`, values cut at 120 UTF-16 units; texts are of one line. Ownership: values.
// Threads: pure, any thread.
#pragma once

#include <writeback/config.hpp>
#include <writeback/directory.hpp>
#include <writeback/store.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace writeback {

struct DriftRules {
    std::vector<std::string> attributes;  // those that the mapping writes: written_attributes()
    bool compares_sam_account_name = false;
    // With additive membership, members that others added are nobody's business.
    Membership membership = Membership::authoritative;
};

template <class T>
struct Difference {
    T before{};  // as we believe
    T now{};     // as AD has it
    friend bool operator==(const Difference&, const Difference&) = default;
};

struct Drift {
    GroupId group;
    std::optional<Difference<std::string>> mark;  // adminDescription
    std::optional<Difference<std::string>> cn;
    std::optional<Difference<Dn>> container;
    std::optional<Difference<std::string>> sam_account_name;
    std::optional<Difference<std::int32_t>> group_type;
    std::vector<AttributeChange> attributes;  // `values` is what AD has
    std::vector<AdIdentity> gained;           // AD has them, we did not write them; in key order
    std::vector<AdIdentity> lost;             // we wrote them, AD has them no more; in key order

    [[nodiscard]] bool empty() const {
        return !mark && !cn && !container && !sam_account_name && !group_type &&
               attributes.empty() && gained.empty() && lost.empty();
    }
};

[[nodiscard]] Drift drift_of(const WrittenGroup& believed, const std::vector<AdIdentity>& members,
                             const DirectoryGroup& found, const DriftRules& rules);

// One for each difference, each whole: "Its CN was "Sales" and is "Verkauf" now."
[[nodiscard]] std::vector<std::string> sentences_of(const Drift& drift,
                                                    std::size_t most_members = 20);
// All of them as one text, for the detail of a hold.
[[nodiscard]] std::string to_text(const Drift& drift);

// Why nothing is written to a group that bears `mark` in adminDescription (empty: none); nothing
// when that is its mark.
[[nodiscard]] std::string changed_mark_sentence(const GroupId& group, const std::string& mark);
// Why nothing is written to a group that stands outside the containers.
[[nodiscard]] std::string moved_away_sentence(const Dn& dn);
// What `verify` says of an object that is gone.
[[nodiscard]] std::string missing_sentence(const WrittenGroup& believed);
// The domain controller's host name in a DirectoryFacts::usn_source.
[[nodiscard]] std::string host_of(const std::string& usn_source);
// The same where the domain controller that answers may be behind the one that it was seen on.
[[nodiscard]] std::string missing_here_sentence(const WrittenGroup& believed,
                                                const std::string& usn_source);

}  // namespace writeback
