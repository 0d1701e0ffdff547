/**
 * Contacts; invites this peer made (their secrets are derived, not stored); invites this peer received and
 * has not used yet (their secrets are sealed under the identity). Times are milliseconds since 1970.
 */
export const identity = `
CREATE TABLE contacts (
  key TEXT NOT NULL PRIMARY KEY CHECK (length(key) = 56),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  state TEXT NOT NULL CHECK (state IN ('requested', 'invited', 'accepted', 'blocked')),
  ways TEXT NOT NULL CHECK (json_valid(ways)),
  added_at INTEGER NOT NULL,
  last_seen_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_state ON contacts (state, added_at);

CREATE TABLE invites (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE received_invites (
  key TEXT NOT NULL PRIMARY KEY CHECK (length(key) = 56),
  id BLOB NOT NULL CHECK (length(id) = 16),
  sealed_secret BLOB NOT NULL,
  name TEXT NOT NULL,
  ways TEXT NOT NULL CHECK (json_valid(ways)),
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
