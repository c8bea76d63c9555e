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

// Four values from anywhere, side by side.
inline void collect(float* to, const float* a, const float* b, const float* c, const float* d) {
    __m128 ab = _mm_unpacklo_ps(_mm_load_ss(a), _mm_load_ss(b)), cd = _mm_unpacklo_ps(_mm_load_ss(c), _mm_load_ss(d));
    _mm_store_ps(to, _mm_movelh_ps(ab, cd));
}

// The entries at `at`, STRIDE floats apart, and what stands beside each: half as many loads as one by one. Pairs that
// are apart come by plain loads, as gathers are slow on Zen.
template <int STRIDE> void pairs(const float* column, I at, F& entry, F& beside) {
    if (STRIDE == 1) {
        F low = _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_castsi512_si256(at), column, sizeof(float)));
        F high = _mm512_castpd_ps(_mm512_i32gather_pd(_mm512_extracti64x4_epi64(at, 1), column, sizeof(float)));
        I even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        entry = _mm512_permutex2var_ps(low, even, high);
        beside = _mm512_permutex2var_ps(low, _mm512_add_epi32(even, _mm512_set1_epi32(1)), high);
        return;
    }
    alignas(64) uint64_t places[8];  // two in each
    store((int*)places, at);
    auto four = [&](int i, int side) {
        auto pair = [&](int k) { return (const double*)(column + STRIDE * (places[i + k] >> side & 0xffffffff)); };
        __m256d low = _mm256_blend_pd(_mm256_broadcast_sd(pair(0)), _mm256_broadcast_sd(pair(1)), 2);
        return _mm256_blend_pd(_mm256_blend_pd(low, _mm256_broadcast_sd(pair(2)), 4), _mm256_broadcast_sd(pair(3)), 8);
    };
    auto eight = [&](int side) {
        return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(four(0, side)), four(4, side), 1));
    };
    F even = eight(0), odd = eight(32);
    entry = _mm512_mask_permute_ps(even, 0xaaaa, odd, 0xa0);
    beside = _mm512_mask_permute_ps(odd, 0x5555, even, 0xf5);
}

inline F mantissa(F x) { return _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src); }  // in [1, 2)

// The entry of a table that the last bits of x's exponent say.
constexpr int OCTAVES = 32;
inline F octave_of(const float* octaves, F x) {
    return _mm512_permutex2var_ps(load(octaves), shift_right<23>(bits(x)), load(octaves + 16));
}

// In each lane, its element J four times.
template <int J> F spread(F x) { return _mm512_permute_ps(x, J * 0x55); }

// A node a lane, for the pixels at[0], at[4], at[8], at[12].
inline F corner(const float* nodes, const int* at) {
    auto two = [&](int i) {
        __m256 x = _mm256_castps128_ps256(_mm_load_ps(nodes + at[i]));
        return _mm256_castps_pd(_mm256_insertf128_ps(x, _mm_load_ps(nodes + at[i + 4]), 1));
    };
    return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(two(0)), two(8), 1));
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

inline void store(uint16_t* p, F x) { _mm256_storeu_si256((__m256i*)p, narrow(x)); }

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
