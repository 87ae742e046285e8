// `resync`: a request in the store, for the running daemon or the next run.
#include "commands/commands.hpp"
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <cctype>
#include <iostream>

namespace writeback {
namespace {

constexpr std::size_t groups_at_once = 500;

std::string folded(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return text;
}

// Whether a person who typed `subject` meant this group: by name, or by what it is called in AD.
Result<bool> is_meant(Store& store, const MirrorGroup& row, const std::string& subject) {
    if (row.group.display_name == subject || folded(row.group.display_name) == folded(subject))
        return true;
    const auto written = store.written_group(row.group.id);
    if (!written) return written.error();
    if (!*written) return false;
    const WrittenGroup& group = **written;
    return group.sid.text() == subject || folded(group.dn.text()) == folded(subject) ||
           folded(group.cn) == folded(subject) || folded(group.sam_account_name) == folded(subject);
}

Result<std::vector<MirrorGroup>> groups_meant(Store& store, const std::string& subject) {
    if (const auto guid = canonical_guid(subject)) {
        const auto row = store.mirror_group(GroupId(*guid));
        if (!row) return row.error();
        return *row ? std::vector{**row} : std::vector<MirrorGroup>{};
    }
    std::vector<MirrorGroup> meant;
    GroupId after;
    while (true) {
        const auto rows = store.groups_after(after, groups_at_once);
        if (!rows) return rows.error();
        if (rows->empty()) return meant;
        for (const auto& row : *rows) {
            const auto match = is_meant(store, row, subject);
            if (!match) return match.error();
            if (*match) meant.push_back(row);
        }
        after = rows->back().group.id;
    }
}

}  // namespace

int run_resync(const Config& config, const std::string& subject) {
    auto store = SqliteStore::open({.path = config.store.path, .access = StoreAccess::shared});
    if (!store) return complain(store.error().detail);
    std::string group;
    std::string told = "the whole tenant";
    if (!subject.empty()) {
        const auto meant = groups_meant(**store, subject);
        if (!meant) return complain(meant.error().detail);
        if (meant->empty()) {
            return complain("no group is known by \"" + subject +
                            "\"; name an object id, a name, a DN or a SID");
        }
        if (meant->size() > 1) {
            complain("\"" + subject + "\" names " + std::to_string(meant->size()) +
                     " groups; name one by its object id:");
            for (const auto& row : *meant)
                std::cerr << "  " << row.group.id.text() << "\n";
            return exit_failed;
        }
        group = meant->front().group.id.text();
        told = meant->front().group.display_name + " (" + group + ")";
    }
    if (const auto done = (*store)->add_request("resync", group); !done)
        return complain(done.error().detail);
    std::cout << told << " will be read again by the running daemon, or by the next run\n";
    return exit_done;
}

}  // namespace writeback
