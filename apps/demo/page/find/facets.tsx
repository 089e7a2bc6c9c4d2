// The filters, each value with how many of the found models have it.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { parseCondition } from '../../src/meta-condition.js';
import type { ModelsPage } from '../../src/serve/contract.js';
import { readCollections } from '../data/api.js';
import { areUnheard } from '../data/events.js';
import { dayOf, momentOf } from '../frame/days.js';
import { useResource } from '../frame/resource.js';
import { navigate } from '../frame/router.js';
import * as words from '../frame/words.js';
import { findAddress, toggled, withValue } from './query.js';

type Counts = readonly { readonly value: string; readonly models: number }[];

const shownAtFirst = 8;

/** All filters. Without counts (before the first answer, or where counting costs too much) those that are set. */
export function Facets(props: { readonly facets: ModelsPage['facets']; readonly query: URLSearchParams }): VNode {
  const { facets, query } = props;
  const go = (changed: URLSearchParams): void => navigate(findAddress(changed));
  const set = (name: string, value: string | null): void => go(withValue(query, name, value));
  const year = /^(\d{4})-01-01/.exec(query.get('createdFrom') ?? '')?.[1] ?? null;
  return (
    <div class="facets">
      <fieldset class="row">
        <legend class="visually-hidden">Marked</legend>
        <button
          type="button"
          aria-pressed={query.get('favorite') === 'true'}
          onClick={() => set('favorite', query.get('favorite') === 'true' ? null : 'true')}
        >
          Favorites
        </button>
        <button
          type="button"
          aria-pressed={query.get('printed') === 'true'}
          onClick={() => set('printed', query.get('printed') === 'true' ? null : 'true')}
        >
          Printed
        </button>
        <button
          type="button"
          aria-pressed={query.get('printed') === 'false'}
          onClick={() => set('printed', query.get('printed') === 'false' ? null : 'false')}
        >
          Not yet
        </button>
      </fieldset>
      <Values
        title="Tags"
        counts={facets?.tags ?? []}
        chosen={query.getAll('tagsAll')}
        onToggle={(value) => go(toggled(query, 'tagsAll', value))}
      />
      <Values
        title="Format"
        counts={facets?.formats ?? []}
        chosen={query.getAll('formats')}
        onToggle={(value) => go(toggled(query, 'formats', value))}
      />
      <Values
        title="Year"
        counts={facets?.years ?? []}
        chosen={year === null ? [] : [year]}
        onToggle={(value) => {
          const isOff = value === year;
          const from = withValue(query, 'createdFrom', isOff ? null : `${value}-01-01`);
          go(withValue(from, 'createdTo', isOff ? null : `${Number(value) + 1}-01-01`));
        }}
      />
      <Values
        title="License"
        counts={facets?.licenses ?? []}
        chosen={query.getAll('license')}
        onToggle={(value) => set('license', query.get('license') === value ? null : value)}
      />
      {facets && !facets.exact && (
        <p class="quiet-text small">Counted among the {words.count(facets.models)} newest.</p>
      )}
      <Choices query={query} set={set} />
    </div>
  );
}

function Choices(props: {
  readonly query: URLSearchParams;
  readonly set: (name: string, value: string | null) => void;
}): VNode {
  const { query, set } = props;
  const collections = useResource('collections', readCollections, areUnheard).value.value ?? [];
  return (
    <div class="choices">
      <Choice label="Rating" name="minRating" query={query} set={set}>
        <option value="">Any</option>
        {[1, 2, 3, 4, 5].map((stars) => (
          <option key={stars} value={stars}>
            {stars === 5 ? '5 stars' : `${words.counted(stars, 'star')} or more`}
          </option>
        ))}
      </Choice>
      <Choice label="Status" name="statuses" query={query} set={set}>
        <option value="">Any</option>
        <option value="active">Active</option>
        <option value="archived">Archived</option>
        <option value="missing">Missing</option>
      </Choice>
      <Choice label="Measured" name="parseStatuses" query={query} set={set}>
        <option value="">Any</option>
        <option value="parsed">Measured</option>
        <option value="unparsed">Could not be</option>
        <option value="pending">Not yet</option>
      </Choice>
      <Choice label="Collection" name="collectionsAny" query={query} set={set}>
        <option value="">Any</option>
        {collections.map(({ id, path }) => (
          <option key={id} value={id}>
            {path.join(' / ')}
          </option>
        ))}
      </Choice>
      <Written label="Author" name="author" query={query} set={set} />
      <Metadata query={query} />
      <Fits query={query} set={set} />
      <Range label="Longest side in mm" names={['minSizeMm', 'maxSizeMm']} query={query} set={set} />
      <Range label="Volume in cm³" names={['minVolumeMm3', 'maxVolumeMm3']} per={1_000} query={query} set={set} />
      <Range label="Triangles" isWhole names={['minTriangles', 'maxTriangles']} query={query} set={set} />
      <Range
        label="File size in MB"
        isWhole
        names={['minFileSize', 'maxFileSize']}
        per={1_000_000}
        query={query}
        set={set}
      />
      <Day label="Printed from" name="printedFrom" query={query} set={set} />
    </div>
  );
}

interface Setting {
  readonly label: string;
  readonly query: URLSearchParams;
  readonly set: (name: string, value: string | null) => void;
}

function Choice(props: Setting & { readonly name: string; readonly children: VNode | readonly unknown[] }): VNode {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        value={props.query.get(props.name) ?? ''}
        onChange={(event) => props.set(props.name, event.currentTarget.value)}
      >
        {props.children}
      </select>
    </label>
  );
}

function Written(props: Setting & { readonly name: string }): VNode {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        value={props.query.get(props.name) ?? ''}
        onChange={(event) => props.set(props.name, event.currentTarget.value)}
      />
    </label>
  );
}

function Day(props: Setting & { readonly name: string }): VNode {
  const from = props.query.get(props.name);
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="date"
        value={from === null ? '' : dayOf(from)}
        onChange={(event) => {
          const day = event.currentTarget.value;
          props.set(props.name, day === '' ? null : momentOf(day, '00:00'));
        }}
      />
    </label>
  );
}

/** One more condition on metadata; those that are set are above the list, to be taken away. */
function Metadata({ query }: { readonly query: URLSearchParams }): VNode {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <label class="field">
      <span>Metadata, such as layer&gt;=0.2</span>
      <input
        placeholder="key, key=value, key>=3"
        spellcheck={false}
        autocomplete="off"
        aria-invalid={problem !== null}
        onInput={() => setProblem(null)}
        onChange={(event) => {
          const typed = event.currentTarget.value.trim();
          if (typed === '') return setProblem(null);
          const condition = parseCondition(typed);
          if (typeof condition === 'string') return setProblem(condition);
          event.currentTarget.value = '';
          if (!query.getAll('meta').includes(typed)) navigate(findAddress(toggled(query, 'meta', typed)));
        }}
      />
      {problem !== null && (
        <span class="small bad" role="alert">
          {problem}
        </span>
      )}
    </label>
  );
}

/** The inside of a printer, in mm: it goes into the address when all three sides are there. */
function Fits({ query, set }: Omit<Setting, 'label'>): VNode {
  const value = query.get('fitsMm');
  const sides = value === null ? ['', '', ''] : value.split('x');
  return (
    <fieldset class="field">
      <legend>Fits into, in mm</legend>
      <div class="range three" key={value ?? ''}>
        {(
          [
            ['Width', 'wide'],
            ['Depth', 'deep'],
            ['Height', 'high'],
          ] as const
        ).map(([side, short], index) => (
          <input
            key={side}
            type="number"
            min="0"
            step="any"
            placeholder={short}
            aria-label={`${side} of what it fits into, in mm`}
            defaultValue={sides[index] ?? ''}
            onChange={(event) => {
              const fields = event.currentTarget.parentElement?.querySelectorAll('input') ?? [];
              const typed = [...fields].map((field) => Number(field.value));
              if (typed.every((each) => each > 0)) set('fitsMm', typed.join('x'));
              else if (typed.every((each) => each === 0)) set('fitsMm', null);
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Range(
  props: Setting & {
    readonly names: readonly [string, string];
    readonly per?: number;
    /** Whether it counts something. */
    readonly isWhole?: boolean;
  },
): VNode {
  const { per = 1, isWhole = false, names, query, set, label } = props;
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="range">
        {names.map((name, index) => {
          const value = query.get(name);
          return (
            <input
              key={name}
              type="number"
              min="0"
              step="any"
              placeholder={index === 0 ? 'from' : 'to'}
              aria-label={`${label} ${index === 0 ? 'from' : 'to'}`}
              value={value === null ? '' : Number(value) / per}
              onChange={(event) => {
                const text = event.currentTarget.value;
                set(name, text === '' ? null : String(Number((Number(text) * per).toFixed(isWhole ? 0 : 6))));
              }}
            />
          );
        })}
      </div>
    </fieldset>
  );
}

function Values(props: {
  readonly title: string;
  readonly counts: Counts;
  readonly chosen: readonly string[];
  readonly onToggle: (value: string) => void;
}): VNode | null {
  const [all, setAll] = useState(false);
  const absent = props.chosen.filter((value) => !props.counts.some((each) => each.value === value));
  const values = [...absent.map((value) => ({ value, models: null })), ...props.counts];
  if (values.length === 0) return null;
  return (
    <fieldset>
      <legend>{props.title}</legend>
      <ul class="plain">
        {values.slice(0, all ? values.length : shownAtFirst).map(({ value, models }) => (
          <li key={value}>
            <label class="value">
              <input type="checkbox" checked={props.chosen.includes(value)} onChange={() => props.onToggle(value)} />
              <span>{value}</span>
              {models !== null && <span class="quiet-text small">{words.short(models)}</span>}
            </label>
          </li>
        ))}
      </ul>
      {values.length > shownAtFirst && (
        <button type="button" class="quiet small" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${values.length - shownAtFirst} more`}
        </button>
      )}
    </fieldset>
  );
}
