import { afterAll, afterEach, beforeEach, test } from 'vitest';
import { cases } from './hooks.cases.mjs';

cases({ test, beforeEach, afterEach, after: afterAll });
