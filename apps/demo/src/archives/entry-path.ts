// The paths of files in archives: that of the archive, `!/`, and the name in it, as in `parts/robot.zip!/arm/gear.stl`.

/** A file in an archive. */
export interface EntryPlace {
  /** The path of the archive. */
  readonly archive: string;
  /** The name in it, its folders parted by `/`. */
  readonly name: string;
}

/** Whether a file is looked into as an archive, by its name. */
export function isArchive(path: string): boolean {
  return /\.(?:zip|7z|rar)$/i.test(path) || isFirstOfSeveral(path);
}

/** Whether a file is the first of those that an archive was cut into, by its name; the others are no files by themselves. */
export function isFirstOfSeveral(path: string): boolean {
  return /\.(?:zip|7z|rar)\.0*1$/i.test(path);
}

/** Whether a path is that of a file in an archive whose files are packed many as one, by its name. */
export function isPackedInBlock(path: string): boolean {
  return /\.(?:7z|rar)!\/./i.test(path);
}

/** The path of a file in an archive. */
export function entryPath({ archive, name }: EntryPlace): string {
  return `${archive}!/${name}`;
}

/** What a path names in an archive; null when it is no such path. */
export function entryPlace(path: string): EntryPlace | null {
  const [, archive, name] = /^(.*?\.(?:zip|7z|rar))!\/(.+)$/is.exec(path) ?? [];
  return archive === undefined || name === undefined ? null : { archive, name };
}
