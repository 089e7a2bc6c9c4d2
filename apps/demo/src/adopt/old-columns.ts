// What the columns of the old tables mean. Both forms of the previous program are known: the one of its design (text ids, a
// metadata row for each key) and the one it shipped (numbers as ids, `filename`, a metadata row for each model).

/** What a column of `models` can be; each becomes a field of a model, or its tags. */
export type ModelRole = keyof typeof modelRoles;

/** The names of each, best first. */
const modelRoles = {
  id: ['id', 'model_id', 'uuid'],
  name: ['name', 'title'],
  description: ['description'],
  format: ['format', 'file_format', 'file_type'],
  fileName: ['file_name', 'filename'],
  filePath: ['file_path', 'filepath', 'path'],
  fileHash: ['file_hash', 'filehash', 'hash', 'sha256', 'checksum'],
  fileSize: ['file_size', 'filesize', 'size', 'size_bytes'],
  fileModifiedAt: ['file_modified_at', 'file_mtime', 'mtime'],
  author: ['author', 'creator', 'designer'],
  license: ['license', 'licence'],
  sourceUrl: ['source_url', 'url'],
  triangles: ['triangles', 'triangle_count'],
  vertices: ['vertices', 'vertex_count'],
  minX: ['min_x'],
  minY: ['min_y'],
  minZ: ['min_z'],
  maxX: ['max_x'],
  maxY: ['max_y'],
  maxZ: ['max_z'],
  volume: ['volume'],
  rating: ['rating'],
  favorite: ['favorite', 'is_favorite', 'favourite'],
  printedAt: ['printed_at', 'last_printed_at', 'last_printed'],
  status: ['status'],
  tags: ['tags', 'keywords'],
  createdAt: ['created_at', 'date_added', 'added_at', 'created'],
} as const;

const valueRoles = {
  modelId: ['model_id'],
  key: ['metadata_key', 'key'],
  value: ['metadata_value', 'value'],
  type: ['metadata_type', 'value_type', 'type', 'data_type'],
} as const;

/** What a column of `model_metadata` with a row for each key can be. */
export type ValueRole = keyof typeof valueRoles;

/** The column of each meaning that a table has; `rest` are those without one. */
export interface Columns<Role extends string> {
  readonly of: ReadonlyMap<Role, string>;
  readonly rest: readonly string[];
}

/** Finds the meanings of the columns of `models`. */
export const modelColumns = (names: readonly string[]): Columns<ModelRole> => assign(modelRoles, names);

/** Finds the meanings of the columns of `model_metadata`. */
export const valueColumns = (names: readonly string[]): Columns<ValueRole> => assign(valueRoles, names);

function assign<Role extends string>(
  roles: Readonly<Record<Role, readonly string[]>>,
  names: readonly string[],
): Columns<Role> {
  const byName = new Map(names.toReversed().map((name) => [snakeCase(name), name]));
  const of = new Map<Role, string>();
  for (const role of Object.keys(roles) as Role[]) {
    const found = roles[role].find((name) => byName.has(name));
    if (found !== undefined) of.set(role, byName.get(found) ?? found);
  }
  const taken = new Set(of.values());
  return { of, rest: names.filter((name) => !taken.has(name)) };
}

/** The name of a column as the lists above write it: `filePath` and `File_Path` as `file_path`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
