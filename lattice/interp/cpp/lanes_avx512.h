// AVX-512: 16 floats in 4 lanes of 4.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace {

constexpr int LANES = 4;
using F = __m512;
using I = __m512i;
using M = __mmask16;

inline F splat(float x) { return _mm512_set1_ps(x); }
inline I splat(int x) { return _mm512_set1_epi32(x); }
inline F load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, F x) { _mm512_storeu_ps(p, x); }
inline void store(int* p, I x) { _mm512_storeu_si512(p, x); }

inline F add(F a, F b) { return _mm512_add_ps(a, b); }
inline F subtract(F a, F b) { return _mm512_sub_ps(a, b); }
inline F multiply(F a, F b) { return _mm512_mul_ps(a, b); }
inline F divide(F a, F b) { return _mm512_div_ps(a, b); }
inline F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
inline F fma_less(F a, F b, F c) { return _mm512_fmsub_ps(a, b, c); }  // a * b - c
inline F least(F a, F b) { return _mm512_min_ps(a, b); }  // b where either is NaN
inline F most(F a, F b) { return _mm512_max_ps(a, b); }
inline F cut(F x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }

inline I add(I a, I b) { return _mm512_add_epi32(a, b); }
inline I subtract(I a, I b) { return _mm512_sub_epi32(a, b); }
inline I both(I a, I b) { return _mm512_and_si512(a, b); }
template <int N> I shift_left(I x) { return _mm512_slli_epi32(x, N); }
template <int N> I shift_right(I x) { return _mm512_srai_epi32(x, N); }

inline I to_int(F x) { return _mm512_cvttps_epi32(x); }
inline F to_float(I x) { return _mm512_cvtepi32_ps(x); }
inline I bits(F x) { return _mm512_castps_si512(x); }
inline F from_bits(I x) { return _mm512_castsi512_ps(x); }

inline bool any(M m) { return m != 0; }
inline M less(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline M equal(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
inline F choose(M m, F yes, F no) { return _mm512_mask_blend_ps(m, no, yes); }
inline I choose(M m, I yes, I no) { return _mm512_mask_blend_epi32(m, no, yes); }

inline F entries(const float* column, I at) { return _mm512_i32gather_ps(at, column, 4); }

// The entries at `at`, STRIDE floats apart, and what stands beside each: half as many loads as two calls of entries().
template <int STRIDE> void pairs(const float* column, I at, F& entry, F& beside) {
    F low = _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_castsi512_si256(at), column, 4 * STRIDE));
    F high = _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_extracti64x4_epi64(at, 1), column, 4 * STRIDE));
    I even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    entry = _mm512_permutex2var_ps(low, even, high);
    beside = _mm512_permutex2var_ps(low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), high);
}

// In each lane, its element J four times.
template <int J> F spread(F x) { return _mm512_permute_ps(x, J * 0x55); }

// A node a lane, for the pixels at[0], at[4], at[8], at[12].
inline F corner(const float* nodes, const int* at) {
    F x = _mm512_castps128_ps512(_mm_load_ps(nodes + at[0]));
    x = _mm512_insertf32x4(x, _mm_load_ps(nodes + at[4]), 1);
    x = _mm512_insertf32x4(x, _mm_load_ps(nodes + at[8]), 2);
    return _mm512_insertf32x4(x, _mm_load_ps(nodes + at[12]), 3);
}

// In each lane, four rows of four become four columns.
inline void turn(F& a, F& b, F& c, F& d) {
    F ab_low = _mm512_unpacklo_ps(a, b), ab_high = _mm512_unpackhi_ps(a, b);
    F cd_low = _mm512_unpacklo_ps(c, d), cd_high = _mm512_unpackhi_ps(c, d);
    a = _mm512_shuffle_ps(ab_low, cd_low, 0x44);
    b = _mm512_shuffle_ps(ab_low, cd_low, 0xee);
    c = _mm512_shuffle_ps(ab_high, cd_high, 0x44);
    d = _mm512_shuffle_ps(ab_high, cd_high, 0xee);
}

// Four RGBA pixels: from memory, and to memory with the alpha of `source`.
inline F widen(const uint16_t* p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)p)); }
inline F widen(const float* p) { return load(p); }

constexpr __mmask16 ALPHA = 0x8888;
inline __m256i narrow(F x) { return _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

template <class In> inline void put(float* out, F color, const In* source) {
    store(out, choose(ALPHA, widen(source), color));
}
inline void put(uint16_t* out, F color, const float* source) {
    _mm256_storeu_si256((__m256i*)out, narrow(choose(ALPHA, load(source), color)));
}
inline void put(uint16_t* out, F color, const uint16_t* source) {
    __m256i alpha = _mm256_loadu_si256((const __m256i*)source);
    _mm256_storeu_si256((__m256i*)out, _mm256_blend_epi16(narrow(color), alpha, 0x88));
}

}  // namespace
