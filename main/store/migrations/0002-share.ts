/** Shares, their entries, and downloads. */
export const share = '';
