// Runs before anything newer is parsed, so it keeps to syntax that old Node versions know.
const found = process.versions.node;
if (Number(found.split('.')[0]) < 24) {
  console.error(
    `Waybill needs Node 24 or newer, and this is Node ${found}.\n` +
      'On Linux (x64, arm64), macOS (x64) and Windows (x64) `npm ci` brings its own; run the npm scripts, not the files.\n' +
      'Elsewhere, or when `npm ci` left out optional packages, install Node 24: https://nodejs.org/en/download',
  );
  process.exit(1);
}
