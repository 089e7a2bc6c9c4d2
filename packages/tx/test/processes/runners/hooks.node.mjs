import { after, afterEach, beforeEach, test } from 'node:test';
import { cases } from './hooks.cases.mjs';

cases({ test, beforeEach, afterEach, after });
