$head
// Launch lattice_picture over `count` pixels; table and nodes are NAME.table.bin and NAME.nodes.bin, as they are, in
// the GPU's memory. Or call lattice_color(table, nodes, color). Compiled with --fmad=false --ftz=false it gives the
// bits of lattice's own engines.
#define SHADER static __device__ __forceinline__
#define DEVICE const LatticeDevice&
#define DEVICE_MEMORY const float4* table; const float4* nodes;
#define TABLE(sdev, channel, code) lattice_channel((sdev).table[code], channel)
#define CURVE(sdev, number, share) lattice_along((sdev).table[number], share)
#define NODE(sdev, number) lattice_node((sdev).nodes[number])
#define FMA(a, b, c) __fmaf_rn(a, b, c)
#define MOST(a, b) fmaxf(a, b)
#define LEAST(a, b) fminf(a, b)
#define CUT(x) truncf(x)
#define NEAREST(a, b) rintf((a) * (b))
#define BITS(x) __float_as_int(x)
#define FROM_BITS(i) __int_as_float(i)
#define BY_TETRAHEDRA $by_tetrahedra

$facts
SHADER float lattice_channel(float4 entry, int channel) {
    return channel == 0 ? entry.x : channel == 1 ? entry.y : entry.z;
}
SHADER float lattice_along(float4 entry, float share) { return FMA(share, entry.y, entry.x); }
SHADER LatticeColor lattice_node(float4 node) {
    LatticeColor color = {node.x, node.y, node.z};
    return color;
}

$functions
SHADER float3 lattice_color(const float4* table, const float4* nodes, float3 scene) {
    const LatticeDevice sdev = $numbers;
    LatticeColor light = {scene.x, scene.y, scene.z};
    LatticeColor code = lattice_look(sdev, light);
    return make_float3(code.r, code.g, code.b);
}

#ifndef LATTICE_NO_MAIN
extern "C" __global__ void lattice_picture(const float4* scene, float4* codes, int count, const float4* table,
                                           const float4* nodes) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        float4 light = scene[i];
        float3 code = lattice_color(table, nodes, make_float3(light.x, light.y, light.z));
        codes[i] = make_float4(code.x, code.y, code.z, light.w);
    }
}
#endif
