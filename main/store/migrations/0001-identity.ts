/** Contacts and invites. */
export const identity = '';
