// SqliteStore: what commands ask of the daemon, and the subscriptions.
#include "store/database.hpp"
#include "store/sqlite_store.hpp"

namespace writeback {

using Kind = Transaction::Kind;

// --- requests of commands ---

Result<Done> SqliteStore::add_request(std::string kind, std::string subject) {
    Transaction transaction(*database_, Kind::write, DurableStep::request);
    database_->execute("INSERT INTO request (kind, subject) VALUES (?1, ?2)", kind, subject);
    return transaction.commit();
}

Result<std::vector<Request>> SqliteStore::requests() {
    Transaction transaction(*database_, Kind::read);
    std::vector<Request> requests;
    Statement rows = database_->query("SELECT id, kind, subject FROM request ORDER BY id");
    while (rows.next())
        requests.push_back({rows.integer(0), rows.text(1), rows.text(2)});
    return transaction.commit(std::move(requests));
}

Result<Done> SqliteStore::drop_request(std::int64_t id) {
    Transaction transaction(*database_, Kind::write, DurableStep::request_done);
    database_->execute("DELETE FROM request WHERE id = ?1", id);
    return transaction.commit();
}

Result<bool> SqliteStore::changed_by_others() {
    Transaction transaction(*database_, Kind::read);
    std::int64_t version = 0;
    {
        Statement row = database_->query("PRAGMA data_version");
        if (row.next()) version = row.integer(0);
    }
    const bool changed = data_version_ && *data_version_ != version;
    Result<bool> result = transaction.commit(changed);
    if (result) data_version_ = version;
    return result;
}

// --- subscriptions ---

Result<std::vector<StoredSubscription>> SqliteStore::subscriptions() {
    Transaction transaction(*database_, Kind::read);
    std::vector<StoredSubscription> subscriptions;
    Statement rows = database_->query(
        "SELECT id, stream, resource, notification_url, expires FROM subscription ORDER BY id");
    while (rows.next()) {
        subscriptions.push_back(
            {{SubscriptionId(rows.text(0)), rows.text(2), rows.text(3), rows.instant(4)},
             rows.as<Stream>(1)});
    }
    return transaction.commit(std::move(subscriptions));
}

Result<Done> SqliteStore::save_subscription(const StoredSubscription& stored) {
    Transaction transaction(*database_, Kind::write, DurableStep::subscription_stored);
    const Subscription& subscription = stored.subscription;
    database_->execute(
        "INSERT INTO subscription (id, stream, resource, notification_url, expires) "
        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET stream = excluded.stream, "
        "resource = excluded.resource, notification_url = excluded.notification_url, "
        "expires = excluded.expires",
        subscription.id, stored.stream, subscription.resource, subscription.notification_url,
        subscription.expires);
    return transaction.commit();
}

Result<Done> SqliteStore::remove_subscription(SubscriptionId id) {
    Transaction transaction(*database_, Kind::write, DurableStep::subscription_forgotten);
    database_->execute("DELETE FROM subscription WHERE id = ?1", id);
    return transaction.commit();
}

}  // namespace writeback
