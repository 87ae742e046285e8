-- The inbox, version 1: accepted notifications until a delta round has satisfied them.
CREATE TABLE hint (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at  INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    stream       INTEGER NOT NULL,
    lifecycle    INTEGER NOT NULL,
    object_id    TEXT NOT NULL
);
