import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// A sandboxed preload is one CommonJS file that can require nothing but `electron`.
export default defineConfig({
  root: at('.'),
  publicDir: false,
  build: {
    outDir: at('../dist/preload'),
    emptyOutDir: true,
    target: 'es2023',
    minify: false,
    reportCompressedSize: false,
    lib: {
      entry: { preload: at('preload.ts'), passphrase: at('passphrase.ts') },
      formats: ['cjs'],
      fileName: (_format, name) => `${name}.cjs`,
    },
    rolldownOptions: { external: ['electron'] },
  },
});
