// The public names of @cc/repositories/testing: suites of what the interfaces promise, for any implementation and runner.
export type { ContractCase, ContractRunner, Opened, OpenForContract } from './testing/contract.js';
export {
  testCollectionRepository,
  testMetadataRepository,
  testModelRepository,
  testRepositories,
  testSearchRepository,
  testTagRepository,
} from './testing/suites.js';
