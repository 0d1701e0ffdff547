/**
 * The page that asks for the passphrase. It has no script: its preload reads the form, so that nothing a page can
 * run ever sees a passphrase. What changes (first time, or a problem) stands in the address as one of a few words.
 */

/** `open`: the passphrase that was set; `wrong`: the last one was not it; `new`: set one; `differ`, `short`: why not. */
export type PassphraseQuestion = 'open' | 'wrong' | 'new' | 'differ' | 'short';

/** Shorter ones fall to a search over the scrypt cost of the key file in days. */
export const MIN_PASSPHRASE_LENGTH = 10;
export const MAX_PASSPHRASE_LENGTH = 1024;

const TEXTS: Readonly<Record<PassphraseQuestion, string>> = {
  open: 'Enter the passphrase that protects your identity on this computer.',
  wrong: 'That was not the passphrase. Mind the keyboard layout and try again.',
  new: `Choose a passphrase of at least ${MIN_PASSPHRASE_LENGTH} characters. Skerry asks for it at each start. Nobody can recover it.`,
  differ: 'The two entries differ. Type the passphrase twice.',
  short: `That is too short: a passphrase has at least ${MIN_PASSPHRASE_LENGTH} characters.`,
};

/** Whether `question` is about a passphrase that is yet to be set. */
export function isNewPassphrase(question: PassphraseQuestion): boolean {
  return question === 'new' || question === 'differ' || question === 'short';
}

/** The file of the window at `url`, or undefined when it has no such file. */
export function passphraseFile(url: URL): string | undefined {
  if (url.pathname === '/style.css') return STYLE;
  if (url.pathname !== '/index.html') return undefined;
  const asked = url.searchParams.get('ask') ?? 'open';
  return page(asked in TEXTS ? (asked as PassphraseQuestion) : 'open');
}

function page(question: PassphraseQuestion): string {
  const isNew = isNewPassphrase(question);
  const field = (name: string, label: string, focus: string): string =>
    `<label>${label}<input type="password" name="${name}" required maxlength="${MAX_PASSPHRASE_LENGTH}" autocomplete="off"${focus}></label>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Skerry: passphrase</title><link rel="stylesheet" href="style.css"></head>
<body><form>
<p role="status">${TEXTS[question]}</p>
${field('passphrase', 'Passphrase', ' autofocus')}
${isNew ? field('again', 'Once more', '') : ''}
<button>${isNew ? 'Set passphrase' : 'Unlock'}</button>
</form></body>
</html>
`;
}

const STYLE = `:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0; padding: 24px; }
form { display: grid; gap: 14px; }
p { margin: 0; min-height: 4.4em; }
label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 8px 10px; }
button { justify-self: end; }
`;
