// The suites, one for each interface, and all of them together.
import { collectionCases } from './collection-cases.js';
import { type ContractRunner, type OpenForContract, runCases } from './contract.js';
import { metadataCases } from './metadata-cases.js';
import { modelCases } from './model-cases.js';
import { pageCases } from './page-cases.js';
import { searchCases } from './search-cases.js';
import { tagCases } from './tag-cases.js';

/** Tests what `ModelRepository` promises. */
export function testModelRepository(runner: ContractRunner, open: OpenForContract): void {
  runCases(runner, 'ModelRepository', [...modelCases, ...pageCases], open);
}

/** Tests what `MetadataRepository` promises. */
export function testMetadataRepository(runner: ContractRunner, open: OpenForContract): void {
  runCases(runner, 'MetadataRepository', metadataCases, open);
}

/** Tests what `TagRepository` promises. */
export function testTagRepository(runner: ContractRunner, open: OpenForContract): void {
  runCases(runner, 'TagRepository', tagCases, open);
}

/** Tests what `CollectionRepository` promises. */
export function testCollectionRepository(runner: ContractRunner, open: OpenForContract): void {
  runCases(runner, 'CollectionRepository', collectionCases, open);
}

/** Tests what `SearchRepository` promises. */
export function testSearchRepository(runner: ContractRunner, open: OpenForContract): void {
  runCases(runner, 'SearchRepository', searchCases, open);
}

/** Tests every interface. */
export function testRepositories(runner: ContractRunner, open: OpenForContract): void {
  testModelRepository(runner, open);
  testMetadataRepository(runner, open);
  testTagRepository(runner, open);
  testCollectionRepository(runner, open);
  testSearchRepository(runner, open);
}
