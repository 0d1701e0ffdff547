/** A beacon in the strings of a DNS TXT record (RFC 6763, section 6): `b0=…`, `b1=…`, base64url. */

/** A string of a TXT record has 255 bytes at most, its key and `=` among them. */
const PART = 240;
const MAX_PARTS = 8;

export function beaconToTxt(beacon: Uint8Array): Record<string, string> {
  const text = Buffer.from(beacon).toString('base64url');
  const parts: Record<string, string> = { v: '1' };
  for (let at = 0; at < text.length; at += PART) {
    parts[`b${at / PART}`] = text.slice(at, at + PART);
  }
  return parts;
}

/** Undefined for a record that holds no beacon. @param txt the record's strings, from anybody */
export function beaconFromTxt(txt: unknown): Uint8Array | undefined {
  if (!Array.isArray(txt) || txt.length > MAX_PARTS + 1) return undefined;
  const parts = new Map<string, string>();
  for (const item of txt as unknown[]) {
    if (!(item instanceof Uint8Array)) return undefined;
    const [key = '', value = ''] = Buffer.from(item).toString('latin1').split('=', 2);
    parts.set(key, value);
  }
  let text = '';
  for (let at = 0; at < MAX_PARTS; at += 1) text += parts.get(`b${at}`) ?? '';
  return text === '' ? undefined : new Uint8Array(Buffer.from(text, 'base64url'));
}
