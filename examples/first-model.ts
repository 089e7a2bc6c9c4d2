import { createHealthMonitor, formatHealthReport } from '@cc/health';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';

await using transactions = await openTransactionManager({ url: 'file:library.db', schema });
await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
const { models, metadata, search } = createRepositories(transactions);
const health = createHealthMonitor(transactions);
await health.startMonitoring();

const file = {
  fileName: 'hexBolt_M3x12.stl',
  filePath: '/models/hexBolt_M3x12.stl',
  fileHash: 'c0ffee',
  fileSize: 7284,
};
const id = await transactions.transaction(async () => {
  const id = await models.create({ name: 'Hex bolt M3x12', format: 'stl', ...file }); // joins the transaction by itself
  await metadata.setMetadataValue(id, 'print.material', 'PETG');
  await search.tag(id, 'fastener');
  return id; // all of it is committed here, or none of it
});

const { hits } = await search.searchModels('bol', { formats: ['stl'], tagsAll: ['Fastener'] });
console.log(hits[0]?.model.id === id, hits[0]?.model.name);
console.log(formatHealthReport(await health.generateHealthReport()));
