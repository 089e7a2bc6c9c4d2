// What macOS, Windows, NAS systems, Blender and version control leave in folders of models. The page asks it too, before it sends a
// folder: nothing here needs a file system.

const clutter =
  /^(?:\._.*|\.DS_Store|\.git|\.hg|\.svn|\.candy|\.candyignore|\.Trash.*|\.Trashes|\.Spotlight-V100|\.fseventsd|\.TemporaryItems|__MACOSX|\$RECYCLE\.BIN|RECYCLER|System Volume Information|Thumbs\.db|desktop\.ini|@eaDir|#recycle|#snapshot|@Recycle|@Recently-Snapshot|lost\+found|.*\.blend\d+|~\$.*)$/i;

/** Whether a name is that of something which systems and programs leave behind. */
export function isClutter(name: string): boolean {
  return clutter.test(name);
}

/** Whether a file that was dropped or chosen, with `/` between folders, is nothing that an import of its folder would take. */
export function isPassedOver(path: string): boolean {
  // What was chosen itself is wanted though it is hidden.
  return path.split('/').some((name, at) => isClutter(name) || (at > 0 && name.startsWith('.')));
}
