#include "stored_rows_image.hpp"

#include "fakes/model_disk.hpp"
#include "property.hpp"
#include "store/inbox_file.hpp"
#include "store/sqlite_store.hpp"

#include <sqlite3.h>

#include <charconv>
#include <functional>

namespace writeback::fuzz {

namespace {

using fakes::ModelDisk;

const Instant now(Duration(1'700'000'000'000));

std::string numbered(const char* prefix, int number) {
    return std::string(prefix) + "-0000-4000-8000-00000000000" + std::to_string(number);
}
GroupId group_id(int number) {
    return GroupId(numbered("aaaaaaaa", number));
}
MemberId user_id(int number) {
    return MemberId(numbered("bbbbbbbb", number));
}

void must(const Result<Done>& done) {
    require(done.has_value(), "the healthy store is written",
            done ? "" : std::string_view(done.error().detail));
}

MirrorGroup shown_group(int number) {
    MirrorGroup row;
    row.group.id = group_id(number);
    row.group.display_name = "Group " + std::to_string(number);
    row.group.description = "described";
    row.group.security_enabled = true;
    row.group.proxy_addresses = {"SMTP:a@contoso.com", "smtp:b@contoso.com"};
    row.group.further = {{"theme", {"Teal"}}};
    row.in_scope = true;
    row.generation = 1;
    return row;
}

WrittenGroup written_group(int number) {
    WrittenGroup written;
    written.group = group_id(number);
    written.guid = ObjectGuid(numbered("cccccccc", number));
    written.sid = Sid("S-1-5-21-1-2-3-500" + std::to_string(number));
    written.cn = "Group " + std::to_string(number);
    written.dn = Dn("CN=" + written.cn + ",OU=Groups,DC=example,DC=com");
    written.sam_account_name = "group" + std::to_string(number);
    written.group_type = universal_security_group;
    written.attributes = {{"displayName", {written.cn}}};
    return written;
}

void show(Store& store) {
    MirrorChanges changes;
    for (int group = 1; group <= 4; ++group) {
        changes.groups.push_back(shown_group(group));
        changes.marks.push_back({group_id(group), Cause::resync, true, false, now});
        for (int user = 1; user <= 3; ++user) {
            changes.members.push_back(
                {group_id(group), user_id(user), MemberType::user, true, Evidence::none});
        }
    }
    changes.owners.push_back({group_id(1), user_id(1), MemberType::user, true, Evidence::none});
    StreamPosition position;
    position.phase = StreamPhase::steady;
    position.link = position.round_began_with = "https://graph.example/delta?$deltatoken=1";
    position.generation = 1;
    position.token_at = position.last_round_at = now;
    must(store.commit_groups(changes, position, now));
    must(store.set_position(Stream::users, position));
    std::vector<MemberIdentity> identities;
    for (int user = 1; user <= 2; ++user) {
        const Sid sid("S-1-5-21-1-2-3-100" + std::to_string(user));
        identities.push_back(
            {user_id(user), MemberType::user, IdentityState::known, {sid, {}}, "", "someone"});
    }
    must(store.store_identities(identities, *store.change_number(), now));
}

// Group 1 is written, its members changed since; group 2 is written and to be deleted.
void write(Store& store) {
    for (int group = 1; group <= 2; ++group) {
        const auto work = store.work(group_id(group));
        require(work.has_value(), "the healthy store has work");
        Outcome outcome;
        outcome.group = group_id(group);
        outcome.number = work->number;
        outcome.settled = true;
        outcome.written = written_group(group);
        for (const auto& wanted : work->wanted)
            outcome.added.push_back({wanted.identity, wanted.cloud_ids, Evidence::none});
        must(store.finish({outcome}, now));
    }
    MirrorChanges changes;
    auto gone = shown_group(2);
    gone.group.state = CloudState::soft_deleted;
    changes.groups.push_back(gone);
    changes.members.push_back(
        {group_id(1), user_id(1), MemberType::user, false, Evidence::removed});
    for (int group = 1; group <= 2; ++group)
        changes.marks.push_back({group_id(group), Cause::hint, false, false, now});
    must(store.commit_groups(changes, *store.position(Stream::groups), now));
}

void hold(Store& store) {
    Outcome outcome;
    outcome.group = group_id(3);
    outcome.last_error = "refused";
    outcome.not_before = now + std::chrono::seconds(5);
    Hold guarded;
    guarded.group = group_id(3);
    guarded.reason = HoldReason::guard;
    guarded.detail = "too many";
    guarded.since = now;
    guarded.targets = {{OperationKind::remove_members, "S-1-5-21-1-2-3-1001", Evidence::absent}};
    outcome.holds = {guarded};
    must(store.finish({outcome}, now));
    must(store.begin_work({group_id(4)}, now));
}

StoredFiles made() {
    ModelDisk disk(1);
    {
        auto store = SqliteStore::open({state_path, StoreAccess::owner, disk.vfs()});
        require(store.has_value(), "a store is made");
        must((*store)->bind("tenant_id", "11111111-2222-3333-4444-555555555555"));
        must((*store)->bind("domain_sid", "S-1-5-21-1-2-3"));
        show(**store);
        write(**store);
        hold(**store);
        must((*store)->add_request("resync", group_id(1).text()));
        must((*store)->save_subscription(
            {{SubscriptionId(numbered("dddddddd", 1)), "groups", "https://hooks/n", now},
             Stream::groups}));
        auto inbox = InboxFile::open({inbox_path, disk.vfs()});
        require(inbox.has_value(), "an inbox is made");
        Hint hint;
        hint.received_at = now;
        hint.subscription = SubscriptionId(numbered("dddddddd", 1));
        hint.object_id = group_id(1).text();
        must((*inbox)->write({hint, hint, hint}));
    }
    auto contents = disk.contents();
    return {contents[state_path], contents[inbox_path]};
}

// --- rows ---

struct Raw {
    sqlite3* connection = nullptr;
    Raw(const std::string& path, const std::string& vfs) {
        sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE, vfs.c_str());
    }
    ~Raw() { sqlite3_close(connection); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    void run(const std::string& sql) const {
        sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr);
    }
    [[nodiscard]] std::vector<std::string> texts(const std::string& sql) const {
        std::vector<std::string> found;
        const auto take = [](void* into, int, char** values, char**) {
            static_cast<std::vector<std::string>*>(into)->emplace_back(values[0] ? values[0] : "");
            return 0;
        };
        sqlite3_exec(connection, sql.c_str(), take, &found, nullptr);
        return found;
    }
};

std::string chosen(const std::vector<std::string>& among, std::string_view wanted) {
    for (const auto& one : among) {
        if (one == wanted) return one;
    }
    if (among.empty()) return {};
    return among[std::hash<std::string_view>{}(wanted) % among.size()];
}

std::string quoted(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "x'";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return text + "'";
}

std::string value_in_sql(std::string_view value) {
    if (value == "null") return "NULL";
    if (value.starts_with('\''))
        return "CAST(" + quoted(bytes_of_line(value.substr(1))) + " AS TEXT)";
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && end == value.data() + value.size()) return std::to_string(number);
    return quoted(bytes_of_line(value));
}

void change_row(const Raw& state, const Raw& inbox, std::string_view change) {
    const auto name = change.substr(0, change.find(' '));
    change.remove_prefix(std::min(change.size(), name.size() + 1));
    const auto row = change.substr(0, change.find(' '));
    change.remove_prefix(std::min(change.size(), row.size() + 1));
    const auto dot = std::min(name.find('.'), name.size());
    const bool is_hint = name.substr(0, dot) == "hint";
    const Raw& database = is_hint ? inbox : state;
    const auto table =
        chosen(database.texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
               name.substr(0, dot));
    const auto column =
        chosen(database.texts("SELECT name FROM pragma_table_info('" + table + "')"),
               name.substr(std::min(name.size(), dot + 1)));
    if (table.empty() || column.empty()) return;
    std::size_t number = 0;
    std::from_chars(row.data(), row.data() + row.size(), number);
    const auto keys = database.texts("SELECT count(*) FROM " + table);
    std::size_t count = 0;
    if (!keys.empty()) std::from_chars(keys[0].data(), keys[0].data() + keys[0].size(), count);
    if (count == 0) return;
    // Tables without rowid take the change in all their rows.
    const auto where =
        "(SELECT rowid FROM " + table + " LIMIT 1 OFFSET " + std::to_string(number % count) + ")";
    const auto set = "UPDATE " + table + " SET " + column + " = " + value_in_sql(change);
    database.run(set + " WHERE rowid = " + where);
    if (sqlite3_errcode(database.connection) == SQLITE_ERROR) database.run(set);
}

}  // namespace

const StoredFiles& healthy_files() {
    static const StoredFiles files = made();
    return files;
}

StoredFiles with_rows(const StoredFiles& files, const std::vector<std::string_view>& changes) {
    ModelDisk disk(1, {{state_path, files.state}, {inbox_path, files.inbox}});
    {
        const Raw state(state_path, disk.vfs());
        const Raw inbox(inbox_path, disk.vfs());
        for (const Raw* one : {&state, &inbox}) {
            one->run("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF");
            // Triggers are the store's own; damage comes without them.
            sqlite3_db_config(one->connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
        }
        for (const auto change : changes)
            change_row(state, inbox, change);
    }
    auto contents = disk.contents();
    return {contents[state_path], contents[inbox_path]};
}

}  // namespace writeback::fuzz
