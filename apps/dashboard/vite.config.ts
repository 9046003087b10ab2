import { defineConfig } from 'vite';

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
 * One chunk a page would be 16 KB more in all, for small files compress badly: so those that one looks at first are one, and the others another. The style sheet comes with
 * the first: it says in which order the layers of all style sheets stand.
 */
const CHUNKS = [
  { name: 'daily', test: /src\/pages\/(?:regions|events|deliveries|dead-letters|endpoints)\/|src\/styles\// },
  { name: 'others', test: /src\/pages\// },
];

export default defineConfig({
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
    proxy: Object.fromEntries(['/v1', '/admin', '/session', '/health', '/openapi.json'].map((path) => [path, 'http://127.0.0.1:8080'])),
  },
});
