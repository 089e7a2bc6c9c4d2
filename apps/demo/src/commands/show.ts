// candy show <id>, candy tag <id> <tag…> and candy printed <id>.
import { parseModelId } from '@cc/schema/validation';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { bytes, columns } from '../terminal.js';

/** There is no model with the id that was asked for. */
class NoSuchModel extends Error {
  override readonly name = 'NoSuchModel';

  constructor(id: string) {
    super(`No model has the id ${id}. The command \`list\` shows the ids.`);
  }
}

/** Shows everything about one model. */
export async function showCommand(library: Library, id: string, output: Output): Promise<number> {
  const { models, metadata, tags } = library.repositories;
  const modelId = parseModelId(id);
  const found = await library.transactions.read(async () => {
    const model = await models.read(modelId);
    return model && { ...model, tags: await tags.getTags(modelId), metadata: await metadata.getMetadata(modelId) };
  });
  if (!found) throw new NoSuchModel(id);
  output.answer(found, () => {
    const { tags, metadata: values, ...model } = found;
    const facts = Object.entries({ ...model, tags: tags.join(', ') || null, fileSize: bytes(model.fileSize) });
    const rows = [...facts, ...Object.entries(values)].filter(([, value]) => value !== null);
    return columns(rows.map(([name, value]) => [name, textOf(value)]));
  });
  return 0;
}

/** Puts tags on a model, or takes them off. */
export async function tagCommand(
  library: Library,
  id: string,
  names: readonly string[],
  remove: boolean,
  output: Output,
): Promise<number> {
  const { models, tags } = library.repositories;
  const modelId = parseModelId(id);
  const present = await library.transactions.transaction(async () => {
    if (!(await models.exists(modelId))) throw new NoSuchModel(id);
    for (const name of names) await (remove ? tags.untag(modelId, name) : tags.tag(modelId, name));
    return tags.getTags(modelId);
  });
  output.answer({ id, tags: present }, () => [`Tags: ${present.length === 0 ? 'none' : present.join(', ')}`]);
  return 0;
}

/** Notes that a model was printed now. */
export async function printedCommand(library: Library, id: string, output: Output): Promise<number> {
  const printedAt = new Date();
  if (!(await library.repositories.models.update(parseModelId(id), { printedAt }))) throw new NoSuchModel(id);
  output.answer({ id, printedAt }, () => [`Printed: ${printedAt.toISOString()}`]);
  return 0;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
