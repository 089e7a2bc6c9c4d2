// A history file with texts that are no UTF-8: the driver ends the process when it reads one, so none may reach it as a text.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { onlyWhenAsked, openDatabase } from './database.js';

const broken = "cast(x'7bff41' as text)";

test.each([
  ['names of figures', `update series set name = ${broken} || id`],
  ['labels of figures', `update series set labels = ${broken} || id`],
  ['values of figures', `update samples set value = ${broken}`],
  ['alerts', `update alerts set alert = ${broken}`],
  ['ids of monitors', `update runs set id = ${broken}`],
])('a history with undecodable %s neither ends the process nor stops the monitor', async (_, harm) => {
  const path = join(await temporaryFolder(), 'history.db');
  const { manager } = await openDatabase();
  const open = async () => {
    const monitor = createHealthMonitor(manager, {
      ...onlyWhenAsked,
      history: { path },
      rules: [{ id: 'sick', check: () => ({ severity: 'CRITICAL', reason: 'It is sick' }) }],
    });
    onTestFinished(() => monitor.stopMonitoring());
    await monitor.startMonitoring();
    return monitor;
  };
  const first = await open();
  await first.getHealthMetrics();
  await first.stopMonitoring();
  const file = await openTransactionManager({ url: pathToFileURL(path).href });
  await file.db.run(harm);
  await file.close();
  const monitor = await open();
  await monitor.getHealthMetrics();
  expect(await monitor.getHealthMetrics({ since: new Date(0) })).toBeInstanceOf(Array);
  expect(await monitor.getAlertHistory()).toBeInstanceOf(Array);
  expect(monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
});
