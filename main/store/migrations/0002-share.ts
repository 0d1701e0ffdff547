/** Shares, their entries, and downloads. */
export const share = `
-- What this peer offers. A row with removed = 1 is unshared; its entries are deleted bit by bit.
CREATE TABLE shares (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind IN ('file', 'folder')),
  path TEXT NOT NULL,
  audience TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('hashing', 'ready', 'failed')),
  error TEXT,
  generation INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 0,
  manifest BLOB,
  files INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  hashed_bytes INTEGER NOT NULL DEFAULT 0,
  skipped_count INTEGER NOT NULL DEFAULT 0,
  skipped_examples TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Files (kind 1) and folders (kind 0; bytes and files are sums of what is below).
-- local: the path on this machine where it is not the same (Unicode form); identity: size, mtime, inode.
CREATE TABLE share_entries (
  id INTEGER PRIMARY KEY,
  share TEXT NOT NULL REFERENCES shares (id),
  path TEXT NOT NULL,
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  files INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  executable INTEGER NOT NULL,
  local TEXT,
  identity TEXT NOT NULL,
  file_id BLOB,
  generation INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX share_entries_path ON share_entries (share, path);
CREATE UNIQUE INDEX share_entries_parent ON share_entries (share, parent, name);
CREATE INDEX share_entries_unhashed ON share_entries (share) WHERE kind = 1 AND file_id IS NULL;

-- Leaf hashes of files of more than one chunk, 64 to a row, and the tree above the roots of the groups.
CREATE TABLE share_leaves (
  entry INTEGER NOT NULL REFERENCES share_entries (id) ON DELETE CASCADE,
  grp INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (entry, grp)
) STRICT;
CREATE TABLE share_trees (
  entry INTEGER PRIMARY KEY REFERENCES share_entries (id) ON DELETE CASCADE,
  levels BLOB NOT NULL
) STRICT;

CREATE TABLE share_pages (
  id INTEGER PRIMARY KEY,
  share TEXT NOT NULL REFERENCES shares (id),
  revision INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX share_pages_idx ON share_pages (share, revision, idx);

-- Downloads. issued: files before this index may have been asked for; planned: the list of files is whole.
CREATE TABLE transfers (
  id TEXT PRIMARY KEY,
  peer TEXT NOT NULL,
  share TEXT NOT NULL,
  share_name TEXT NOT NULL,
  path TEXT NOT NULL,
  into_folder TEXT NOT NULL,
  target TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'folder')),
  state TEXT NOT NULL,
  error TEXT,
  planned INTEGER NOT NULL DEFAULT 0,
  issued INTEGER NOT NULL DEFAULT 0,
  files_done INTEGER NOT NULL DEFAULT 0,
  files_total INTEGER NOT NULL DEFAULT 0,
  bytes_done INTEGER NOT NULL DEFAULT 0,
  bytes_total INTEGER NOT NULL DEFAULT 0,
  chunks_received INTEGER NOT NULL DEFAULT 0,
  chunks_refetched INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- state: 0 to do, 1 begun (has a part file and groups), 2 done, 3 changed at the source.
CREATE TABLE transfer_files (
  transfer TEXT NOT NULL REFERENCES transfers (id),
  idx INTEGER NOT NULL,
  path TEXT NOT NULL,
  local TEXT NOT NULL,
  kind INTEGER NOT NULL,
  size INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  executable INTEGER NOT NULL,
  file_id BLOB,
  state INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (transfer, idx)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transfer_files_path ON transfer_files (transfer, path);
CREATE INDEX transfer_files_state ON transfer_files (transfer, state, idx) WHERE state <> 2;

-- The proven leaf hashes of a group, and a bit for each chunk that was verified and written.
CREATE TABLE transfer_groups (
  transfer TEXT NOT NULL REFERENCES transfers (id),
  idx INTEGER NOT NULL,
  grp INTEGER NOT NULL,
  leaves BLOB NOT NULL,
  verified BLOB NOT NULL,
  PRIMARY KEY (transfer, idx, grp)
) STRICT;

-- Names given on systems that do not tell upper from lower case.
CREATE TABLE transfer_names (
  transfer TEXT NOT NULL REFERENCES transfers (id),
  parent TEXT NOT NULL,
  name TEXT NOT NULL,
  part TEXT NOT NULL,
  PRIMARY KEY (transfer, parent, name)
) STRICT, WITHOUT ROWID;
`;
