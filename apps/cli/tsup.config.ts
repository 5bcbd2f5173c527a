import { defineConfig } from 'tsup';
import { libraryBuild } from '../../tsup.base.ts';

// A command, not a library: nobody imports it, so it has no types to publish.
export default defineConfig({ ...libraryBuild({ kai: 'src/kai.ts' }), dts: false });
