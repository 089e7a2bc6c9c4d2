// A model's file as an object of three.js: fetched in pieces, so that it shows how far it is and can be stopped, then read
// by three's own loader for its format, which comes when it is first needed.
import {
  Box3,
  DoubleSide,
  type Group,
  LoadingManager,
  Mesh,
  MeshStandardMaterial,
  type Object3D,
  Points,
  PointsMaterial,
} from 'three';
import type { ModelDetail } from '../../src/serve/contract.js';
import { problemFrom } from '../data/problem.js';

/** Reads a file. @throws what the loader says, or that there is nothing to see */
export async function shapeOf(model: Pick<ModelDetail, 'id' | 'format'>, bytes: ArrayBuffer): Promise<Object3D> {
  const shape = await parse(model, bytes);
  // A loader that understands nothing of a file says so on the console at most, and leaves an empty stage.
  const { min, max } = new Box3().setFromObject(shape);
  const sides = [max.x - min.x, max.y - min.y, max.z - min.z];
  if (!sides.every((side) => Number.isFinite(side) && side >= 0)) throw new Error('nothing in it can be drawn.');
  return shape;
}

async function parse(model: Pick<ModelDetail, 'id' | 'format'>, bytes: ArrayBuffer): Promise<Object3D> {
  switch (model.format) {
    case 'stl': {
      const { STLLoader } = await import('three/examples/jsm/loaders/STLLoader.js');
      // Many programs write normals that are none; the corners say better where a face looks.
      return solid(new STLLoader().parse(bytes).deleteAttribute('normal'));
    }
    case 'ply': {
      const { PLYLoader } = await import('three/examples/jsm/loaders/PLYLoader.js');
      const geometry = new PLYLoader().parse(withPlainHeader(bytes));
      const hasColors = geometry.hasAttribute('color');
      // A scan has points without faces.
      if (geometry.index === null)
        return new Points(geometry, new PointsMaterial({ size: 2, sizeAttenuation: false, vertexColors: hasColors }));
      return solid(geometry, hasColors);
    }
    case 'obj': {
      const { OBJLoader } = await import('three/examples/jsm/loaders/OBJLoader.js');
      return plain(new OBJLoader().parse(textOf(bytes)));
    }
    case '3mf': {
      const { ThreeMFLoader } = await import('three/examples/jsm/loaders/3MFLoader.js');
      return new ThreeMFLoader().parse(bytes);
    }
    default:
      return readGltf(model.id, bytes);
  }
}

/** The text of a file, of which the first two bytes may say that it is in UTF-16. */
function textOf(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  const order =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(order).decode(bytes);
}

/** Some programs end the last line of a header in another way than the others: the loader would begin a byte too early. */
function withPlainHeader(bytes: ArrayBuffer): ArrayBuffer {
  const head = new TextDecoder('latin1').decode(bytes.slice(0, 65_536));
  const end = head.indexOf('end_header\r\n');
  if (!head.startsWith('ply\n') || end === -1) return bytes;
  const given = new Uint8Array(bytes);
  const plain = new Uint8Array(given.length - 1);
  plain.set(given.subarray(0, end + 10));
  plain.set(given.subarray(end + 11), end + 10);
  return plain.buffer;
}

/** What a glTF file names lies beside it: the server hands out just those files. */
async function readGltf(id: string, bytes: ArrayBuffer): Promise<Object3D> {
  const { GLTFLoader } = await import('three/examples/jsm/loaders/GLTFLoader.js');
  const manager = new LoadingManager();
  const blobs: string[] = [];
  manager.setURLModifier((url) => {
    if (url.startsWith('blob:')) return url;
    if (!url.startsWith('data:')) return `/api/models/${id}/resource?${new URLSearchParams({ name: url })}`;
    // The content policy lets the page fetch what it has made itself, and no data: addresses.
    const made = URL.createObjectURL(blobOf(url));
    blobs.push(made);
    return made;
  });
  try {
    const { scene } = await new GLTFLoader(manager).parseAsync(bytes, '');
    return scene;
  } finally {
    for (const blob of blobs) URL.revokeObjectURL(blob);
  }
}

/** The content of a data: address. */
function blobOf(url: string): Blob {
  const [head = '', body = ''] = url.split(/,(.*)/s);
  const text = head.endsWith(';base64') ? atob(body) : decodeURIComponent(body);
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))]);
}

function solid(geometry: Mesh['geometry'], vertexColors = false): Mesh {
  if (!geometry.hasAttribute('normal')) geometry.computeVertexNormals();
  return new Mesh(
    geometry,
    new MeshStandardMaterial({ vertexColors, ...(vertexColors ? {} : { color: clay }), ...dull }),
  );
}

/** An OBJ names materials of files that are not read: all of it is shown in one. */
function plain(group: Group): Group {
  const material = new MeshStandardMaterial({ color: clay, ...dull });
  group.traverse((part) => {
    if (part instanceof Mesh) part.material = material;
  });
  return group;
}

const clay = 0xd9a58c;
/** Both sides: a mesh that is open, or inside out, is one to be seen as well. */
const dull = { roughness: 0.75, metalness: 0.05, side: DoubleSide } as const;

/** Fetches a file. `told` is called with the bytes that are here. @throws AnswerProblem, TypeError without a server */
export async function fetchBytes(
  url: string,
  signal: AbortSignal,
  told: (loadedBytes: number) => void,
): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  let loaded = 0;
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw await problemFrom(response);
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    loaded += value.byteLength;
    told(loaded);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes.buffer;
}
