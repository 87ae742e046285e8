#include "generator.hpp"

#include "../base/text.hpp"
#include "admission.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>

namespace emulator {
namespace {

constexpr std::string_view given_names[] = {
    "Adele", "Alex",   "Bianca",    "Chen",         "Dimitri",     "Elif",
    "Femke", "Grady",  "Henrietta", "Isaiah",       "Jo\xc3\xabl", "Kirsten",
    "Lidia", "Miriam", "Nestor",    "Ols\xc3\xb6n", "Patti",       "Raul"};
constexpr std::string_view family_names[] = {"Vance",
                                             "Wilber",
                                             "Gr\xc3\xbc"
                                             "ber",
                                             "Johnson",
                                             "Langer",
                                             "M\xc3\xbcller",
                                             "O'Brien",
                                             "Pfeiffer",
                                             "Quaranta",
                                             "Rossi",
                                             "Sato",
                                             "Tanaka",
                                             "Ueda",
                                             "Wilke",
                                             "Xu",
                                             "Young"};
constexpr std::string_view departments[] = {"Finance",   "Legal", "Sales",   "Research",
                                            "Marketing", "Plant", "Support", "Board"};

template <std::size_t size>
std::string_view pick(const std::string_view (&list)[size], Random& random) {
    return list[random.below(size)];
}

std::string numbered(const char* format, std::size_t number) {
    char text[64];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

std::vector<ObjectIndex> add_users(const GeneratorSettings& settings, Tenant& tenant,
                                   Random& random, TimePoint now) {
    std::vector<ObjectIndex> users;
    for (std::size_t i = 0; i < settings.users; ++i) {
        const std::string id = random.guid();
        const std::string account = numbered("user%06zu", i + 1);
        json::object user;
        user["displayName"] = std::string(pick(given_names, random)) + ' ' +
                              std::string(pick(family_names, random)) + numbered(" %zu", i + 1);
        user["userPrincipalName"] = account + "@contoso.com";
        user["mailNickname"] = account;
        user["mail"] = account + "@contoso.com";
        if (!random.chance(settings.cloud_only)) {
            user["onPremisesSyncEnabled"] = true;
            user["onPremisesSamAccountName"] = account;
            user["onPremisesSecurityIdentifier"] =
                settings.domain_sid + '-' + std::to_string(settings.first_rid + i);
        }
        users.push_back(
            *tenant.create(Kind::user, completed(Kind::user, std::move(user), id, now), id));
    }
    return users;
}

std::vector<ObjectIndex> add_groups(const GeneratorSettings& settings, Tenant& tenant,
                                    Random& random, TimePoint now) {
    std::vector<ObjectIndex> groups;
    for (std::size_t i = 0; i < settings.groups; ++i) {
        const std::string id = random.guid();
        const std::string nickname = numbered("group%05zu", i + 1);
        const bool unified = random.chance(settings.microsoft365);
        json::object group;
        group["displayName"] = std::string(pick(departments, random)) + numbered(" %05zu", i + 1);
        group["mailNickname"] = nickname;
        group["mailEnabled"] = unified;
        group["securityEnabled"] = !unified;
        if (random.chance(0.7)) group["description"] = "Members of " + nickname;
        if (unified) {
            group["groupTypes"] = json::array{"Unified"};
            group["mail"] = nickname + "@contoso.com";
            group["visibility"] = "Private";
        }
        groups.push_back(
            *tenant.create(Kind::group, completed(Kind::group, std::move(group), id, now), id));
    }
    return groups;
}

/// Shares the memberships out: every group about the average, some a tenth of it, some a multiple.
std::vector<std::size_t> sizes(const GeneratorSettings& settings, Random& random) {
    std::vector<std::size_t> shares(settings.groups, 0);
    if (settings.groups == 0) return shares;
    std::vector<std::uint64_t> weights;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < settings.groups; ++i) {
        weights.push_back(random.chance(0.05) ? 400 + random.below(400) : 10 + random.below(150));
        total += weights.back();
    }
    std::size_t given = 0;
    for (std::size_t i = 0; i < settings.groups; ++i) {
        shares[i] = std::min<std::size_t>(settings.users, settings.members * weights[i] / total);
        given += shares[i];
    }
    const std::size_t wanted = std::min(settings.members, settings.groups * settings.users);
    for (std::size_t i = 0; given < wanted; i = (i + 1) % settings.groups) {
        if (shares[i] >= settings.users) continue;
        ++shares[i];
        ++given;
    }
    return shares;
}

/// `count` different users: a run through the list from a random start with a step that meets each
/// once.
std::vector<ObjectIndex> choose(const std::vector<ObjectIndex>& users, std::size_t count,
                                Random& random) {
    std::vector<ObjectIndex> chosen;
    if (users.empty()) return chosen;
    std::size_t step = 1 + random.below(users.size());
    while (std::gcd(step, users.size()) != 1)
        ++step;
    std::size_t at = random.below(users.size());
    for (std::size_t i = 0; i < count; ++i, at = (at + step) % users.size()) {
        chosen.push_back(users[at]);
    }
    return chosen;
}

bool set_number(std::string_view text, std::size_t most, std::size_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number <= most;
}

/// "5%" or "0.05"
bool set_share(std::string_view text, double& share) {
    const bool percent = text.ends_with('%');
    if (percent) text.remove_suffix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if (percent) share /= 100;
    return share >= 0 && share <= 1;
}

bool set_value(std::string_view key, std::string_view value, GeneratorSettings& settings) {
    std::size_t number = 0;
    if (key == "groups") return set_number(value, 100000, settings.groups);
    if (key == "users") return set_number(value, 1000000, settings.users);
    if (key == "members") return set_number(value, 100000000, settings.members);
    if (key == "cloud_only") return set_share(value, settings.cloud_only);
    if (key == "nested") return set_share(value, settings.nested);
    if (key == "microsoft365") return set_share(value, settings.microsoft365);
    if (key == "seed" && set_number(value, SIZE_MAX, number)) {
        settings.seed = number;
        return true;
    }
    if (key == "first_rid" && set_number(value, 2000000000, number)) {
        settings.first_rid = static_cast<std::uint32_t>(number);
        return true;
    }
    if (key == "domain_sid" && value.starts_with("S-1-5-21-")) {
        settings.domain_sid = std::string(value);
        return true;
    }
    return false;
}

}  // namespace

std::optional<GeneratorSettings> parse_generator(std::string_view text, std::string& problem) {
    GeneratorSettings settings;
    for (const auto& pair : split(text, ',')) {
        const auto equals = pair.find('=');
        const std::string_view key = std::string_view(pair).substr(0, equals);
        const bool set = equals != std::string::npos &&
                         set_value(key, std::string_view(pair).substr(equals + 1), settings);
        if (!set) {
            problem = "'" + pair +
                      "' is not understood; known are groups, users, members, seed, "
                      "first_rid (numbers), cloud_only, nested, microsoft365 (such as 5%) and "
                      "domain_sid (S-1-5-21-…)";
            return std::nullopt;
        }
    }
    return settings;
}

void generate(const GeneratorSettings& settings, Tenant& tenant, TimePoint now) {
    Random random(settings.seed);
    const auto users = add_users(settings, tenant, random, now);
    const auto groups = add_groups(settings, tenant, random, now);
    const auto shares = sizes(settings, random);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        // A group nests an earlier one, so that there are no circles.
        const bool nests = i > 0 && shares[i] > 0 && !tenant.at(groups[i]).is_unified() &&
                           random.chance(settings.nested);
        auto members = choose(users, shares[i] - (nests ? 1 : 0), random);
        if (nests) members.push_back(groups[random.below(i)]);
        tenant.change_members(groups[i], members, {});
    }
}

}  // namespace emulator
