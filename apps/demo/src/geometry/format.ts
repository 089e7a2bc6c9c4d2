// Tells which 3D format a file holds, from its first bytes and its name.
// The import asks before it reads a file; `measure-file.ts` asks again inside the reader process.
import type { ModelFormat as StoredFormat } from '@cc/schema';

/** A format that a file can be told to have: what is stored for any other is no format. */
export type ModelFormat = Exclude<StoredFormat, 'other'>;

/** All of them, in the order that people meet them; a list of its own, so that the reader process need not load the tables. */
export const modelFormats = Object.freeze([
  'stl',
  'obj',
  'ply',
  '3mf',
  'glb',
  'gltf',
  'step',
  'off',
  'amf',
  'iges',
  'fbx',
  'dae',
  '3ds',
  'blend',
  'wrl',
  'x3d',
  'scad',
  'gcode',
  'f3d',
  'lys',
] as const satisfies readonly ModelFormat[]);

/** How many bytes of a file's start {@link formatOf} can make use of. */
export const formatHeadBytes = 4096;

/**
 * Names the format of a model file, or null when it is not a model file at all.
 *
 * Bytes that cannot be mistaken decide first; then the extension, in any letter case. A binary STL has no magic
 * bytes, so outside a `.stl` name it is recognised only when `fileSize` (bytes) is exactly what its count calls for.
 */
export function formatOf(fileName: string, head: Uint8Array, fileSize?: number): ModelFormat | null {
  // Named as a kind of its own that shares its first bytes with a model.
  if (/\.(?:ifc|ifczip|stpnc|blend\d+)$/i.test(fileName)) return null;
  return formatOfBytes(head, fileSize) ?? formatOfName(fileName);
}

const extensions: Readonly<Record<string, ModelFormat>> = Object.freeze({
  ...Object.fromEntries(modelFormats.map((format) => [format, format])),
  stp: 'step',
  igs: 'iges',
  vrml: 'wrl',
  gco: 'gcode',
  bgcode: 'gcode',
  lyt: 'lys',
});

// No pattern here may match one text in two ways: the bytes are a stranger's, and a search through all ways never ends.
const textSignatures: readonly (readonly [RegExp, ModelFormat])[] = [
  [/^ply[\n\r](?:[^\n\r]*[\n\r])*?format /, 'ply'],
  [/^\s*solid\b[^\n\r]*[\n\r]\s*(?:facet\s+normal|endsolid)\b/i, 'stl'],
  [
    /^(?:[ \t]*(?:#[^\n\r]*)?[\n\r])*(?:ST|C|N|4|n)*OFF(?:[ \t]*(?:#[^\n\r]*)?[\n\r])*[ \t]*\d+[ \t]+\d+[ \t]+\d+\s/,
    'off',
  ],
  // The same exchange format carries buildings (IFC) and other things that are no 3D models of this kind.
  [/^ISO-10303-21;(?![\s\S]*FILE_SCHEMA\s*\(\s*\(\s*'(?:IFC|STEP_?NC|ISO_?13584))/i, 'step'],
  [/^(?:<\?xml[^>]*>)?\s*(?:<!--(?:(?!-->).)*-->\s*)*<amf[\s>]/s, 'amf'],
  [/^Kaydara FBX Binary/, 'fbx'],
  [/^BLENDER/, 'blend'],
  [/^#VRML V/, 'wrl'],
  [/^glTF/, 'glb'],
];

function formatOfBytes(head: Uint8Array, fileSize: number | undefined): ModelFormat | null {
  if (fileSize !== undefined && fileSize > 84 && fileSize === binaryStlBytes(head)) return 'stl';
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, formatHeadBytes))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '');
  if (text.startsWith('PK\u0003\u0004') && text.includes('3D/3dmodel.model')) return '3mf';
  return textSignatures.find(([signature]) => signature.test(text))?.[1] ?? null;
}

function formatOfName(fileName: string): ModelFormat | null {
  const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const format = Object.hasOwn(extensions, extension) ? extensions[extension] : undefined;
  return format ?? null;
}

function binaryStlBytes(head: Uint8Array): number {
  if (head.byteLength < 84) return 0;
  return 84 + 50 * new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(80, true);
}
