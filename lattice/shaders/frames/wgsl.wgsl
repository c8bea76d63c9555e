$head
// Bind in group 0: NAME.table.bin as storage buffer 0 and NAME.nodes.bin as storage buffer 1, as they are; the
// picture as texture 2. Or call lattice_color(color) from an entry point of your own.
@group(0) @binding(0) var<storage, read> lattice_table: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> lattice_nodes: array<vec4<f32>>;
@group(0) @binding(2) var lattice_scene: texture_2d<f32>;

fn TABLE(channel: i32, code: i32) -> f32 { return lattice_table[code][channel]; }
fn CURVE(number: i32, share: f32) -> f32 { return share * lattice_table[number].y + lattice_table[number].x; }
fn NODE(number: i32) -> LatticeColor {
    let node = lattice_nodes[number];
    return LatticeColor(node.x, node.y, node.z);
}
fn FMA(a: f32, b: f32, c: f32) -> f32 { return a * b + c; }
fn MOST(a: f32, b: f32) -> f32 { return max(a, b); }
fn LEAST(a: f32, b: f32) -> f32 { return min(a, b); }
fn CUT(x: f32) -> f32 { return trunc(x); }
fn NEAREST(a: f32, b: f32) -> f32 { return round(a * b); }
fn BITS(x: f32) -> i32 { return bitcast<i32>(x); }
fn FROM_BITS(i: i32) -> f32 { return bitcast<f32>(i); }
fn OCTAVE(exponent: i32) -> LatticeOctave { return lattice_octave(exponent); }
const BY_TETRAHEDRA = $by_tetrahedra;

$facts
const sdev = $numbers;

$functions
fn lattice_color(scene: vec3<f32>) -> vec3<f32> {
    let code = lattice_look(LatticeColor(scene.r, scene.g, scene.b));
    return vec3<f32>(code.r, code.g, code.b);
}

@fragment fn lattice_fragment(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let scene = textureLoad(lattice_scene, vec2<i32>(at.xy), 0);
    return vec4<f32>(lattice_color(scene.rgb), scene.a);
}
