/** Mouse, touch and keyboard on a canvas, as movements of the camera. */

import type { Camera } from "./camera";

/** A step of an arrow key, as a share of the picture; of plus and minus; and of the wheel, per pixel. */
const STEP = 0.04;
const ZOOM = 1.15;
const WHEEL = 0.0015;

/** What keys do to the camera. */
const KEYS: Record<string, (camera: Camera) => void> = {
  ArrowLeft: (camera) => camera.turn(-STEP, 0),
  ArrowRight: (camera) => camera.turn(STEP, 0),
  ArrowUp: (camera) => camera.turn(0, -STEP),
  ArrowDown: (camera) => camera.turn(0, STEP),
  "+": (camera) => camera.zoom(ZOOM),
  "=": (camera) => camera.zoom(ZOOM),
  "-": (camera) => camera.zoom(1 / ZOOM),
};
const SHIFTED: Record<string, (camera: Camera) => void> = {
  ArrowLeft: (camera) => camera.pan(-STEP, 0),
  ArrowRight: (camera) => camera.pan(STEP, 0),
  ArrowUp: (camera) => camera.pan(0, -STEP),
  ArrowDown: (camera) => camera.pan(0, STEP),
};

/**
 * Move the camera as the user wants: dragging turns, with Shift or another button it moves; the wheel goes nearer where
 * the canvas has the focus or Ctrl is held, so that a page can be scrolled past it. Returns the function that ends it.
 */
export function followGestures(
  canvas: HTMLCanvasElement,
  camera: Camera,
  moved: () => void,
  reset: () => void,
): () => void {
  const ending = new AbortController();
  const listen = <Kind extends keyof HTMLElementEventMap>(
    kind: Kind,
    heed: (event: HTMLElementEventMap[Kind]) => void,
  ) => {
    canvas.addEventListener(kind, heed, { signal: ending.signal, passive: false });
  };
  const fingers = new Map<number, PointerEvent>();
  listen("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
    listen(kind, (event) => fingers.delete(event.pointerId));
  }
  listen("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    drag(camera, before, event, [...fingers.values()], Math.min(canvas.clientWidth, canvas.clientHeight) || 1);
    fingers.set(event.pointerId, event);
    moved();
  });
  listen("wheel", (event) => {
    if (!event.ctrlKey && !hasFocus(canvas)) return;
    event.preventDefault();
    camera.zoom(Math.exp(-WHEEL * event.deltaY * (event.deltaMode ? 30 : 1)));
    moved();
  });
  listen("keydown", (event) => {
    const act = (event.shiftKey && SHIFTED[event.key]) || KEYS[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act(camera);
    moved();
  });
  listen("contextmenu", (event) => event.preventDefault());
  listen("dblclick", reset);
  return () => ending.abort();
}

function drag(camera: Camera, before: PointerEvent, now: PointerEvent, fingers: PointerEvent[], side: number): void {
  const [right, down] = [(now.clientX - before.clientX) / side, (now.clientY - before.clientY) / side];
  const other = fingers.find((finger) => finger.pointerId !== now.pointerId);
  if (other) {
    const [former, present] = [before, now].map((at) =>
      Math.hypot(at.clientX - other.clientX, at.clientY - other.clientY),
    );
    camera.zoom((present || 1) / (former || 1));
    camera.pan(right / 2, down / 2);
  } else if (now.shiftKey || now.buttons & 6) camera.pan(right, down);
  else camera.turn(right, down);
}

function hasFocus(canvas: HTMLElement): boolean {
  return (canvas.getRootNode() as Document | ShadowRoot).activeElement === canvas;
}
