/**
 * Spheres and sticks without triangles: a rectangle towards the eye for each, and in it a ray for every pixel, which
 * finds the surface it hits, its light and its depth.
 */

const COMMON = `#version 300 es
precision highp float;
precision highp int;
uniform mat4 view, projection;
uniform bool perspective;
`;

/** Entries of lists, and the corners of a rectangle of two triangles; ROW of `program.ts`. */
const LISTS = `
uniform highp sampler2D places, colours;
vec4 entry(highp sampler2D list, int index) { return texelFetch(list, ivec2(index & 1023, index >> 10), 0); }
const int CORNERS[6] = int[6](0, 1, 2, 2, 1, 3);
`;

const EYE = `
vec3 sight(vec3 place) { return perspective ? normalize(place) : vec3(0, 0, -1); }
`;

/** Light from the upper left behind the eye; edges are darker, and what is far fades into the ground. */
const LIGHT = `
uniform vec3 ground;
uniform vec2 depths;
uniform float opacity, light;
out vec4 pixel;
const vec3 LAMP = normalize(vec3(-0.35, 0.55, 1.0));
vec3 lit(vec3 ink, vec3 normal, vec3 ray, float z) {
  float facing = clamp(-dot(normal, ray), 0.0, 1.0);
  float lamp = clamp(dot(normal, LAMP), 0.0, 1.0);
  float gloss = pow(clamp(dot(normal, normalize(LAMP - ray)), 0.0, 1.0), 40.0);
  vec3 shaded = ink * (0.42 + 0.2 * facing + 0.46 * lamp) * mix(0.62, 1.0, smoothstep(0.0, 0.42, facing)) + 0.22 * gloss;
  vec3 seen = mix(ink, shaded, light);
  float depth = clamp((-z - depths.x) / (depths.y - depths.x), 0.0, 1.0);
  return mix(seen, ground, 0.6 * depth * depth * light);
}
void draw(vec3 ink, vec3 normal, vec3 ray, vec3 hit, float cover) {
  vec4 clip = projection * vec4(hit, 1);
  gl_FragDepth = clamp(0.5 + 0.5 * clip.z / clip.w, 0.0, 1.0);
  pixel = vec4(lit(ink, normal, ray, hit.z), cover * opacity);
}
`;

const sphereVertices = `${COMMON}${EYE}${LISTS}
uniform vec3 offset;
uniform float size;
out vec3 place;
flat out vec4 ball;
flat out vec3 ink;
void main() {
  int shape = gl_VertexID / 6, which = CORNERS[gl_VertexID % 6];
  vec4 sphere = entry(places, shape);
  vec2 corner = vec2(which & 1, which >> 1) * 2.0 - 1.0;
  vec3 centre = (view * vec4(sphere.xyz + offset, 1)).xyz;
  float radius = sphere.w * size;
  vec3 ray = sight(centre);
  vec3 right = normalize(cross(ray, vec3(0, 1, 0)));
  vec3 up = cross(right, ray);
  // From near by, less than half of a sphere is seen, under a larger angle.
  float seen = perspective ? radius * inversesqrt(max(1.0 - radius * radius / dot(centre, centre), 0.05)) : radius;
  place = centre + 1.05 * seen * (corner.x * right + corner.y * up);
  ball = vec4(centre, radius);
  ink = entry(colours, shape).rgb;
  gl_Position = projection * vec4(place, 1);
}`;

const spherePixels = `${COMMON}${EYE}${LIGHT}
in vec3 place;
flat in vec4 ball;
flat in vec3 ink;
void main() {
  vec3 ray = sight(place);
  vec3 way = ball.xyz - place;
  float along = dot(way, ray);
  float beside = length(way - along * ray);
  float cover = clamp((ball.w - beside) / fwidth(beside) + 0.5, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec3 hit = place + (along - sqrt(max(ball.w * ball.w - beside * beside, 0.0))) * ray;
  draw(ink, (hit - ball.xyz) / ball.w, ray, hit, cover);
}`;

const stickVertices = `${COMMON}${EYE}${LISTS}
uniform vec3 offset;
/** Å, or where it is negative a share of the distance. */
uniform float thickness;
out vec3 place;
flat out vec4 from;
flat out vec4 axis;
flat out vec3 ink, endInk;
void main() {
  int shape = gl_VertexID / 6, which = CORNERS[gl_VertexID % 6];
  vec3 a = (view * vec4(entry(places, 2 * shape).xyz + offset, 1)).xyz;
  vec3 b = (view * vec4(entry(places, 2 * shape + 1).xyz + offset, 1)).xyz;
  vec3 middle = 0.5 * (a + b);
  float radius = thickness > 0.0 ? thickness : -thickness * (perspective ? -middle.z : 1.0);
  vec3 ray = sight(middle);
  vec3 side = cross(ray, b - a);
  side = dot(side, side) > 1e-12 ? normalize(side) : vec3(1, 0, 0);
  vec3 lengthwise = cross(side, ray);
  bool far = (which & 1) == 1;
  float across = which < 2 ? -1.0 : 1.0;
  place = (far ? b : a) + radius * (1.4 * across * side + (far ? 1.2 : -1.2) * lengthwise);
  from = vec4(a, radius);
  axis = vec4(normalize(b - a), distance(a, b));
  ink = entry(colours, 2 * shape).rgb;
  endInk = entry(colours, 2 * shape + 1).rgb;
  gl_Position = projection * vec4(place, 1);
}`;

const stickPixels = `${COMMON}${EYE}${LIGHT}
in vec3 place;
flat in vec4 from;
flat in vec4 axis;
flat in vec3 ink, endInk;
void main() {
  vec3 ray = sight(place);
  vec3 way = place - from.xyz;
  vec3 across = ray - dot(ray, axis.xyz) * axis.xyz;
  vec3 apart = way - dot(way, axis.xyz) * axis.xyz;
  float slope = max(dot(across, across), 1e-6);
  float nearest = -dot(across, apart) / slope;
  float beside = length(apart + nearest * across);
  float cover = clamp((from.w - beside) / fwidth(beside) + 0.5, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec3 hit = place + (nearest - sqrt(max(from.w * from.w - beside * beside, 0.0) / slope)) * ray;
  float along = dot(hit - from.xyz, axis.xyz);
  if (along < 0.0 || along > axis.w) discard;
  vec3 normal = (hit - from.xyz - along * axis.xyz) / from.w;
  draw(2.0 * along < axis.w ? ink : endInk, normal, ray, hit, cover);
}`;

export const SHADERS = {
  spheres: [sphereVertices, spherePixels],
  sticks: [stickVertices, stickPixels],
} as const;
