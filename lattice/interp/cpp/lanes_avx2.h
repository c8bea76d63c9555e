// AVX2, FMA, F16C: 8 floats in 2 lanes of 4.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace {

constexpr int LANES = 2;
using F = __m256;
using I = __m256i;
using M = __m256;

inline F splat(float x) { return _mm256_set1_ps(x); }
inline I splat(int x) { return _mm256_set1_epi32(x); }
inline F load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, F x) { _mm256_storeu_ps(p, x); }
inline void store(int* p, I x) { _mm256_storeu_si256((__m256i*)p, x); }

inline F add(F a, F b) { return _mm256_add_ps(a, b); }
inline F subtract(F a, F b) { return _mm256_sub_ps(a, b); }
inline F multiply(F a, F b) { return _mm256_mul_ps(a, b); }
inline F divide(F a, F b) { return _mm256_div_ps(a, b); }
inline F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
inline F fma_less(F a, F b, F c) { return _mm256_fmsub_ps(a, b, c); }  // a * b - c
inline F least(F a, F b) { return _mm256_min_ps(a, b); }  // b where either is NaN
inline F most(F a, F b) { return _mm256_max_ps(a, b); }
inline F cut(F x) { return _mm256_round_ps(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }

inline I add(I a, I b) { return _mm256_add_epi32(a, b); }
inline I subtract(I a, I b) { return _mm256_sub_epi32(a, b); }
inline I both(I a, I b) { return _mm256_and_si256(a, b); }
template <int N> I shift_left(I x) { return _mm256_slli_epi32(x, N); }
template <int N> I shift_right(I x) { return _mm256_srai_epi32(x, N); }

inline I to_int(F x) { return _mm256_cvttps_epi32(x); }
inline F to_float(I x) { return _mm256_cvtepi32_ps(x); }
inline I bits(F x) { return _mm256_castps_si256(x); }
inline F from_bits(I x) { return _mm256_castsi256_ps(x); }

inline bool any(M m) { return _mm256_movemask_ps(m) != 0; }
inline M less(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
inline M equal(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
inline F choose(M m, F yes, F no) { return _mm256_blendv_ps(no, yes, m); }
inline I choose(M m, I yes, I no) { return bits(choose(m, from_bits(yes), from_bits(no))); }

// Four values from anywhere, side by side.
inline void collect(float* to, const float* a, const float* b, const float* c, const float* d) {
    __m128 ab = _mm_unpacklo_ps(_mm_load_ss(a), _mm_load_ss(b)), cd = _mm_unpacklo_ps(_mm_load_ss(c), _mm_load_ss(d));
    _mm_store_ps(to, _mm_movelh_ps(ab, cd));
}

// The entries at `at`, STRIDE floats apart, and what stands beside each. By plain loads, as
// gathers are slow on Zen.
template <int STRIDE> void pairs(const float* column, I at, F& entry, F& beside) {
    alignas(32) uint64_t places[4];  // two in each
    store((int*)places, at);
    auto four = [&](int side) {
        auto pair = [&](int k) { return (const double*)(column + STRIDE * (places[k] >> side & 0xffffffff)); };
        __m256d low = _mm256_blend_pd(_mm256_broadcast_sd(pair(0)), _mm256_broadcast_sd(pair(1)), 2);
        low = _mm256_blend_pd(low, _mm256_broadcast_sd(pair(2)), 4);
        return _mm256_castpd_ps(_mm256_blend_pd(low, _mm256_broadcast_sd(pair(3)), 8));
    };
    F even = four(0), odd = four(32);
    entry = _mm256_blend_ps(even, _mm256_permute_ps(odd, 0xa0), 0xaa);
    beside = _mm256_blend_ps(_mm256_permute_ps(even, 0xf5), odd, 0xaa);
}

inline F mantissa(F x) {  // in [1, 2)
    return from_bits(_mm256_or_si256(both(bits(x), splat(0x7fffff)), splat(0x3f800000)));
}

// The entry of a table that the last bits of x's exponent say.
constexpr int OCTAVES = 16;
inline F octave_of(const float* octaves, F x) {
    I place = shift_right<23>(bits(x));
    F low = _mm256_permutevar8x32_ps(load(octaves), place), high = _mm256_permutevar8x32_ps(load(octaves + 8), place);
    return choose(from_bits(shift_left<5>(bits(x))), high, low);
}

// In each lane, its element J four times.
template <int J> F spread(F x) { return _mm256_permute_ps(x, J * 0x55); }

// A node a lane, for the pixels at[0], at[4].
inline F corner(const float* nodes, const int* at) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(nodes + at[0])), _mm_load_ps(nodes + at[4]), 1);
}

// In each lane, four rows of four become four columns.
inline void turn(F& a, F& b, F& c, F& d) {
    F ab_low = _mm256_unpacklo_ps(a, b), ab_high = _mm256_unpackhi_ps(a, b);
    F cd_low = _mm256_unpacklo_ps(c, d), cd_high = _mm256_unpackhi_ps(c, d);
    a = _mm256_shuffle_ps(ab_low, cd_low, 0x44);
    b = _mm256_shuffle_ps(ab_low, cd_low, 0xee);
    c = _mm256_shuffle_ps(ab_high, cd_high, 0x44);
    d = _mm256_shuffle_ps(ab_high, cd_high, 0xee);
}

// Two RGBA pixels: from memory, and to memory with the alpha of `source`.
inline F widen(const uint16_t* p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)p)); }
inline F widen(const float* p) { return load(p); }
inline __m128i narrow(F x) { return _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT); }
inline void store(uint16_t* p, F x) { _mm_storeu_si128((__m128i*)p, narrow(x)); }

template <class In> void put(float* out, F color, const In* source) {
    store(out, _mm256_blend_ps(color, widen(source), 0x88));
}
inline void put(uint16_t* out, F color, const float* source) {
    _mm_storeu_si128((__m128i*)out, narrow(_mm256_blend_ps(color, load(source), 0x88)));
}
inline void put(uint16_t* out, F color, const uint16_t* source) {
    __m128i alpha = _mm_loadu_si128((const __m128i*)source);
    _mm_storeu_si128((__m128i*)out, _mm_blend_epi16(narrow(color), alpha, 0x88));
}

}  // namespace
