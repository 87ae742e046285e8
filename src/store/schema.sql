-- The store, version 1. Groups, members and identities have small integer keys within this file;
-- their ids stand once, in `object` and `identity`. Times are milliseconds since 1970, UTC.
-- Enumerations are stored by the position of their names in include/writeback.

-- Small settled facts: the tenant, the domain, the client state.
CREATE TABLE fact (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Grows by one with each transaction that changes what is known; marks, evidence and memberships
-- carry it, so that "since" can be told without a clock.
CREATE TABLE change (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    number   INTEGER NOT NULL
);
INSERT INTO change VALUES (1, 0);

CREATE TABLE stream (
    stream           INTEGER PRIMARY KEY,
    phase            INTEGER NOT NULL,
    link             TEXT NOT NULL,
    round_began_with TEXT NOT NULL,
    generation       INTEGER NOT NULL,
    resync           INTEGER NOT NULL,
    shown            INTEGER NOT NULL,
    fingerprint      TEXT NOT NULL,
    token_at         INTEGER,
    last_round_at    INTEGER
);

-- An object of Active Directory. One of the two is set.
CREATE TABLE identity (
    key  INTEGER PRIMARY KEY,
    sid  TEXT UNIQUE,
    guid TEXT UNIQUE
);

-- An object of the cloud: a group, or a member of one, and who it is in Active Directory.
CREATE TABLE object (
    key          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    type         INTEGER NOT NULL,                     -- 0 user
    state        INTEGER NOT NULL DEFAULT 2,           -- 0 known, 1 none, 2 unknown
    identity     INTEGER REFERENCES identity,          -- while known
    reason       TEXT NOT NULL DEFAULT 'not-asked',    -- while not known
    -- 1: told by the mirror (a group) or by the type (a service principal), never asked for.
    settled      INTEGER NOT NULL DEFAULT 0,
    scoped       INTEGER NOT NULL DEFAULT 0,           -- 1: a group in scope has it as member or owner
    asked_at     INTEGER,
    ask_again    INTEGER NOT NULL DEFAULT 0,
    users_number INTEGER NOT NULL DEFAULT 0,           -- the change of its last users item
    name         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX object_identity ON object (identity) WHERE identity IS NOT NULL;
CREATE INDEX object_unknown ON object (id) WHERE scoped = 1 AND state = 2 AND settled = 0;
CREATE INDEX object_none ON object (asked_at) WHERE scoped = 1 AND state = 1 AND settled = 0;
CREATE INDEX object_known ON object (asked_at)
    WHERE scoped = 1 AND state = 0 AND settled = 0 AND type <> 0;
CREATE INDEX object_again ON object (id) WHERE scoped = 1 AND ask_again = 1;
CREATE INDEX object_reason ON object (reason) WHERE scoped = 1 AND state <> 0;

-- What the users stream and the answers told; NULL is never told, '' was told to be null.
CREATE TABLE on_premises (
    object       INTEGER PRIMARY KEY REFERENCES object,
    synced       INTEGER,
    sid          TEXT,
    immutable_id TEXT,
    deleted      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE mirror_group (
    object           INTEGER PRIMARY KEY REFERENCES object,
    id               TEXT NOT NULL UNIQUE,
    display_name     TEXT NOT NULL,
    description      TEXT,
    mail             TEXT,
    mail_nickname    TEXT,
    mail_enabled     INTEGER NOT NULL,
    security_enabled INTEGER NOT NULL,
    group_types      TEXT NOT NULL,       -- JSON
    proxy_addresses  TEXT NOT NULL,       -- JSON
    visibility       TEXT,
    further          TEXT NOT NULL,       -- JSON
    synced           INTEGER NOT NULL,
    sid              TEXT NOT NULL,
    state            INTEGER NOT NULL,    -- 0 active, 1 soft-deleted, 2 absent, 3 deleted
    in_scope         INTEGER NOT NULL,
    generation       INTEGER NOT NULL,
    members_unread   INTEGER NOT NULL,
    owners_unread    INTEGER NOT NULL,
    unreadable       TEXT NOT NULL,
    scope_unknown    INTEGER NOT NULL,    -- 1: unreadable is about the scope alone
    unwatched        INTEGER NOT NULL     -- 1: the stream is not asked for it
);
CREATE INDEX mirror_group_generation ON mirror_group (generation)
    WHERE state IN (0, 1) AND unwatched = 0;
CREATE INDEX mirror_group_unread ON mirror_group (id) WHERE members_unread = 1;
CREATE INDEX mirror_group_owners_unread ON mirror_group (id) WHERE owners_unread = 1;
CREATE INDEX mirror_group_absent ON mirror_group (id) WHERE state = 2;

CREATE TABLE membership (
    parent     INTEGER NOT NULL,
    member     INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    number     INTEGER NOT NULL,          -- of the change that last showed it
    PRIMARY KEY (parent, member)
) WITHOUT ROWID;
CREATE INDEX membership_member ON membership (member, parent);

CREATE TABLE ownership (
    parent     INTEGER NOT NULL,
    owner      INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    number     INTEGER NOT NULL,          -- of the change that last showed it
    PRIMARY KEY (parent, owner)
) WITHOUT ROWID;
CREATE INDEX ownership_owner ON ownership (owner, parent);
CREATE INDEX ownership_generation ON ownership (generation);

-- Memberships and ownerships that a page has ended lately: a direct read that began before must not
-- bring them back.
CREATE TABLE departure (
    parent INTEGER NOT NULL,
    member INTEGER NOT NULL,
    owner  INTEGER NOT NULL,              -- 1: it was an owner
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (parent, member, owner)
) WITHOUT ROWID;
CREATE INDEX departure_at ON departure (at);

-- A row for each group that the mirror or the written state knows; the counts are kept by triggers.
CREATE TABLE standing (
    object     INTEGER PRIMARY KEY REFERENCES object,
    unknown    INTEGER NOT NULL DEFAULT 0,    -- members whose identity is unknown
    written    INTEGER NOT NULL DEFAULT 0,    -- members that AD has
    owes       INTEGER NOT NULL DEFAULT 0,    -- the policy keeps removals back
    last_error TEXT NOT NULL DEFAULT '',
    error_at   INTEGER
);
CREATE INDEX standing_error ON standing (error_at) WHERE last_error <> '';
CREATE INDEX standing_owes ON standing (object) WHERE owes = 1;

CREATE TABLE written_group (
    object           INTEGER PRIMARY KEY REFERENCES object,
    id               TEXT NOT NULL UNIQUE,
    guid             TEXT NOT NULL,
    sid              TEXT NOT NULL,
    dn               TEXT NOT NULL,
    cn               TEXT NOT NULL,
    sam_account_name TEXT NOT NULL,
    group_type       INTEGER NOT NULL,
    attributes       TEXT NOT NULL,           -- JSON
    origin           INTEGER NOT NULL,
    keeps_name       INTEGER NOT NULL,        -- adopted: CN and container stay
    previous_mark    TEXT NOT NULL,           -- before the adoption
    usn              INTEGER NOT NULL,        -- uSNChanged after our last write or read; 0: not known
    seen_on          TEXT NOT NULL,           -- the domain controller that we last saw it on
    missing          INTEGER NOT NULL         -- AD has it no more; the row remembers what it was
);
CREATE INDEX written_group_missing ON written_group (missing);
CREATE INDEX written_group_guid ON written_group (guid);

CREATE TABLE written_member (
    parent   INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    PRIMARY KEY (parent, identity)
) WITHOUT ROWID;

-- What changed of a group's members and is not yet settled. member is 0 where no cloud object is
-- behind the identity. evidence 0: the member came.
CREATE TABLE touched (
    parent   INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    member   INTEGER NOT NULL,
    evidence INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    PRIMARY KEY (parent, identity, member)
) WITHOUT ROWID;
CREATE INDEX touched_member ON touched (member, parent);
CREATE INDEX touched_inferred ON touched (parent) WHERE evidence >= 5;

-- The dirty groups.
CREATE TABLE mark (
    object       INTEGER PRIMARY KEY REFERENCES object,
    id           TEXT NOT NULL,
    number       INTEGER NOT NULL,
    whole_number INTEGER NOT NULL,    -- the last mark that asked for all members; 0: none did
    cause        INTEGER NOT NULL,
    read_first   INTEGER NOT NULL,    -- the last mark that asked to read AD first; 0: none did
    hinted_at    INTEGER,
    marked_at    INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    not_before   INTEGER NOT NULL,
    under_way    INTEGER NOT NULL DEFAULT 0,
    begun_on     TEXT NOT NULL DEFAULT '',  -- under_way: the domain controller that was written to
    begun_at     INTEGER,                   -- … and when
    removals     INTEGER NOT NULL,
    rank         INTEGER AS (CASE WHEN hinted_at IS NULL AND cause <> 0 THEN 2
                                  WHEN removals = 0 THEN 1 ELSE 0 END)
);
CREATE INDEX mark_rank ON mark (rank, id);

-- Groups whose deletion, or leaving of the scope, AD has to follow.
CREATE TABLE deletion (
    object    INTEGER PRIMARY KEY REFERENCES object,
    evidence  INTEGER NOT NULL,               -- 1 out of scope, 2 soft-deleted or absent, 3 deleted
    verdict   INTEGER NOT NULL DEFAULT 1,     -- 1 unjudged, 2 allowed, 3 held
    followed  INTEGER NOT NULL DEFAULT 0,
    owed      INTEGER NOT NULL DEFAULT 0,     -- the policy has kept back what follows from it
    cause     INTEGER NOT NULL,               -- of the mark that it came with
    hinted_at INTEGER
);
CREATE INDEX deletion_pending ON deletion (object) WHERE followed = 0;

-- What the guard's window counts.
CREATE TABLE deletion_done (
    object INTEGER PRIMARY KEY REFERENCES object,
    at     INTEGER NOT NULL
);
CREATE TABLE removals_done (
    key   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    count INTEGER NOT NULL
);
CREATE INDEX removals_done_at ON removals_done (at);

CREATE TABLE hold (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,   -- h1, h2, …
    object   INTEGER NOT NULL REFERENCES object,
    reason   INTEGER NOT NULL,
    name     TEXT NOT NULL,
    detail   TEXT NOT NULL,
    since    INTEGER NOT NULL,
    decision INTEGER NOT NULL,
    targets  TEXT NOT NULL,                       -- JSON, sorted
    member   TEXT NOT NULL,
    sid      TEXT NOT NULL,
    deletion INTEGER NOT NULL                     -- 1: made by the judgement of a deletion
);
CREATE INDEX hold_object ON hold (object);

CREATE TABLE request (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL
);

CREATE TABLE subscription (
    id               TEXT NOT NULL PRIMARY KEY,
    stream           INTEGER NOT NULL,
    resource         TEXT NOT NULL,
    notification_url TEXT NOT NULL,
    expires          INTEGER NOT NULL
) WITHOUT ROWID;

-- The counts of `standing`, and `object.scoped`. The flag is written only when it changes: partial
-- indexes hang on it.
CREATE TRIGGER membership_came AFTER INSERT ON membership BEGIN
    UPDATE standing SET unknown = unknown + 1
     WHERE object = NEW.parent AND (SELECT state FROM object WHERE key = NEW.member) = 2;
    UPDATE object SET scoped = 1
     WHERE key = NEW.member AND scoped = 0
       AND (SELECT in_scope FROM mirror_group WHERE object = NEW.parent) = 1;
END;
CREATE TRIGGER membership_went AFTER DELETE ON membership BEGIN
    UPDATE standing SET unknown = unknown - 1
     WHERE object = OLD.parent AND (SELECT state FROM object WHERE key = OLD.member) = 2;
    UPDATE object SET scoped = 0
     WHERE key = OLD.member AND scoped = 1
       AND NOT EXISTS (SELECT 1 FROM membership m JOIN mirror_group g ON g.object = m.parent
                        WHERE m.member = OLD.member AND g.in_scope = 1)
       AND NOT EXISTS (SELECT 1 FROM ownership o JOIN mirror_group g ON g.object = o.parent
                        WHERE o.owner = OLD.member AND g.in_scope = 1);
END;
CREATE TRIGGER ownership_came AFTER INSERT ON ownership BEGIN
    UPDATE object SET scoped = 1
     WHERE key = NEW.owner AND scoped = 0
       AND (SELECT in_scope FROM mirror_group WHERE object = NEW.parent) = 1;
END;
CREATE TRIGGER ownership_went AFTER DELETE ON ownership BEGIN
    UPDATE object SET scoped = 0
     WHERE key = OLD.owner AND scoped = 1
       AND NOT EXISTS (SELECT 1 FROM membership m JOIN mirror_group g ON g.object = m.parent
                        WHERE m.member = OLD.owner AND g.in_scope = 1)
       AND NOT EXISTS (SELECT 1 FROM ownership o JOIN mirror_group g ON g.object = o.parent
                        WHERE o.owner = OLD.owner AND g.in_scope = 1);
END;
CREATE TRIGGER identity_found AFTER UPDATE OF state ON object
WHEN OLD.state = 2 AND NEW.state <> 2 BEGIN
    UPDATE standing SET unknown = unknown - 1
     WHERE object IN (SELECT parent FROM membership WHERE member = NEW.key);
END;
CREATE TRIGGER identity_doubted AFTER UPDATE OF state ON object
WHEN OLD.state <> 2 AND NEW.state = 2 BEGIN
    UPDATE standing SET unknown = unknown + 1
     WHERE object IN (SELECT parent FROM membership WHERE member = NEW.key);
END;
CREATE TRIGGER scope_entered_new AFTER INSERT ON mirror_group WHEN NEW.in_scope = 1 BEGIN
    UPDATE object SET scoped = 1
     WHERE scoped = 0 AND key IN (SELECT member FROM membership WHERE parent = NEW.object
                                  UNION ALL SELECT owner FROM ownership WHERE parent = NEW.object);
END;
CREATE TRIGGER scope_entered AFTER UPDATE OF in_scope ON mirror_group
WHEN OLD.in_scope = 0 AND NEW.in_scope = 1 BEGIN
    UPDATE object SET scoped = 1
     WHERE scoped = 0 AND key IN (SELECT member FROM membership WHERE parent = NEW.object
                                  UNION ALL SELECT owner FROM ownership WHERE parent = NEW.object);
END;
CREATE TRIGGER scope_left AFTER UPDATE OF in_scope ON mirror_group
WHEN OLD.in_scope = 1 AND NEW.in_scope = 0 BEGIN
    UPDATE object SET scoped = 0
     WHERE scoped = 1
       AND key IN (SELECT member FROM membership WHERE parent = NEW.object
                   UNION ALL SELECT owner FROM ownership WHERE parent = NEW.object)
       AND NOT EXISTS (SELECT 1 FROM membership m JOIN mirror_group g ON g.object = m.parent
                        WHERE m.member = object.key AND g.in_scope = 1)
       AND NOT EXISTS (SELECT 1 FROM ownership o JOIN mirror_group g ON g.object = o.parent
                        WHERE o.owner = object.key AND g.in_scope = 1);
END;
CREATE TRIGGER written_came AFTER INSERT ON written_member BEGIN
    UPDATE standing SET written = written + 1 WHERE object = NEW.parent;
END;
CREATE TRIGGER written_went AFTER DELETE ON written_member BEGIN
    UPDATE standing SET written = written - 1 WHERE object = OLD.parent;
END;
