import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const output = at('../dist/main/router/operate');

/**
 * Makes one script of the 300 files that `skerry router` would load, beside the compiled `run.js`, for
 * main/cli/built-router.ts. Reading 300 files takes longer than all else a router does before it is ready, and test
 * suites start them by the hundred.
 */
export default defineConfig({
  root: at('..'),
  publicDir: false,
  plugins: [
    {
      name: 'place of each module',
      enforce: 'pre',
      /** What a module finds beside itself (workers, package.json) stays where the module was. */
      transform(code, id) {
        if (!code.includes('import.meta.url')) return null;
        const place = JSON.stringify(relative(output, id).replaceAll(sep, '/'));
        const url = `new URL(${place}, import.meta.url).href`;
        return { code: code.replaceAll('import.meta.url', url), map: null };
      },
      /** In ASCII, which is read fastest, after a mark that tells one bundle from another. */
      generateBundle(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk') continue;
          const ascii = chunk.code.replaceAll(
            /[^\0-\x7f]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
          );
          const mark = createHash('sha256').update(ascii).digest('hex').slice(0, 16);
          chunk.code = `//${mark}\n${ascii}`;
        }
      },
    },
  ],
  build: {
    ssr: true,
    outDir: output,
    emptyOutDir: false,
    target: 'node22',
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: at('../dist/main/router/operate/run.js'),
      output: { entryFileNames: 'run.cjs', format: 'cjs', codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
});
