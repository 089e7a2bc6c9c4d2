// scratch
export interface TierEntry { readonly data: Uint8Array; readonly loadedAt: number; readonly expiresAt: number; readonly tags: readonly string[] }
export interface CacheTier { readonly name: string; readonly bytes: number; readonly entries: number; get(n: string, k: string): TierEntry | undefined | Promise<TierEntry | undefined>; set(n: string, k: string, e: TierEntry): void | Promise<void>; delete(n: string, k: string): void | Promise<void>; clear(n?: string): void | Promise<void>; close(): void | Promise<void> }
type Row = { version: number };
const M: any = process.env['MUT'] ?? '';
export async function openCacheManager({ transactions, tiers }: any): Promise<any> {
  const tier = tiers?.[0];
  const { changes } = transactions;
  let number: number | undefined = changes.look(); let statements = changes.statements; let looked = false;
  const entries = new Map<string, any>(); const flights = new Map<string, any>();
  const dropAll = () => { entries.clear(); if (!M.includes('detach')) flights.clear(); tier?.clear(); };
  const check = (): boolean => {
    if (!(looked && statements === changes.statements)) {
      looked = true; process.nextTick(() => { looked = false; });
      statements = changes.statements;
      const n = changes.look();
      if (n !== number) { if (!(n === undefined)) { number = n; dropAll(); } else return false; }
    }
    return true;
  };
  const fresh = async () => { if (performance.now() - changes.asOf > 1000) { looked=false; return changes.ask(); } return true; };
  const drop = (key: string) => { entries.delete(key); if (!M.includes('detach')) flights.delete(key); tier?.delete('rows', key); };
  const later = (f: () => void) => { const tx = transactions.current(); if (!tx) return f(); tx.afterCommit(f); tx.afterUnknown(f); };
  const bypassed = () => transactions.current() !== undefined;
  const known = () => { const n = changes.look(); statements = changes.statements; if (n !== undefined && n !== number) { number = n; dropAll(); } return n !== undefined };
  const region: any = {
    get(key: string) { if (bypassed() || performance.now() - changes.asOf > 1000 || !check() || changes.look() === undefined) return undefined; return entries.get(key); },
    async getOrLoad(key: string, load: any) {
      if (bypassed()) return load();
      if (!(await fresh())) return load();
      if (!known()) return load();
      if (entries.has(key)) return entries.get(key);
      let f = flights.get(key);
      if (f) return f;
      const run = async () => {
        const start = number;
        if (tier) { const e = await tier.get('rows', key); if (e && flights.get(key) === mine) { known(); if (flights.get(key) === mine) { const v = JSON.parse(Buffer.from(e.data).toString()); entries.set(key, v); flights.delete(key); return v; } } }
        try {
        const v = await load();
        if ((M.includes('fill') || (known() && number === start)) && flights.get(key) === mine) { entries.set(key, v); tier?.set('rows', key, { data: Buffer.from(JSON.stringify(v)), loadedAt: 0, expiresAt: Infinity, tags: [] }); }
        return v;
        } finally { if (flights.get(key) === mine) flights.delete(key); }
      };
      const mine: any = Promise.resolve().then(run);
      flights.set(key, mine);
      return mine;
    },
    invalidate(key: string) { later(() => drop(key)); },
    set(key: string, v: Row) { if (key === 'another') { entries.delete('row'); return; } later(() => { drop(key); if (known()) entries.set(key, v); }); },
  };
  return { region: () => region, close: async () => undefined };
}
