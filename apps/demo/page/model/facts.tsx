// What is known about a model: its figures, its file, those beside it, those that are equal, and what happened.
import type { VNode } from 'preact';
import type { ModelDetail } from '../../src/serve/contract.js';
import * as words from '../frame/words.js';

const shortUnits: Readonly<Record<string, string>> = {
  micron: 'µm',
  millimeter: 'mm',
  centimeter: 'cm',
  inch: 'in',
  foot: 'ft',
  meter: 'm',
};

/** The size of a model with its unit; most files name none, and then nobody knows it. */
export function sizeText(model: Pick<ModelDetail, 'size' | 'unit'>): string | null {
  if (model.size === null) return null;
  const unit = model.unit === null ? '' : ` ${shortUnits[model.unit] ?? model.unit}`;
  return `${model.size.map(words.measure).join(' × ')}${unit}`;
}

/** All facts. */
export function Facts({ model }: { readonly model: ModelDetail }): VNode {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Size', sizeText(model)],
    ['Triangles', model.triangles === null ? null : words.count(model.triangles)],
    ['Vertices', model.vertices === null ? null : words.count(model.vertices)],
    ['Volume', model.volume === null ? null : `${words.measure(model.volume)}${volumeUnit(model.unit)}`],
    ['Format', model.format.toUpperCase()],
    ['File', model.filePath],
    ['File size', words.bytes(model.fileSize)],
    ['Written', model.fileModifiedAt === null ? null : words.moment(model.fileModifiedAt)],
    ['Content', `${model.fileHash.slice(0, 12)}…`],
  ];
  return (
    <>
      <section class="panel">
        <div class="row spread">
          <h2>Figures</h2>
          <a class="button" href={model.fileUrl} download={model.fileName}>
            Download
          </a>
        </div>
        {model.parseError !== null && <p class="notice">Not measured: {model.parseError}</p>}
        <dl>
          {facts.map(([name, value]) =>
            value === null ? null : (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ),
          )}
          {model.sourceUrl !== null && /^https?:\/\//.test(model.sourceUrl) && (
            <>
              <dt>Source</dt>
              <dd>
                <a href={model.sourceUrl} target="_blank" rel="noreferrer noopener">
                  {model.sourceUrl}
                </a>
              </dd>
            </>
          )}
        </dl>
      </section>
      {model.equal.length > 0 && (
        <section class="panel">
          <h2>The same file elsewhere</h2>
          <ul class="plain links">
            {model.equal.map(({ id, name, filePath, status }) => (
              <li key={id}>
                <a href={`/models/${id}`}>{words.nameOf(name, filePath)}</a>{' '}
                <span class="quiet-text small">
                  {filePath}
                  {status === 'active' ? '' : ` (${status})`}
                </span>
              </li>
            ))}
          </ul>
          {model.equalCount > model.equal.length && (
            <p class="quiet-text small">
              And {words.count(model.equalCount - model.equal.length)} more files with the same content.
            </p>
          )}
          <a class="small" href="/tasks/duplicates">
            All equal files
          </a>
        </section>
      )}
      {model.beside.length > 0 && (
        <details class="panel">
          <summary>
            <h2>{words.counted(model.beside.length, 'file')} beside it</h2>
          </summary>
          <ul class="plain links">
            {model.beside.map(({ id, name, fileName, format }) => (
              <li key={id}>
                <a href={`/models/${id}`}>{words.nameOf(name, fileName)}</a>{' '}
                <span class="quiet-text small">
                  {fileName} · {format.toUpperCase()}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <details class="panel">
        <summary>
          <h2>History</h2>
        </summary>
        <dl>
          {model.history.map(({ at, what }) => (
            <>
              <dt title={words.moment(at)}>{words.ago(at)}</dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
      </details>
    </>
  );
}

function volumeUnit(unit: string | null): string {
  return unit === null ? '' : ` ${shortUnits[unit] ?? unit}³`;
}
