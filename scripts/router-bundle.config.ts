import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const output = at('../dist/main/router/operate');

/**
 * Makes a few files of the 300 that `skerry router` would load, in the place of the compiled `run.js`. Reading 300
 * files takes longer than all else a router does before it is ready, and test suites start them by the hundred.
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
      /** Importing names of Node's modules reads all their getters, and some of those load much. */
      renderChunk(code) {
        const taken = code.replaceAll(
          /^import (\{[^}]*\}) from "(node:[^"]+)";$/gm,
          (_line, names: string, module: string) =>
            `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("${module}");`,
        );
        return { code: taken, map: null };
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
      output: { entryFileNames: 'run.js', chunkFileNames: 'run-[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true },
});
