// Entry point `@cc/cache/testing`: what a tier of yours is held against. Needs no test framework.
export type { CacheTierCase, OpenTier } from './testing/tier-case.js';
export { cacheTierCases } from './testing/tier-cases.js';
