// The setup file of the vitest project `sharing`, run before each test file: files that run in one process load targets.ts
// once, and what that has started for one of them ends with it all the same.
import { afterAll } from 'vitest';
import { closeSharedServer } from './targets.js';

afterAll(closeSharedServer);
