// The words that the shared pixel shader asks of whoever includes it, in GLSL ES 3.0, before its text.
// Tables and nodes are float textures of two layers, a device each: fetched by number, never filtered.
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp usampler2DArray;

uniform sampler2DArray tables, nodes;

// Textures are 256 and 64 texels wide.
vec4 entry_at(int layer, int number) { return texelFetch(tables, ivec3(number & 255, number >> 8, layer), 0); }
vec4 node_at(int layer, int number) { return texelFetch(nodes, ivec3(number & 63, number >> 6, layer), 0); }

#define SHADER
#define DEVICE Device
#define DEVICE_MEMORY int layer; int first;  // `first`: the half code of the table's first entry
#define TABLE(device, channel, code) entry_at(device.layer, (code) - device.first)[channel]
#define CURVE(device, number) entry_at(device.layer, number).r
#define CURVE_STEP(device, number) entry_at(device.layer, number).g
#define NODE(device, number) color_of(node_at(device.layer, number))
#define FMA(a, b, c) ((a) * (b) + (c))
#define MOST(a, b) ((a) > (b) ? (a) : (b))
#define LEAST(a, b) ((a) < (b) ? (a) : (b))
#define CUT(x) trunc(x)
#define NEAREST(a, b) roundEven((a) * (b))
#define BITS(x) floatBitsToInt(x)
#define FROM_BITS(i) intBitsToFloat(i)
#define WORDS Color color_of(vec4 node) { return make_color(node.r, node.g, node.b); }
