// A glTF names the files that it is read with. Where one of those was given another name on the server, because a file of another
// model has its own, the glTF would be read with that one: all that belongs together is sent again, into a folder of its own.

/** A file that was sent, and whether the server keeps it under another name. */
export interface SentName {
  readonly name: string;
  readonly isRenamed: boolean;
}

/** As the server gives them to a glTF, and the glTF itself. */
const parts = /\.(?:gltf|bin|glbin|png|jpe?g|webp|ktx2)$/i;

/** The names under which files are to be sent again, by the ones that they have. `mark` makes a folder one that is not there. */
export function partedNames(sent: readonly SentName[], mark: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const documents = sent.filter(({ name }) => /\.gltf$/i.test(name)).sort((a, b) => a.name.length - b.name.length);
  for (const { name: document } of documents) {
    const folder = document.slice(0, document.lastIndexOf('/') + 1);
    const family = sent.filter(({ name }) => parts.test(name) && name.startsWith(folder) && !names.has(name));
    if (!family.some(({ isRenamed }) => isRenamed)) continue;
    const own = folder === '' ? document.replace(/\.gltf$/i, '') : folder.slice(0, -1);
    for (const { name } of family) names.set(name, `${own} ${mark}/${name.slice(folder.length)}`);
  }
  return names;
}
