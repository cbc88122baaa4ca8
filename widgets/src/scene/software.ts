/** Whether this browser draws without a graphics card, where smooth edges cost more than all the rest. */

const NAMES = /swiftshader|llvmpipe|software|basic render/i;
let known: boolean | undefined;

export function isSoftware(): boolean {
  known ??= NAMES.test(renderer());
  return known;
}

/** What the browser says it draws with; asked of a context of its own, because ours is made after the answer. */
function renderer(): string {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return "";
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return name;
}
