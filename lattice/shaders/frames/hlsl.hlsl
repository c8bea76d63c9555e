$head
// Bind: NAME.table.bin as lattice_table and NAME.nodes.bin as lattice_nodes, both R32G32B32A32_FLOAT without mips; the
// picture as lattice_scene. Or define LATTICE_NO_MAIN, and call lattice_color(color).
Texture2D<float4> lattice_table : register(t0);
Texture2D<float4> lattice_nodes : register(t1);

#define SHADER
#define DEVICE_MEMORY
#define TABLE(channel, code) lattice_entry(code)[channel]
#define CURVE(number, share) lattice_along(lattice_entry(number), share)
#define NODE(number) lattice_node(number)
#define FMA(a, b, c) mad(a, b, c)
#define MOST(a, b) max(a, b)
#define LEAST(a, b) min(a, b)
#define CUT(x) trunc(x)
#define NEAREST(a, b) round((a) * (b))
#define BITS(x) asint(x)
#define FROM_BITS(i) asfloat(i)
#define BY_TETRAHEDRA $by_tetrahedra

$facts
static const LatticeDevice sdev = $numbers;

float4 lattice_entry(int number) { return lattice_table.Load(int3(number & 1023, number >> 10, 0)); }
float lattice_along(float4 entry, float share) { return mad(share, entry.g, entry.r); }
LatticeColor lattice_node(int number) {
    float4 node = lattice_nodes.Load(int3(number & 1023, number >> 10, 0));
    LatticeColor color = {node.r, node.g, node.b};
    return color;
}

$functions
float3 lattice_color(float3 scene) {
    LatticeColor light = {scene.r, scene.g, scene.b};
    LatticeColor code = lattice_look(light);
    return float3(code.r, code.g, code.b);
}

#ifndef LATTICE_NO_MAIN
Texture2D<float4> lattice_scene : register(t2);

float4 main(float4 at : SV_Position) : SV_Target {
    float4 scene = lattice_scene.Load(int3(int2(at.xy), 0));
    return float4(lattice_color(scene.rgb), scene.a);
}
#endif
