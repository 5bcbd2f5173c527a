// @ts-check
// `npm start [-- ARGS]`: sets the clone up, then `kai run examples/circle-packing ARGS` with the viewer.
import { fileURLToPath } from 'node:url';
import { setUp } from './set-up.js';

setUp();
// How the next commands that kai prints are typed in a clone: npm is there for certain, pnpm is not.
process.env.KAI_COMMAND = process.env.KAI_COMMAND || 'npm run kai --';
const kai = new URL('../apps/cli/bin/kai.js', import.meta.url);
process.argv = [
  process.execPath,
  fileURLToPath(kai),
  'run',
  'examples/circle-packing',
  '--viewer',
  ...process.argv.slice(2),
];
await import(kai.href);
