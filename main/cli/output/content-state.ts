/** How far a share is: `ready`, `failed`, or `hashing 42%`. */
export function contentStateText(share: {
  readonly state: 'hashing' | 'ready' | 'failed';
  readonly bytes: number;
  readonly hashedBytes: number;
}): string {
  if (share.state !== 'hashing' || share.bytes === 0) return share.state;
  return `hashing ${Math.min(100, Math.floor((share.hashedBytes / share.bytes) * 100))}%`;
}
