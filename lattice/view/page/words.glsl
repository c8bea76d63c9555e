// The words that the shared pixel shader asks of whoever includes it, in GLSL ES 3.0, before its text.
// Tables and nodes are float textures of two layers, a device each: fetched by number, never filtered.
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp usampler2DArray;

uniform sampler2DArray tables, nodes;

// Textures are 256 and 2048 texels wide: so wide that the nodes of a lattice of 129 fit into any WebGL2's 2048 rows.
vec4 entry_at(int layer, int number) { return texelFetch(tables, ivec3(number & 255, number >> 8, layer), 0); }
float along(vec4 entry, float share) { return share * entry.g + entry.r; }
vec4 node_at(int layer, int number) { return texelFetch(nodes, ivec3(number & 2047, number >> 11, layer), 0); }

#define SHADER
#define DEVICE Device
#define DEVICE_MEMORY int layer; int first;  // `first`: the half code of the table's first entry
#define TABLE(device, channel, code) entry_at(device.layer, (code) - device.first)[channel]
#define CURVE(device, number, share) along(entry_at(device.layer, number), share)
#define NODE(device, number) color_of(node_at(device.layer, number))
#define FMA(a, b, c) ((a) * (b) + (c))
#define MOST(a, b) ((a) > (b) ? (a) : (b))
#define LEAST(a, b) ((a) < (b) ? (a) : (b))
#define CUT(x) trunc(x)
#define NEAREST(a, b) roundEven((a) * (b))
#define BITS(x) floatBitsToInt(x)
#define FROM_BITS(i) intBitsToFloat(i)
#define WORDS Color color_of(vec4 node) { return make_color(node.r, node.g, node.b); }
#ifndef STAGES_A
#define STAGES_A device_a.stages
#define STEPS_A device_a.steps
#define CURVES_A(step_number) device_a.step[step_number].curves
#define BY_TETRAHEDRA_A by_tetrahedra
#endif
#ifndef STAGES_B
#define STAGES_B device_b.stages
#define STEPS_B device_b.steps
#define CURVES_B(step_number) device_b.step[step_number].curves
#define BY_TETRAHEDRA_B by_tetrahedra
#endif
uniform bool by_tetrahedra;
