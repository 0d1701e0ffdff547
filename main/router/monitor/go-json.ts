/** JSON as Go's encoder writes it: characters that have a meaning in HTML are escapes. */

const ESCAPED = /[<>&\u2028\u2029]/g;

/** In one line. */
export function goJson(value: unknown): string {
  return escapedForHtml(JSON.stringify(value));
}

/** @param json a piece of JSON, which stays JSON */
export function escapedForHtml(json: string): string {
  if (json.search(ESCAPED) < 0) return json;
  return json.replaceAll(
    ESCAPED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
