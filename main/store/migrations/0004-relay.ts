/** 1: this peer carries between that contact and others, and lets itself be reached through it. */
export const relay = `
ALTER TABLE contacts ADD COLUMN relay INTEGER NOT NULL DEFAULT 0 CHECK (relay IN (0, 1));
`;
