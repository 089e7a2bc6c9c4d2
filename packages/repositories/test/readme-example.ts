// The example of the README, word for word: readme.test.ts runs it and compares the two.
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';

/** The migrations of @cc/schema are applied to the database already (see @cc/migrate). */
export async function example(url: string): Promise<readonly string[]> {
  await using transactions = await openTransactionManager({ url, schema });
  const { models, metadata, search } = createRepositories(transactions);

  const id = await transactions.transaction(async () => {
    const model = await models.create({
      name: 'Hex bolt M3x12',
      format: 'stl',
      fileName: 'hexBolt_v2.stl',
      filePath: '/models/hexBolt_v2.stl',
      fileHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      fileSize: 84_884,
      triangles: 1_696,
    });
    await metadata.updateMetadata(model, { material: 'A2', diameterMm: 3, printed: true });
    await search.tag(model, 'Screws');
    return model;
  });

  const page = await search.searchModels('bolt x12', { formats: ['stl'], tagsAll: ['screws'] });
  const long = await models.search({ text: 'bolt', metadata: [{ key: 'diameterMm', op: '>=', value: 3 }] });
  await models.update(id, { rating: 5 }, { ifVersion: 1 });
  return [...page.hits.map((hit) => hit.model.name), ...long.items.map((model) => model.name)];
}
