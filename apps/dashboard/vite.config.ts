import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/**
 * What is shipped runs on Preact, whose `compat` has React's interface: 57 KB of gzip less than React itself, for a page that must open at night on a telephone (docs/adr/0017).
 * The sources know React only: `DASHBOARD_RUNTIME=react` builds them with it.
 */
const PREACT = {
  'react-dom/client': 'preact/compat/client',
  'react-dom': 'preact/compat',
  'react/jsx-runtime': 'preact/jsx-runtime',
  react: 'preact/compat',
};

/**
 * One chunk a page would be 16 KB more in all, for small files compress badly: so those that one looks at first are one, those of GitHub another, and the others a third.
 * The style sheet comes with the first: it says in which order the layers of all style sheets stand.
 */
const CHUNKS = [
  { name: 'daily', test: /src\/pages\/(?:regions|events|deliveries|dead-letters|endpoints)\/|src\/styles\// },
  { name: 'github', test: /src\/pages\/dispatches\// },
  { name: 'others', test: /src\/pages\// },
];

/** Beside each asset lies the same one compressed, which the ingress gives to those who can read it. */
const compressed: Plugin = {
  name: 'compressed',
  async writeBundle({ dir = '' }, bundle) {
    for (const part of Object.values(bundle).filter(({ fileName }) => fileName.startsWith('assets/'))) {
      const content = part.type === 'chunk' ? part.code : part.source;
      await writeFile(join(dir, `${part.fileName}.br`), brotliCompressSync(content));
      await writeFile(join(dir, `${part.fileName}.gz`), gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [compressed],
  resolve: { alias: process.env['DASHBOARD_RUNTIME'] === 'react' ? {} : PREACT },
  build: {
    outDir: 'dist/site',
    assetsInlineLimit: 0,
    // Those with `light-dark()`, of spring 2024: else each colour becomes three.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { codeSplitting: { groups: CHUNKS } },
      onwarn: (warning, warn) => {
        // Query marks its modules for server components, which there are none of here.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  // For work on the dashboard itself: `npx vite apps/dashboard` beside a running `npm start`.
  server: {
    // The Host stays that of the page, which sign-in holds against its Origin.
    proxy: Object.fromEntries(
      ['/v1', '/admin', '/session', '/health', '/openapi.json'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080', changeOrigin: false },
      ]),
    ),
  },
});
