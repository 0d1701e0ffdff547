/** The page at the root: what there is to read. */

const pages: readonly (readonly [path: string, name: string, about: string])[] = [
  ['varz', 'Server', 'Versions, limits, traffic and memory.'],
  ['connz', 'Connections', 'Clients that are connected, or were lately.'],
  ['accountz', 'Accounts', 'Accounts with their exports, imports and mappings.'],
  ['accstatz', 'Account traffic', 'Connections and messages of each account.'],
  ['subsz', 'Subscriptions', 'The subject index, and what is subscribed.'],
  ['leafz', 'Leaf nodes', 'Leaf nodes that dialled in or were dialled.'],
  ['routez', 'Routes', 'None: this router forms no clusters.'],
  ['gatewayz', 'Gateways', 'None: this router forms no superclusters.'],
  ['jsz', 'JetStream', 'Not enabled in this router.'],
  ['healthz', 'Health', 'Whether clients can connect.'],
];

/** @param base path of the pages, `/` or `/monitoring` */
export function indexPage(serverName: string, version: string, base: string): string {
  const folder = base.endsWith('/') ? base : `${base}/`;
  const rows = pages
    .map(
      ([path, name, about]) =>
        `<dt><a href="${asText(folder)}${path}">${name}</a></dt>\n<dd>${about}</dd>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>NATS monitoring: ${asText(serverName)}</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
dt { font-weight: 600; margin-top: .75rem; }
dd { margin: 0; }
</style>
</head>
<body>
<main>
<h1>${asText(serverName)}</h1>
<p>Skerry router, compatible to nats-server ${asText(version)}. Every page is JSON.</p>
<dl>
${rows}
</dl>
</main>
</body>
</html>
`;
}

function asText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
