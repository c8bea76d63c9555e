// The words of lanes_*.h for one float at a time: what process.h needs of them, where there are no vectors.
#pragma once
#include "native.h"

namespace {

constexpr int W = 1;
using F = float;
using I = int32_t;
using M = bool;

inline F splat(float x) { return x; }
inline I splat(int x) { return x; }
inline F load(const float* p) { return *p; }
inline void store(float* p, F x) { *p = x; }

inline F add(F a, F b) { return a + b; }
inline F subtract(F a, F b) { return a - b; }
inline F multiply(F a, F b) { return a * b; }
inline F divide(F a, F b) { return a / b; }
inline F fma(F a, F b, F c) { return FMA(a, b, c); }
inline F fma_less(F a, F b, F c) { return FMA(a, b, -c); }  // a * b - c
inline F least(F a, F b) { return LEAST(a, b); }
inline F most(F a, F b) { return MOST(a, b); }

inline I add(I a, I b) { return (I)((uint32_t)a + (uint32_t)b); }  // in lanes that are not chosen it may run over
inline I subtract(I a, I b) { return (I)((uint32_t)a - (uint32_t)b); }
inline I both(I a, I b) { return a & b; }
template <int N> I shift_left(I x) { return (I)((uint32_t)x << N); }
template <int N> I shift_right(I x) { return x >> N; }

inline I to_int(F x) { return (I)x; }
inline F to_float(I x) { return (F)x; }
inline I bits(F x) { return bits_of(x); }
inline F from_bits(I x) { return float_of(x); }

inline M less(F a, F b) { return a < b; }
inline M equal(F a, F b) { return a == b; }
inline F choose(M m, F yes, F no) { return m ? yes : no; }
inline I choose(M m, I yes, I no) { return m ? yes : no; }

template <int STRIDE> void pairs(const float* column, I at, F& entry, F& beside) {
    entry = column[STRIDE * at];
    beside = column[STRIDE * at + 1];
}

}  // namespace
