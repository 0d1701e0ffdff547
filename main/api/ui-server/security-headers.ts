import type { ServerResponse } from 'node:http';

/**
 * The Content-Security-Policy of the UI, in a browser and in the desktop app: nothing but its own files may run,
 * show or be reached, and nobody may frame it.
 *
 * @param sockets sources of a WebSocket besides 'self'
 */
export function contentSecurityPolicy(...sockets: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    ["connect-src 'self'", ...sockets].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // Svelte makes its templates through a policy of this name; no other may turn text into markup.
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html',
  ].join('; ');
}

/**
 * What every answer of the UI server carries: the policy, and that nobody may read it from elsewhere or learn its
 * address.
 *
 * @param port the server's own, for the WebSocket (not every browser counts it to 'self')
 */
export function setSecurityHeaders(response: ServerResponse, port: number): void {
  const policy = contentSecurityPolicy(`ws://127.0.0.1:${port}`, `ws://localhost:${port}`);
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader(
    'Permissions-Policy',
    'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), midi=(), payment=()',
  );
}
