// Types for the packages of the sample library that bring none.

declare module 'bunny' {
  export const positions: readonly (readonly [number, number, number])[];
  export const cells: readonly (readonly [number, number, number])[];
}

declare module 'teapot' {
  export const positions: readonly (readonly [number, number, number])[];
  export const cells: readonly (readonly [number, number, number])[];
}

declare module '@jscad/stl-serializer' {
  import type { Geom3 } from '@jscad/modeling/src/geometries/types.js';
  export function serialize(options: { binary: false }, ...solids: Geom3[]): string[];
  export function serialize(options: { binary: true }, ...solids: Geom3[]): ArrayBuffer[];
}

declare module '@jscad/obj-serializer' {
  import type { Geom3 } from '@jscad/modeling/src/geometries/types.js';
  export function serialize(options: { triangulate: boolean }, ...solids: Geom3[]): string[];
}

declare module '@jscad/3mf-serializer' {
  import type { Geom3 } from '@jscad/modeling/src/geometries/types.js';
  export function serialize(options: { metadata: false; compress: false }, ...solids: Geom3[]): string[];
}
