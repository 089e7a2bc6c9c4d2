// The public interfaces of generating migrations: what generateMigration, createMigration and writeMissingDowns take and give.

/** How migrations are named and laid out: `migrations.prefix` and `breakpoints` of drizzle.config.ts. */
export interface FolderStyle {
  readonly prefix: 'index' | 'timestamp' | 'supabase' | 'unix' | 'none';
  readonly breakpoints: boolean;
}

/** One thing that is gone, and what it may have become. */
export interface RenameQuestion {
  readonly kind: 'table' | 'view' | 'column';
  /** `table`, `view` or `table.column`. */
  readonly gone: string;
  /** New names it may have. */
  readonly candidates: readonly string[];
}

/** Asks a person what became of something that is gone; resolves with one of the candidates, or null when it was dropped. */
export type AskRename = (question: RenameQuestion) => Promise<string | null>;

/** Options of `generateMigration`. */
export interface GenerateOptions {
  /** What follows the number in the file name: letters, digits, `_` and `-`. Default `changes`. */
  readonly name?: string | undefined;
  /** The folder that paths start from, the one drizzle-kit would be run in. Default: that of the process. */
  readonly cwd?: string | undefined;
  /** Path of the configuration. Default: drizzle.config.ts, .js or .json in `cwd`. */
  readonly config?: string | undefined;
  /** Path of the migrations folder. Default: `out` of the configuration. */
  readonly folder?: string | undefined;
  /** What was renamed: `table=new`, `view=new` or `table.column=new`. */
  readonly renames?: readonly string[] | undefined;
  /** What was dropped although something new stands beside it: `table`, `view` or `table.column`. */
  readonly drops?: readonly string[] | undefined;
  /** Asks a person about what the answers leave open. Default null: an open question is an error. */
  readonly ask?: AskRename | null | undefined;
  /** Plans and proves, and writes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** The clock, epoch ms. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A migration that `generateMigration` made. */
export interface GeneratedMigration {
  /** Null when nothing was written: no change, or a dry run. */
  readonly version: string | null;
  /** Absolute paths that were written, the journal last. */
  readonly files: readonly string[];
  /** Absolute path of the migrations folder. */
  readonly folder: string;
  /** Null when there is no change. */
  readonly upSql: string | null;
  readonly downSql: string | null;
  /** Whose statements the up is made of. */
  readonly author: 'drizzle-kit' | 'cc-migrate' | null;
  /** Why drizzle-kit's own statements were not taken. */
  readonly reasons: readonly string[];
  /** What a person has to know: filled values, rows that will not fit, what the proof could not try. */
  readonly notes: readonly string[];
  /** `table` or `table.column` whose contents a direction takes for good. */
  readonly losses: { readonly up: readonly string[]; readonly down: readonly string[] };
  /** `table.column` for which it is not proven that values come back: what a new type does not hold is changed for good. */
  readonly altered: readonly string[];
}

/** Options of `createMigration`. */
export interface CreateOptions {
  /** What follows the number in the file name. */
  readonly name: string;
  /** Default: a comment to be replaced. */
  readonly upSql?: string | undefined;
  /** Default: drafted from the schemas before and behind the up. */
  readonly downSql?: string | undefined;
  /** Says that there is no way back. Default false. */
  readonly irreversible?: boolean | undefined;
  /** How the file name begins, as `migrations.prefix` of drizzle.config.ts. Default `index`. */
  readonly prefix?: FolderStyle['prefix'] | undefined;
  /** What the journal says of it, as `breakpoints` of drizzle.config.ts. Default true. */
  readonly breakpoints?: boolean | undefined;
  /** The clock, epoch ms. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A migration that `createMigration` wrote. */
export interface CreatedMigration {
  readonly version: string;
  /** Absolute paths, the journal last. */
  readonly files: readonly string[];
  /** How the down file came about; null = there is none yet. */
  readonly down: WrittenDown['kind'] | 'manual' | null;
  /** What is still to be done, and what a person has to know. */
  readonly notes: readonly string[];
}

/** Options of `writeMissingDowns`. */
export interface MissingDownsOptions {
  /** Only these. Default: all that need one. */
  readonly versions?: readonly string[] | undefined;
  /** Versions that have no way back, and get a down file that says so. */
  readonly irreversible?: readonly string[] | undefined;
  /** Plans and proves, and writes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Hears of each migration before it is looked at: `done` of `total` are behind it. */
  readonly onProgress?:
    | ((progress: { readonly version: string; readonly done: number; readonly total: number }) => void)
    | undefined;
}

/** A down file that `writeMissingDowns` wrote. */
export interface WrittenDown {
  readonly version: string;
  /** `draft`: a part is still to be written by hand, and the migration is refused until it is. */
  readonly kind: 'generated' | 'draft' | 'irreversible';
  /** Null in a dry run. */
  readonly path: string | null;
  readonly downSql: string;
  readonly notes: readonly string[];
}

/** Options of `settleHistory`. */
export interface SettleOptions {
  /** The migration up to which history is as its snapshot says. Default: the last one that does not run. */
  readonly targetVersion?: string | undefined;
  /** The project whose drizzle-kit writes the snapshot as SQL. Default: the folder of the process. */
  readonly cwd?: string | undefined;
  /** Writes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** Where the replay of a folder starts from now on. */
export interface SettledHistory {
  /** Null when every migration runs, and nothing was written. */
  readonly version: string | null;
  /** Absolute path of the base file; null in a dry run. */
  readonly path: string | null;
  readonly baseSql: string | null;
  /** What a person has to know: what was left out, and which migration behind it does not run. */
  readonly notes: readonly string[];
}
