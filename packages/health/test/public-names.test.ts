import { expect, test } from 'vitest';
import * as health from '../src/index.js';

test('the package exports exactly these names', () => {
  expect(Object.keys(health).sort()).toEqual([
    'captureParameters',
    'captureParametersDefaults',
    'compareDigests',
    'createHealthMonitor',
    'digestContent',
    'formatHealthReport',
    'healthLimits',
    'healthMonitorDefaults',
    'healthReportPage',
    'honoHealthHandler',
    'loadTest',
    'loadTestDefaults',
    'nodeHealthHandler',
    'pinoLogger',
  ]);
});
