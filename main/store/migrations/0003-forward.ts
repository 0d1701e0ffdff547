/**
 * Local programs that contacts may reach, and local addresses behind which services of contacts are. Addresses are
 * `host:port` or `unix:/path`. Times are milliseconds since 1970.
 */
export const forward = `
CREATE TABLE services (
  name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63),
  target TEXT NOT NULL,
  -- The string everyone, or an array of keys.
  audience TEXT NOT NULL CHECK (json_valid(audience)),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE forwards (
  id TEXT NOT NULL PRIMARY KEY,
  peer TEXT NOT NULL CHECK (length(peer) = 56),
  service TEXT NOT NULL CHECK (length(service) BETWEEN 1 AND 63),
  listen TEXT NOT NULL,
  -- 1: other computers may connect.
  remote INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
