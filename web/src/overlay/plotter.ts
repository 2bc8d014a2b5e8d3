/** Draws many points with WebGL 2. */

const VERTEX = `#version 300 es
in vec2 place; in vec3 colour; out vec3 shade;
uniform vec2 scale; uniform vec2 shift; uniform float size;
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  gl_PointSize = size; shade = colour;
}`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec3 shade; out vec4 drawn; uniform float opacity;
void main() {
  float edge = 1.0 - smoothstep(0.40, 0.5, length(gl_PointCoord - 0.5));
  if (edge <= 0.0) discard;
  drawn = vec4(shade, opacity * edge);
}`;

export interface Frame {
  /** Points before this one are there already; with 0 a new picture begins. */
  first: number;
  /** Points at most: any first ones are a fair sample. */
  most: number;
  scale: [number, number];
  shift: [number, number];
  size: number;
  opacity: number;
}

export interface Plotter {
  /** `places` two numbers a point, `shades` three bytes; in any order, see `scattered`. */
  fill(places: Float32Array, shades: Uint8Array): void;
  draw(frame: Frame): void;
}

/** Null where the browser has no WebGL 2. */
export function plotter(canvas: HTMLCanvasElement): Plotter | null {
  const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
  if (!gl) return null;
  const program = gl.createProgram();
  const stages = [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const;
  for (const [kind, source] of stages) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "place");
  gl.bindAttribLocation(program, 1, "colour");
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const [placeBuffer, shadeBuffer] = [gl.createBuffer(), gl.createBuffer()];
  const at = (name: string) => gl.getUniformLocation(program, name);
  const [scale, shift, size, opacity] = [at("scale"), at("shift"), at("size"), at("opacity")];
  let count = 0;
  return {
    fill(places, shades) {
      count = places.length / 2;
      gl.bindBuffer(gl.ARRAY_BUFFER, placeBuffer);
      gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(0);
      gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
      gl.bindBuffer(gl.ARRAY_BUFFER, shadeBuffer);
      gl.bufferData(gl.ARRAY_BUFFER, shades, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(1);
      gl.vertexAttribPointer(1, 3, gl.UNSIGNED_BYTE, true, 0, 0);
    },
    draw(frame) {
      gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
      if (frame.first === 0) {
        gl.clearColor(0, 0, 0, 0);
        gl.clear(gl.COLOR_BUFFER_BIT);
      }
      gl.uniform2f(scale, ...frame.scale);
      gl.uniform2f(shift, ...frame.shift);
      gl.uniform1f(size, frame.size);
      gl.uniform1f(opacity, frame.opacity);
      const left = Math.min(count - frame.first, frame.most);
      if (left > 0) gl.drawArrays(gl.POINTS, frame.first, left);
    },
  };
}
