#include "store/inbox_file.hpp"

#include "store/database.hpp"
#include "store/schema_version.hpp"

namespace writeback {

InboxFile::InboxFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}
InboxFile::~InboxFile() = default;

Result<std::unique_ptr<InboxFile>> InboxFile::open(const InboxOptions& options) {
    DatabaseOptions file;
    file.path = options.path;
    file.vfs = options.vfs;
    file.create = true;
    file.busy_limit = options.busy_limit;
    Result<std::unique_ptr<Database>> database = Database::open(file);
    if (!database) return database.error();
    Result<Done> migrated = migrate(**database, inbox_schema(), DurableStep::inbox_schema);
    if (!migrated) return migrated.error();
    return std::unique_ptr<InboxFile>(new InboxFile(std::move(*database)));
}

Result<Done> InboxFile::write(const std::vector<Hint>& hints) {
    Transaction transaction(*database_, Transaction::Kind::write, DurableStep::hints_appended);
    for (const Hint& hint : hints) {
        database_->execute(
            "INSERT INTO hint (received_at, subscription, stream, lifecycle, object_id) "
            "VALUES (?1, ?2, ?3, ?4, ?5)",
            hint.received_at, hint.subscription, hint.stream, hint.lifecycle, hint.object_id);
    }
    return transaction.commit();
}

Result<std::vector<Hint>> InboxFile::read(std::int64_t after, std::size_t limit) {
    Transaction transaction(*database_, Transaction::Kind::read);
    std::vector<Hint> hints;
    Statement rows = database_->query(
        "SELECT id, received_at, subscription, stream, lifecycle, object_id FROM hint "
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        after, limit);
    while (rows.next()) {
        Hint hint;
        hint.id = rows.integer(0);
        hint.received_at = rows.instant(1);
        hint.subscription = SubscriptionId(rows.text(2));
        hint.stream = rows.as<Stream>(3);
        hint.lifecycle = rows.as<LifecycleEvent>(4);
        hint.object_id = rows.text(5);
        hints.push_back(std::move(hint));
    }
    return transaction.commit(std::move(hints));
}

Result<Done> InboxFile::forget(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return Done{};
    Transaction transaction(*database_, Transaction::Kind::write, DurableStep::hints_forgotten);
    for (const std::int64_t id : ids) {
        database_->execute("DELETE FROM hint WHERE id = ?1", id);
    }
    return transaction.commit();
}

}  // namespace writeback
