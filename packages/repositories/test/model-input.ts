// Valid inputs for tests: each call another file.
import type { ModelInput } from '@cc/schema/validation';

let files = 0;

/** Returns the input of a new file named `name`. */
export function modelInput(name = 'part', fields: Partial<ModelInput> = {}): ModelInput {
  files += 1;
  return {
    name,
    format: 'stl',
    fileName: `file${files}.stl`,
    filePath: `/library/${files}/file.stl`,
    fileHash: files.toString(16).padStart(64, '0'),
    fileSize: 1000 + files,
    ...fields,
  };
}
