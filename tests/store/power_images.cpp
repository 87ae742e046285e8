#include "power_images.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace writeback::test {

using fakes::DiskFile;
using fakes::ModelDisk;
using fakes::UnsyncedChange;

namespace {

constexpr std::int64_t sector = 512;
constexpr std::size_t reordered = 6;

// What becomes of one unsynced change.
enum class Fate { lost, kept, first_sector, all_but_last_sector, random_sectors };
using Fates = std::vector<Fate>;

std::vector<Fates> choices(std::size_t changes, std::mt19937_64& chance) {
    std::vector<Fates> all;
    for (std::size_t kept = 0; kept <= changes; ++kept) {
        Fates beginning(changes, Fate::lost);
        std::fill_n(beginning.begin(), kept, Fate::kept);
        all.push_back(beginning);
        if (kept == changes) continue;
        for (const Fate torn :
             {Fate::first_sector, Fate::all_but_last_sector, Fate::random_sectors}) {
            beginning[kept] = torn;
            all.push_back(beginning);
        }
    }
    const auto subsets = [&](const std::vector<std::size_t>& of) {
        for (unsigned mask = 0; mask < 1U << of.size(); ++mask) {
            Fates fates(changes, Fate::kept);
            for (std::size_t i = 0; i < of.size(); ++i) {
                if ((mask >> i & 1U) == 0) fates[of[i]] = Fate::lost;
            }
            all.push_back(fates);
        }
    };
    std::vector<std::size_t> last;
    for (std::size_t i = changes - std::min(changes, reordered); i < changes; ++i)
        last.push_back(i);
    subsets(last);
    if (changes > reordered) {
        std::vector<std::size_t> some;
        for (std::size_t i = 0; i < reordered; ++i)
            some.push_back(chance() % changes);
        subsets(some);
    }
    return all;
}

void apply_torn(const UnsyncedChange& change, Fate fate, std::string& content,
                std::mt19937_64& chance) {
    const auto end = change.offset + static_cast<std::int64_t>(change.bytes.size());
    for (std::int64_t from = change.offset; from < end;) {
        const std::int64_t to = std::min(end, (from / sector + 1) * sector);
        const bool kept = fate == Fate::first_sector          ? from == change.offset
                          : fate == Fate::all_but_last_sector ? to != end
                                                              : chance() % 2 == 0;
        if (kept) {
            const auto begin = static_cast<std::size_t>(from - change.offset);
            const auto length = static_cast<std::size_t>(to - from);
            UnsyncedChange{from, change.bytes.substr(begin, length), false}.apply(content);
        }
        from = to;
    }
}

// Which file stands under each name: its index in the state, or none.
using Standing = std::map<std::string, std::optional<std::size_t>>;

std::vector<Standing> names(const std::vector<DiskFile>& state) {
    std::map<std::string, std::vector<std::optional<std::size_t>>> options;
    for (std::size_t i = 0; i < state.size(); ++i) {
        const DiskFile& file = state[i];
        auto& of_name = options[file.name];
        if (!(file.name_synced && file.name_stands) && of_name.empty()) {
            of_name.push_back(std::nullopt);
        }
        of_name.push_back(i);
        // Both the removed one and the new one are there: something stands in any case.
        if (of_name.size() == 3) of_name.erase(of_name.begin());
    }
    std::vector<Standing> all{{}};
    for (const auto& [name, of_name] : options) {
        std::vector<Standing> longer;
        for (const Standing& standing : all) {
            for (const auto& option : of_name) {
                longer.push_back(standing);
                longer.back()[name] = option;
            }
        }
        all = std::move(longer);
    }
    return all;
}

ModelDisk::Contents build(const std::vector<DiskFile>& state, const Standing& standing,
                          const Fates& fates, std::mt19937_64& chance) {
    std::vector<std::string> contents;
    std::size_t next = 0;
    for (const DiskFile& file : state) {
        std::string content = file.synced;
        for (const UnsyncedChange& change : file.unsynced) {
            const Fate fate = fates[next++];
            if (fate == Fate::kept) {
                change.apply(content);
            } else if (fate != Fate::lost && !change.truncates) {
                apply_torn(change, fate, content, chance);
            }
        }
        contents.push_back(std::move(content));
    }
    ModelDisk::Contents image;
    for (const auto& [name, index] : standing) {
        if (index) image[name] = contents[*index];
    }
    return image;
}

}  // namespace

void each_image(const std::vector<DiskFile>& state, std::size_t limit, std::mt19937_64& chance,
                const std::function<void(const ModelDisk::Contents&)>& image) {
    std::size_t changes = 0;
    for (const DiskFile& file : state)
        changes += file.unsynced.size();
    const std::vector<Fates> fates = choices(changes, chance);
    const std::vector<Standing> standings = names(state);
    const std::size_t all = fates.size() * standings.size();
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < all; ++i) {
        const bool extreme = i == 0 || i + 1 == all;
        if (all <= limit || extreme || chance() % all < limit) chosen.push_back(i);
    }
    for (const std::size_t one : chosen)
        image(
            build(state, standings[one % standings.size()], fates[one / standings.size()], chance));
}

}  // namespace writeback::test
