#include "store/schema_version.hpp"

#include "store/schema_text.hpp"

namespace writeback {

namespace {

std::int64_t version_of(Database& database) {
    Statement row = database.query("PRAGMA user_version");
    return row.next() ? row.integer(0) : 0;
}

Failure too_new(const std::string& path, std::int64_t version, std::size_t ours) {
    return failure(FailureKind::store,
                   "The store " + path + " has version " + std::to_string(version) +
                       ", and this program knows versions up to " + std::to_string(ours) +
                       ". It was written by a newer release: install that one again, or name "
                       "another store with [store] path.");
}

}  // namespace

Result<Done> migrate(Database& database, const std::vector<std::string>& steps, DurableStep name) {
    Transaction transaction(database, Transaction::Kind::write, name);
    const std::int64_t version = version_of(database);
    if (version < 0 || version > static_cast<std::int64_t>(steps.size())) {
        return too_new(database.path(), version, steps.size());
    }
    if (version == 0) {
        Statement row = database.query("SELECT count(*) FROM sqlite_schema");
        if (row.next() && row.integer(0) > 0) {
            return failure(FailureKind::store,
                           "The file " + database.path() +
                               " is a database of something else. Name another place with "
                               "[store] path.");
        }
    }
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        database.script(steps[step]);
        database.script("PRAGMA user_version = " + std::to_string(step + 1));
    }
    return transaction.commit();
}

Result<Done> require_version(Database& database, const std::vector<std::string>& steps) {
    Transaction transaction(database, Transaction::Kind::read);
    const std::int64_t version = version_of(database);
    Result<Done> read = transaction.commit();
    if (!read) return read;
    const auto ours = static_cast<std::int64_t>(steps.size());
    if (version > ours) return too_new(database.path(), version, steps.size());
    if (version < ours) {
        return failure(FailureKind::store,
                       "The store " + database.path() + " has version " + std::to_string(version) +
                           ", and this program needs version " + std::to_string(ours) +
                           ". Start `serve` or `once` first: it brings the store up to date.");
    }
    return Done{};
}

const std::vector<std::string>& store_schema() {
    static const std::vector<std::string> steps{store_schema_text};
    return steps;
}

const std::vector<std::string>& inbox_schema() {
    static const std::vector<std::string> steps{inbox_schema_text};
    return steps;
}

}  // namespace writeback
