$head
// Bind: NAME.table.bin as buffer 0 and NAME.nodes.bin as buffer 1, as they are; the picture as texture 0. Or call
// lattice_color(table, nodes, color) from another function. Compiled without fast math it gives the most exact codes.
#include <metal_stdlib>

#define SHADER static inline
#define DEVICE thread const LatticeDevice&
#define DEVICE_MEMORY device const float4* table; device const float4* nodes;
#define TABLE(sdev, channel, code) (sdev).table[code][channel]
#define CURVE(sdev, number, share) lattice_along((sdev).table[number], share)
#define NODE(sdev, number) lattice_node((sdev).nodes[number])
#define FMA(a, b, c) metal::fma(a, b, c)
#define MOST(a, b) metal::max(a, b)
#define LEAST(a, b) metal::min(a, b)
#define CUT(x) metal::trunc(x)
#define NEAREST(a, b) metal::rint((a) * (b))
#define BITS(x) as_type<int>(x)
#define FROM_BITS(i) as_type<float>(i)
#define BY_TETRAHEDRA $by_tetrahedra

$facts
SHADER float lattice_along(float4 entry, float share) { return FMA(share, entry.y, entry.x); }
SHADER LatticeColor lattice_node(float4 node) {
    LatticeColor color = {node.x, node.y, node.z};
    return color;
}

$functions
SHADER float3 lattice_color(device const float4* table, device const float4* nodes, float3 scene) {
    const LatticeDevice sdev = $numbers;
    LatticeColor light = {scene.x, scene.y, scene.z};
    LatticeColor code = lattice_look(sdev, light);
    return float3(code.r, code.g, code.b);
}

#ifndef LATTICE_NO_MAIN
fragment float4 lattice_fragment(float4 at [[position]], metal::texture2d<float> scene [[texture(0)]],
                                 device const float4* table [[buffer(0)]], device const float4* nodes [[buffer(1)]]) {
    float4 light = scene.read(uint2(uint(at.x), uint(at.y)));
    return float4(lattice_color(table, nodes, float3(light.x, light.y, light.z)), light.w);
}
#endif
