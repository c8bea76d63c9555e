// What the instruction sets share: the pixel shader's words in C++, how a picture lies in memory, one call.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

static inline int32_t bits_of(float x) {
    int32_t i;
    std::memcpy(&i, &x, sizeof i);
    return i;
}

static inline float float_of(int32_t i) {
    float x;
    std::memcpy(&x, &i, sizeof x);
    return x;
}

static inline float curve_of(const float* entry, float share) { return __builtin_fmaf(share, entry[1], entry[0]); }

#define SHADER static inline  // each instruction set compiles its own
#define DEVICE const Device&
#define DEVICE_MEMORY const float* table; const float* nodes;  // (3, 65536); (size**3 and past it, 4), 16-byte aligned
#define TABLE(device, channel, code) ((device).table[(channel) * HALF_CODES + (code)])
#define CURVE(device, number, share) curve_of((device).table + 2 * (number), share)  // an entry and its step
#define NODE(device, number) node_of((device).nodes, number)
#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#define MOST(a, b) ((a) > (b) ? (a) : (b))
#define LEAST(a, b) ((a) < (b) ? (a) : (b))
#define CUT(x) (float)(int)(x)
#define NEAREST(a, b) (FMA(a, b, ROUNDER) - ROUNDER)
#define BITS(x) bits_of(x)
#define FROM_BITS(i) float_of(i)

constexpr int HALF_CODES = 65536;
struct Color;
static inline Color node_of(const float* nodes, int number);

#include "../pixel_shader.h"

static inline Color node_of(const float* nodes, int number) {
    return make_color(nodes[4 * number], nodes[4 * number + 1], nodes[4 * number + 2]);
}

struct Picture {
    char* pixels;
    std::ptrdiff_t row, column, channel;  // bytes from one to the next, any sign
    int channels;                         // 3 or 4
    int half;                             // float16, else float32
};

// A picture, or some rows of one, through the device; `out` may be `in`.
struct Work {
    const Device* device;
    Picture in, out;
    std::ptrdiff_t width, height;
    int by_tetrahedra;
};

// A process node of a LUT file as process.h takes it: kind is a place in its NODES; each says what its numbers are.
struct ProcessNode {
    int kind, flags, count;
    float numbers[24];
    const float* data;
    const Device* device;  // whose nodes and size a lattice is
};

enum { MATRIX_DIAGONAL = 1 };
enum { RANGE_LOW = 1, RANGE_HIGH = 2 };
enum { LATTICE_TETRAHEDRA = 1 };
enum { LOG_LINE = 1 };
enum { EXPONENT_MIRROR = 1, EXPONENT_PASS = 2, EXPONENT_LINE = 4 };
enum { CDL_CLAMP = 1, CDL_INVERSE = 2 };

// A picture, or some rows of one, through process nodes; `out` may be `in`.
struct Process {
    const ProcessNode* nodes;
    std::ptrdiff_t count;
    Picture in, out;
    std::ptrdiff_t width, height;
};

void process_avx512(const Process&);
void process_avx2(const Process&);
void process_neon(const Process&);
void process_portable(const Process&);

void run_avx512(const Work&);
void run_avx2(const Work&);
void run_neon(const Work&);
void run_portable(const Work&);

// A plane of halves, and its means of 2x2, (width + 1) / 2 by (height + 1) / 2; at an odd edge of what is there.
struct Halving {
    const uint16_t* in;
    uint16_t* out;
    std::ptrdiff_t width, height;
};

constexpr uint16_t HALF_NAN = 0x7e00;  // of a mean without a value: which of several NaNs comes through is the set's

void halve_avx2(const Halving&);
void halve_portable(const Halving&, std::ptrdiff_t first_column = 0);

// Work in the types of its pictures: Rows<BY_TETRAHEDRA, In, Out>::run(work). Static, for the Rows of every instruction
// set have one name: of functions that are not static a linker keeps one.
template <template <bool, class, class> class Rows>
static inline void run_typed(const Work& work) {
    bool half_in = work.in.half != 0, half_out = work.out.half != 0;
    if (work.by_tetrahedra) {
        if (half_in && half_out) Rows<true, uint16_t, uint16_t>::run(work);
        else if (half_in) Rows<true, uint16_t, float>::run(work);
        else if (half_out) Rows<true, float, uint16_t>::run(work);
        else Rows<true, float, float>::run(work);
    } else {
        if (half_in && half_out) Rows<false, uint16_t, uint16_t>::run(work);
        else if (half_in) Rows<false, uint16_t, float>::run(work);
        else if (half_out) Rows<false, float, uint16_t>::run(work);
        else Rows<false, float, float>::run(work);
    }
}
