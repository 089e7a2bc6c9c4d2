// The stage that a shape stands on: light, grid, camera and how it is turned. It draws only when something changed, so that
// a page that is looked at costs nothing.
import {
  Box3,
  DirectionalLight,
  GridHelper,
  Group,
  HemisphereLight,
  LineBasicMaterial,
  type Material,
  Mesh,
  type Object3D,
  PerspectiveCamera,
  Points,
  Scene,
  Texture,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';

/** How the shape is shown. */
export interface Dress {
  readonly isWireframe: boolean;
  readonly hasGrid: boolean;
  /** Whether the file's z points up, as printers have it; otherwise its y. */
  readonly isZUp: boolean;
  readonly isDark: boolean;
}

/** Shows one shape at a time. */
export interface Stage {
  show(shape: Object3D): void;
  dress(dress: Dress): void;
  /** The camera as it was at first. */
  reset(): void;
  /** Turns and zooms by keys; false for one that means nothing here. */
  steer(key: string): boolean;
  close(): void;
}

/** Opens a stage in an element. @throws Error where the browser has no WebGL */
export function openStage(place: HTMLElement): Stage {
  const renderer = new WebGLRenderer({ antialias: true, alpha: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  place.append(renderer.domElement);
  const scene = new Scene();
  const camera = new PerspectiveCamera(40, 1, 0.1, 1_000);
  const key = new DirectionalLight(0xffffff, 1.7);
  camera.add(key);
  key.position.set(2, 3, 4);
  scene.add(camera, new HemisphereLight(0xffffff, 0x8a7f7a, 1.1));
  const turned = new Group();
  scene.add(turned);
  let grid: GridHelper | null = null;
  let dressed: Dress = { isWireframe: false, hasGrid: true, isZUp: true, isDark: false };

  let isDue = false;
  const draw = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      renderer.render(scene, camera);
    });
  };
  const controls = new OrbitControls(camera, renderer.domElement);
  controls.addEventListener('change', draw);
  /** What the distance is multiplied by, so that a shape of radius 1 fits into the narrower side. */
  const reach = (): number => {
    const upright = (camera.fov * Math.PI) / 360;
    return 1.05 / Math.sin(Math.min(upright, Math.atan(Math.tan(upright) * camera.aspect)));
  };
  const fill = (): void => {
    const { clientWidth: width, clientHeight: height } = place;
    if (width === 0 || height === 0) return;
    const before = reach();
    renderer.setSize(width, height);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    // A phone that is turned shows as much of the shape as before.
    camera.position
      .sub(controls.target)
      .multiplyScalar(reach() / before)
      .add(controls.target);
    controls.update();
    draw();
  };
  fill();
  const sizes = new ResizeObserver(fill);
  sizes.observe(place);

  const box = (): Box3 => new Box3().setFromObject(turned);
  const frame = (): void => {
    const around = box();
    const radius = Math.max(around.getSize(new Vector3()).length() / 2, 1e-6);
    const middle = around.getCenter(new Vector3());
    const distance = radius * reach();
    camera.near = distance / 1_000;
    camera.far = distance * 100;
    camera.position.copy(middle).add(new Vector3(0.9, 0.7, 1.4).normalize().multiplyScalar(distance));
    camera.updateProjectionMatrix();
    controls.target.copy(middle);
    controls.update();
    draw();
  };
  const lay = (): void => {
    turned.rotation.x = dressed.isZUp ? -Math.PI / 2 : 0;
    turned.position.set(0, 0, 0);
    turned.updateMatrixWorld(true);
    const around = box();
    if (around.isEmpty()) return;
    const middle = around.getCenter(new Vector3());
    turned.position.set(-middle.x, -around.min.y, -middle.z);
    turned.updateMatrixWorld(true);
    if (grid) {
      scene.remove(grid);
      release(grid);
    }
    grid = gridUnder(around.getSize(new Vector3()), dressed.isDark);
    grid.visible = dressed.hasGrid;
    scene.add(grid);
  };

  return {
    show(shape) {
      for (const old of [...turned.children]) {
        turned.remove(old);
        release(old);
      }
      turned.add(shape);
      lay();
      frame();
    },
    dress(dress) {
      const isTurned = dress.isZUp !== dressed.isZUp;
      dressed = dress;
      turned.traverse((part) => {
        for (const material of materialsOf(part)) if ('wireframe' in material) material.wireframe = dress.isWireframe;
      });
      lay();
      if (isTurned) frame();
      draw();
    },
    reset: frame,
    steer(pressed) {
      const turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[pressed];
      const nearer = { '+': 0.85, '=': 0.85, '-': 1.18 }[pressed];
      const offset = camera.position.clone().sub(controls.target);
      if (turn) {
        const [across = 0, down = 0] = turn;
        offset.applyAxisAngle(new Vector3(0, 1, 0), across * 0.15);
        const side = new Vector3(0, 1, 0).cross(offset).normalize();
        const tilted = offset.clone().applyAxisAngle(side, down * 0.15);
        // Not over the top: there up and down change places.
        if (Math.abs(tilted.clone().normalize().y) < 0.98) offset.copy(tilted);
      } else if (nearer !== undefined) offset.multiplyScalar(nearer);
      else return false;
      camera.position.copy(controls.target).add(offset);
      controls.update();
      draw();
      return true;
    },
    close() {
      sizes.disconnect();
      controls.dispose();
      release(scene);
      renderer.dispose();
      renderer.forceContextLoss();
      renderer.domElement.remove();
    },
  };
}

/** Squares of 1, 10, 100 … of the file's unit, about twenty across. */
function gridUnder(size: Vector3, isDark: boolean): GridHelper {
  const across = Math.max(size.x, size.z, 1e-6) * 1.6;
  const square = 10 ** Math.ceil(Math.log10(across / 20));
  const squares = Math.max(2, 2 * Math.ceil(across / square / 2));
  const [middle, lines] = isDark ? [0x6b6365, 0x413b3d] : [0xb5aca7, 0xd9d3cf];
  const grid = new GridHelper(squares * square, squares, middle, lines);
  if (grid.material instanceof LineBasicMaterial) grid.material.transparent = true;
  return grid;
}

function materialsOf(part: Object3D): readonly Material[] {
  if (!(part instanceof Mesh || part instanceof Points || part instanceof GridHelper)) return [];
  return Array.isArray(part.material) ? part.material : [part.material];
}

/** Gives back what the graphics card holds of it. */
function release(shape: Object3D): void {
  shape.traverse((part) => {
    if (part instanceof Mesh || part instanceof Points || part instanceof GridHelper) part.geometry.dispose();
    for (const material of materialsOf(part)) {
      for (const value of Object.values(material)) if (value instanceof Texture) value.dispose();
      material.dispose();
    }
  });
}
