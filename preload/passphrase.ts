/** Reads the form of the window that asks for the passphrase; its page has no script and gets no bridge. */
import { ipcRenderer } from 'electron';

interface Form {
  readonly elements: { namedItem(name: string): { readonly value: string } | null };
}

// The page's own objects, as far as they are needed here.
declare const document: {
  addEventListener(
    event: 'submit',
    listener: (event: { readonly target: Form; preventDefault(): void }) => void,
  ): void;
};

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const { elements } = event.target;
  const again = elements.namedItem('again')?.value;
  const passphrase = elements.namedItem('passphrase')?.value ?? '';
  void ipcRenderer.invoke('skerry:passphrase', {
    passphrase,
    ...(again !== undefined && { again }),
  });
});
