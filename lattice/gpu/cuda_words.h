// What the kernel asks of a GPU beyond CUDA C++'s own words. A host that runs the kernel defines its own instead.
#pragma once
#ifndef CUDA_WORDS
#define CUDA_WORDS

#define SHARED(type, name) extern __shared__ type name[]
#define FMA(a, b, c) __fmaf_rn(a, b, c)
#define MOST(a, b) fmaxf(a, b)
#define LEAST(a, b) fminf(a, b)
#define CUT(x) truncf(x)
#define NEAREST(a, b) (FMA(a, b, ROUNDER) - ROUNDER)
#define BITS(x) __float_as_int(x)
#define FROM_BITS(i) __int_as_float(i)

typedef unsigned int Word;  // two halves, the first in the low bits; or a float

static __device__ __forceinline__ float widen(Word half) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"((unsigned short)half));
    return x;
}

static __device__ __forceinline__ Word narrow(float x) {
    unsigned short half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
    return half;
}

#if __CUDA_ARCH__ < 800
static __device__ __forceinline__ Word hold_half(Word half, Word low, Word high) {
    return narrow(fminf(fmaxf(widen(half), widen(low)), widen(high)));
}
#endif

// Both halves of a word between those of `low` and `high`; NaN becomes low.
static __device__ __forceinline__ Word hold_halves(Word halves, Word low, Word high) {
#if __CUDA_ARCH__ >= 800
    asm("max.f16x2 %0, %1, %2;" : "=r"(halves) : "r"(halves), "r"(low));
    asm("min.f16x2 %0, %1, %2;" : "=r"(halves) : "r"(halves), "r"(high));
    return halves;
#else
    return hold_half(halves, low, high) | hold_half(halves >> 16, low >> 16, high >> 16) << 16;
#endif
}

#endif
