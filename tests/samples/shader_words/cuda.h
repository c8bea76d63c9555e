// CUDA's words, as far as an exported shader uses them, for a C++ compiler: one thread after another.
#pragma once
#include <cstring>

#define __device__
#define __global__
#define __forceinline__ inline

struct float3 { float x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };
static float3 make_float3(float x, float y, float z) { return {x, y, z}; }
static float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static const struct { int x; } blockIdx = {0}, threadIdx = {0}, blockDim = {1}, gridDim = {1};

static inline int __float_as_int(float x) {
    int i;
    std::memcpy(&i, &x, sizeof i);
    return i;
}
static inline float __int_as_float(int i) {
    float x;
    std::memcpy(&x, &i, sizeof x);
    return x;
}
#define __fmaf_rn(a, b, c) __builtin_fmaf(a, b, c)
#define fmaxf(a, b) __builtin_fmaxf(a, b)
#define fminf(a, b) __builtin_fminf(a, b)
#define truncf(x) __builtin_truncf(x)
#define rintf(x) __builtin_rintf(x)
