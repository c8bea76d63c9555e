// One pixel through an SDev: table, cell, lattice, display. The common subset of C++, CUDA and GLSL ES 3.0.
//
// reference.py is the definition; this is the same arithmetic in float32, in an order that is fixed: every engine
// that follows it operation by operation gives the same bits. Whoever includes it defines first:
//   SHADER                       what stands before a function
//   DEVICE                       the type by which a Device is passed
//   DEVICE_MEMORY                what TABLE and NODE need inside Device; may be empty
//   TABLE(device, channel, code) the table's entry for a half's bits
//   CURVE(device, number, share) an entry of the film stage's curves, which then are in the table's place, and that
//                                share of the step to the next, by FMA
//   NODE(device, number)         a lattice node, a Color
//   FMA(a, b, c)                 a * b + c, rounded once where the machine can
//   MOST(a, b), LEAST(a, b)      the larger and the smaller; b where a is NaN
//   CUT(x)                       the whole number of x, which is not negative, as a float
//   NEAREST(a, b)                the whole number next to a * b, the even one of two, as a float: a * b + ROUNDER -
//                                ROUNDER where every operation is rounded as it is written, which GLSL does not promise
//   BITS(x), FROM_BITS(i)        a float's bits as an int, and back
// and may define:
//   OCTAVE(device, exponent)     a table of what octave() returns, where reading one is faster
//   WORDS                        functions of its own that take a Color, where they cannot be declared before it
// Nodes are read up to size**2 + size + 1 past the last one, with weight 0: they must be there, and finite.

struct Color { float r; float g; float b; };
struct Octave { float power; float reciprocal; };

// One step of the film stage: a 3x4, then curves of the channels after the first, or of all, or of none.
struct Step {
    float matrix[9];
    float offset[3];
    int curves;          // 0, 2 or 3
    int last;            // number of a curve's last entry
    int start;           // number of the first curve's first entry
    float straight, gain, rise;  // from `straight` on two curves are gain * x + rise
    float low[3], high[3];       // what values are held to: 0 and 1, less what mid gray has there
    float middle[3];             // which entry of its curve mid gray has
};

struct Device {
    DEVICE_MEMORY
    int size;            // nodes along an edge
    int stages;          // which of the STAGE bits this device has
    float film[9];       // scene RGB to film exposure, row by row
    float light[9];      // node values (after the exponent) to display-linear RGB
    float darkest;       // the table is flat up to here, and from `brightest`; both are halves
    float brightest;
    float exponent;
    float ceiling;       // values are held to it, so that their power stays finite
    float lowest;        // values up to it have the power 0, but for exponents 1 and 3
    float gamma;         // code = scale * light ** gamma + offset above the toe, slope * light up to it
    float offset;
    float toe;
    float slope;
    float floor;         // of the film stage: light counts as at least this much
    int steps;           // of the film stage
    Step step[4];
    float root[8];       // scale * (1 + t) ** gamma for t in [0, 1), a polynomial; the lowest power first
    float peak;          // gain of light in PQ and HLG, by the nits of white; last, so that others keep their alignment
};

// Absent stages are skipped: each is exact to skip, see lattice/interp/shader.py.
#define STAGE_FILM 1      // a 3x3 before the table
#define STAGE_TABLE 2     // a table other than u = x held to [0, 1]
#define STAGE_CUBE 4      // exponent 3
#define STAGE_EXPONENT 8  // an exponent other than 1 and 3
#define STAGE_LIGHT 16    // a 3x3 after the exponent
#define STAGE_ROOT 32     // an encoding by a gamma of 1 at most
#define STAGE_POWER 64    // an encoding by a greater one; without scale and offset
#define STAGE_FLOOR 128   // values below 0, which a power or a 3x3 must not see
#define STAGE_LOG 256     // a film stage in the place of the table
#define STAGE_PQ 512      // the encodings of HDR
#define STAGE_HLG 1024
#define STAGE_SIGNED 2048  // a table whose negative halves, or NaN, have other entries than 0
#define STAGE_HOLD 4096    // a table with entries outside of [0, 1]
#define STAGES_OF_PLACE (STAGE_FILM | STAGE_TABLE | STAGE_LOG | STAGE_SIGNED | STAGE_HOLD)  // before the lattice
#define STEPS 4           // of a film stage, at most

#define HALF_MAX 65504.0f
#define HALF_SMALLEST_NORMAL 6.103515625e-05f  // 2**-14
#define HALF_STEPS 16777216.0f                 // 2**24: subnormal halves are this many to 1
#define HALF_REBIAS 939524096                  // (127 - 15) << 23: from a float's exponent to a half's
#define HALF_SHIFT 13                          // mantissa bits that a float has more
#define HALF_MASK 8191
#define HALF_SHARE 1.220703125e-04f            // 2**-13
#define HALF_SIGN_BIT 32768                    // codes of halves below 0 are those above it, and this
#define NAN_PLACE 98304.0f                     // stands in a table where the half NaN 0x7e00 does
#define SIZE_BITS 2147483647                   // all of a float's bits but its sign
#define INFINITE_BITS 2139095040               // a float with more than these is NaN

SHADER Color make_color(float r, float g, float b) {
    Color color;
    color.r = r, color.g = g, color.b = b;
    return color;
}

#ifdef WORDS
WORDS
#endif

#include "encodings.h"

SHADER Color transform(const float m[9], Color c) {
    return make_color(FMA(m[2], c.b, FMA(m[1], c.g, m[0] * c.r)), FMA(m[5], c.b, FMA(m[4], c.g, m[3] * c.r)),
                      FMA(m[8], c.b, FMA(m[7], c.g, m[6] * c.r)));
}

// Scene value to lattice coordinate, linear between the two neighbouring halves, which may be of either sign.
SHADER float look_up(DEVICE device, int channel, float scene) {
    float x = hold(scene, device.darkest, device.brightest);
    int side = 0;
    if ((device.stages & STAGE_SIGNED) != 0) {
        int size = BITS(scene) & SIZE_BITS;
        bool known = size <= INFINITE_BITS;  // by its bits: compilers remove comparisons that find a NaN
        x = known ? LEAST(FROM_BITS(size), HALF_MAX) : NAN_PLACE;
        side = known && BITS(scene) < 0 ? HALF_SIGN_BIT : 0;
    }
    int above = BITS(x) - HALF_REBIAS;
    int code = above >> HALF_SHIFT;
    float share = float(above & HALF_MASK) * HALF_SHARE;
    if (x < HALF_SMALLEST_NORMAL) {
        float steps = x * HALF_STEPS;
        code = int(steps);
        share = steps - float(code);
    }
    float low = TABLE(device, channel, side + code);
    return FMA(share, TABLE(device, channel, side + code + 1) - low, low);
}

// A curve of the film stage, linear between its entries: at `x` from its entry `middle`, in shares of all.
SHADER float bend(DEVICE device, int start, int last, float middle, float x) {
    float whole = CUT(FMA(x, float(last), middle));
    float share = FMA(x, float(last), middle - whole);
    return CURVE(device, start + int(whole), share);
}

SHADER float mixed(const float m[9], float offset, int row, Color c) {
    return FMA(m[row + 2], c.b, FMA(m[row + 1], c.g, FMA(m[row], c.r, offset)));
}

// Scene light to lattice coordinates through the film stage.
SHADER Color develop(DEVICE device, Color c) {
    c = make_color(log_two(hold(c.r, device.floor, HALF_MAX)), log_two(hold(c.g, device.floor, HALF_MAX)),
                   log_two(hold(c.b, device.floor, HALF_MAX)));
    for (int i = 0; i < STEPS; ++i) {  // known to the compiler, so that no step is looked up by number
        if (i == device.steps) break;
        c = make_color(hold(mixed(device.step[i].matrix, device.step[i].offset[0], 0, c), device.step[i].low[0],
                            device.step[i].high[0]),
                       hold(mixed(device.step[i].matrix, device.step[i].offset[1], 3, c), device.step[i].low[1],
                            device.step[i].high[1]),
                       hold(mixed(device.step[i].matrix, device.step[i].offset[2], 6, c), device.step[i].low[2],
                            device.step[i].high[2]));
        int start = device.step[i].start, last = device.step[i].last;
        if (device.step[i].curves == 3) {
            c.r = bend(device, start, last, device.step[i].middle[0], c.r);
            start += last + 1;
        }
        if (device.step[i].curves != 0) {
            float g = FMA(c.g, device.step[i].gain, device.step[i].rise);
            float b = FMA(c.b, device.step[i].gain, device.step[i].rise);
            c.g = c.g < device.step[i].straight ? bend(device, start, last, device.step[i].middle[1], c.g) : g;
            c.b = c.b < device.step[i].straight ? bend(device, start + last + 1, last, device.step[i].middle[2], c.b)
                                                : b;
        }
    }
    return c;
}

// A scene pixel to lattice coordinates. NaN, and what is past the largest half, is no color to a 3x3.
SHADER Color expose(DEVICE device, Color scene) {
    if ((device.stages & STAGE_FILM) != 0) {
        Color known = make_color(scene.r == scene.r ? hold(scene.r, -HALF_MAX, HALF_MAX) : 0.0f,
                                 scene.g == scene.g ? hold(scene.g, -HALF_MAX, HALF_MAX) : 0.0f,
                                 scene.b == scene.b ? hold(scene.b, -HALF_MAX, HALF_MAX) : 0.0f);
        scene = transform(device.film, known);
    }
    if ((device.stages & STAGE_LOG) != 0) return develop(device, scene);
    if ((device.stages & STAGE_TABLE) == 0)
        return make_color(hold(scene.r, 0.0f, 1.0f), hold(scene.g, 0.0f, 1.0f), hold(scene.b, 0.0f, 1.0f));
    return make_color(look_up(device, 0, scene.r), look_up(device, 1, scene.g), look_up(device, 2, scene.b));
}

SHADER float between(float low, float high, float share) { return FMA(share, high - low, low); }

SHADER Color between(Color low, Color high, float share) {
    return make_color(between(low.r, high.r, share), between(low.g, high.g, share), between(low.b, high.b, share));
}

// Along b, then g, then r.
SHADER Color trilinear(DEVICE device, int number, Color inside) {
    int g = device.size;
    int r = g * g;
    Color near_low = between(NODE(device, number), NODE(device, number + 1), inside.b);
    Color near_high = between(NODE(device, number + g), NODE(device, number + g + 1), inside.b);
    Color far_low = between(NODE(device, number + r), NODE(device, number + r + 1), inside.b);
    Color far_high = between(NODE(device, number + r + g), NODE(device, number + r + g + 1), inside.b);
    return between(between(near_low, near_high, inside.g), between(far_low, far_high, inside.g), inside.r);
}

// The small steps first, so that the value is rounded once.
SHADER float walk(float c0, float c1, float c2, float c3, float most, float middle, float least) {
    return c0 + FMA(most, c1 - c0, FMA(middle, c2 - c1, least * (c3 - c2)));
}

// From the near corner to the far one along the axes in falling order of the place inside the cell.
SHADER Color tetrahedral(DEVICE device, int number, Color inside) {
    int g = device.size;
    int r = g * g;
    float low_rg = LEAST(inside.r, inside.g);
    float high_rg = MOST(inside.r, inside.g);
    float most = MOST(high_rg, inside.b);
    float least = LEAST(low_rg, inside.b);
    float middle = MOST(low_rg, LEAST(high_rg, inside.b));
    int first = inside.r == most ? r : (inside.g == most ? g : 1);
    int last = inside.b == least ? 1 : (inside.g == least ? g : r);
    int far = r + g + 1;
    Color c0 = NODE(device, number);
    Color c1 = NODE(device, number + first);
    Color c2 = NODE(device, number + far - last);
    Color c3 = NODE(device, number + far);
    return make_color(walk(c0.r, c1.r, c2.r, c3.r, most, middle, least),
                      walk(c0.g, c1.g, c2.g, c3.g, most, middle, least),
                      walk(c0.b, c1.b, c2.b, c3.b, most, middle, least));
}

SHADER Color look_through(DEVICE device, bool by_tetrahedra, Color u) {
    if ((device.stages & STAGE_HOLD) != 0)
        u = make_color(hold(u.r, 0.0f, 1.0f), hold(u.g, 0.0f, 1.0f), hold(u.b, 0.0f, 1.0f));
    float cells = float(device.size - 1);
    Color corner = make_color(CUT(u.r * cells), CUT(u.g * cells), CUT(u.b * cells));
    Color inside = make_color(FMA(u.r, cells, -corner.r), FMA(u.g, cells, -corner.g), FMA(u.b, cells, -corner.b));
    float size = float(device.size);
    int number = int(FMA(FMA(corner.r, size, corner.g), size, corner.b));  // exact: below 2**24
    if (by_tetrahedra) return tetrahedral(device, number, inside);  // WebGL chooses no structs by ?:
    return trilinear(device, number, inside);
}

SHADER float raise(DEVICE device, float value) {
    if ((device.stages & STAGE_FLOOR) != 0) value = MOST(value, 0.0f);
    if ((device.stages & STAGE_CUBE) != 0) return value * value * value;
    if ((device.stages & STAGE_EXPONENT) == 0) return value;
    value = LEAST(value, device.ceiling);
    return value > device.lowest ? power(value, device.exponent) : 0.0f;
}

// Lattice values to code values in [0, 1].
SHADER Color show(DEVICE device, Color value) {
    Color light = make_color(raise(device, value.r), raise(device, value.g), raise(device, value.b));
    if ((device.stages & STAGE_LIGHT) != 0) light = transform(device.light, light);
    if ((device.stages & STAGE_HLG) != 0) light = scene_light(device, light);
    return make_color(encode(device, light.r), encode(device, light.g), encode(device, light.b));
}

// A scene pixel to code values.
SHADER Color shade(DEVICE device, bool by_tetrahedra, Color scene) {
    return show(device, look_through(device, by_tetrahedra, expose(device, scene)));
}
