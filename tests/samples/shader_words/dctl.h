// DCTL's words, as far as an exported shader uses them, for a C compiler.
#pragma once
#include <stdbool.h>

#define __DEVICE__ static inline
#define __CONSTANT__ static const
#define __CONSTANTREF__ const

typedef struct { float x, y, z; } float3;
static inline float3 make_float3(float x, float y, float z) {
    float3 color = {x, y, z};
    return color;
}
#define _fmaf(a, b, c) __builtin_fmaf(a, b, c)
#define _fmaxf(a, b) __builtin_fmaxf(a, b)
#define _fminf(a, b) __builtin_fminf(a, b)
#define _floor(x) __builtin_floorf(x)
