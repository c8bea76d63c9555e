// CUDA's words, as far as kernel.cu uses them, for a C++ compiler: the kernel runs on the host, thread after thread.
#pragma once
#define CUDA_WORDS  // so that cuda_words.h stays empty

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define __device__
#define __global__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(threads)
#define SHARED(type, name) type* name = (type*)host.shared

typedef unsigned int Word;
struct uint4 { unsigned x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct Index { int x, y; };

static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

// What a kernel's constants and CUDA's own variables are here. One thread of the host runs one thread of a block.
struct Host {
    char* shared;
    int by_tetrahedra, wide, whole, nodes_staged, table_staged, threads;
    bool stops_at_barrier;
    long faults;  // 16-byte accesses that a GPU would refuse
};
static thread_local Host host;
static thread_local Index threadIdx, blockIdx, gridDim;
static thread_local std::jmp_buf barrier;

static inline void __syncthreads() {
    if (host.stops_at_barrier) std::longjmp(barrier, 1);
}

template <class T> static inline T sixteen_bytes(const T* p) {
    if ((uintptr_t)p % 16) ++host.faults;
    T four;
    std::memcpy(&four, p, sizeof four);
    return four;
}
static inline uint4 __ldcs(const uint4* p) { return sixteen_bytes(p); }
static inline void __stcs(uint4* p, uint4 four) {
    if ((uintptr_t)p % 16) ++host.faults;
    std::memcpy(p, &four, sizeof four);
}
static inline float __ldg(const float* p) { return *p; }
static inline float4 __ldg(const float4* p) { return sixteen_bytes(p); }
static inline float2 __ldg(const float2* p) { return *p; }

static inline int bits_of(float x) {
    int i;
    std::memcpy(&i, &x, sizeof i);
    return i;
}

static inline float float_of(int i) {
    float x;
    std::memcpy(&x, &i, sizeof x);
    return x;
}

// Source: PTX ISA, max, min: a NaN counts as absent, and 0 as more than -0.
static inline float larger(float a, float b) {
    if (a != a) return b;
    return b != b || a > b || (a == b && bits_of(a) >= bits_of(b)) ? a : b;
}

static inline float smaller(float a, float b) {
    if (a != a) return b;
    return b != b || a < b || (a == b && bits_of(a) < bits_of(b)) ? a : b;
}

#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#define MOST(a, b) larger(a, b)
#define LEAST(a, b) smaller(a, b)
#define CUT(x) __builtin_truncf(x)
#define NEAREST(a, b) (FMA(a, b, ROUNDER) - ROUNDER)
#define BITS(x) bits_of(x)
#define FROM_BITS(i) float_of(i)

// IEEE halves. Source: PTX ISA, cvt: a NaN becomes the one NaN 0x7fff, or 0x7fffffff as a float.
static inline float widen(Word half) {
    int rest = half & 0x7fff, sign = half & 0x8000 ? (int)0x80000000 : 0;
    if (rest > 0x7c00) return float_of(0x7fffffff);
    if (rest == 0x7c00) return float_of(sign | 0x7f800000);
    if (rest < 0x0400) return float_of(bits_of((float)rest * 0x1p-24f) | sign);
    return float_of(sign | ((rest << 13) + (112 << 23)));
}

static inline Word narrow(float x) {
    int all = bits_of(x), sign = (all >> 16) & 0x8000, rest = all & 0x7fffffff;
    float size = float_of(rest);
    if (size != size) return 0x7fff;
    if (size >= 65520.0f) return sign | 0x7c00;
    if (size < 0x1p-14f) return sign | (bits_of(size + 0.5f) - bits_of(0.5f));
    return sign | ((rest - (112 << 23) + 0x0fff + ((rest >> 13) & 1)) >> 13);
}

static inline Word hold_half(Word half, Word low, Word high) {
    float x = widen(half), bottom = widen(low), top = widen(high);
    if (x != x || x <= bottom) return low;  // -0 where 0 is the lowest
    return x > top ? high : half;
}

static inline Word hold_halves(Word halves, Word low, Word high) {
    return hold_half(halves & 0xffff, low & 0xffff, high & 0xffff) |
           hold_half(halves >> 16, low >> 16, high >> 16) << 16;
}
