$opening
$head
// Bind: NAME.table.bin as lattice_table and NAME.nodes.bin as lattice_nodes, both RGBA32F without mipmaps, NEAREST; the
// picture as lattice_scene. Or define LATTICE_NO_MAIN, and call lattice_color(color).
${bound_0}uniform sampler2D lattice_table;
${bound_1}uniform sampler2D lattice_nodes;

#define SHADER
#define DEVICE_MEMORY
#define TABLE(channel, code) lattice_entry(code)[channel]
#define CURVE(number, share) lattice_along(lattice_entry(number), share)
#define NODE(number) lattice_node(number)
#define FMA(a, b, c) ((a) * (b) + (c))
#define MOST(a, b) max(a, b)
#define LEAST(a, b) min(a, b)
#define CUT(x) trunc(x)
#define NEAREST(a, b) roundEven((a) * (b))
#define BITS(x) floatBitsToInt(x)
#define FROM_BITS(i) intBitsToFloat(i)
#define BY_TETRAHEDRA $by_tetrahedra

$facts
const LatticeDevice sdev = $numbers;

vec4 lattice_entry(int number) { return texelFetch(lattice_table, ivec2(number & 1023, number >> 10), 0); }
float lattice_along(vec4 entry, float share) { return share * entry.g + entry.r; }
LatticeColor lattice_node(int number) {
    vec4 node = texelFetch(lattice_nodes, ivec2(number & 1023, number >> 10), 0);
    return LatticeColor(node.r, node.g, node.b);
}

$functions
vec3 lattice_color(vec3 scene) {
    LatticeColor code = lattice_look(LatticeColor(scene.r, scene.g, scene.b));
    return vec3(code.r, code.g, code.b);
}

#ifndef LATTICE_NO_MAIN
${bound_2}uniform sampler2D lattice_scene;
${placed}out vec4 lattice_code;

void main() {
    vec4 scene = texelFetch(lattice_scene, ivec2(gl_FragCoord.xy), 0);
    lattice_code = vec4(lattice_color(scene.rgb), scene.a);
}
#endif
