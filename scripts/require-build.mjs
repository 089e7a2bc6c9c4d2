// Runs in every test file of the vitest project `programs`, before its tests: see `build-programs.mjs`.
import { inject } from 'vitest';

const failure = inject('buildFailure');
if (failure !== null) throw new Error(`The programs under test could not be built.\n${String(failure)}`);
