// NEON of AArch64: 4 floats, one lane of 4.
#pragma once
#include <arm_neon.h>

#include <cstdint>

namespace {

constexpr int LANES = 1;
using F = float32x4_t;
using I = int32x4_t;
using M = uint32x4_t;

inline F splat(float x) { return vdupq_n_f32(x); }
inline I splat(int x) { return vdupq_n_s32(x); }
inline F load(const float* p) { return vld1q_f32(p); }
inline void store(float* p, F x) { vst1q_f32(p, x); }
inline void store(int* p, I x) { vst1q_s32(p, x); }

inline bool any(M m) { return vmaxvq_u32(m) != 0; }
inline M less(F a, F b) { return vcltq_f32(a, b); }
inline M equal(F a, F b) { return vceqq_f32(a, b); }
inline F choose(M m, F yes, F no) { return vbslq_f32(m, yes, no); }
inline I choose(M m, I yes, I no) { return vbslq_s32(m, yes, no); }

inline F add(F a, F b) { return vaddq_f32(a, b); }
inline F subtract(F a, F b) { return vsubq_f32(a, b); }
inline F multiply(F a, F b) { return vmulq_f32(a, b); }
inline F divide(F a, F b) { return vdivq_f32(a, b); }
inline F fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
inline F fma_less(F a, F b, F c) { return vfmaq_f32(vnegq_f32(c), a, b); }  // a * b - c
inline F least(F a, F b) { return choose(less(a, b), a, b); }  // b where either is NaN, unlike vminq
inline F most(F a, F b) { return choose(less(b, a), a, b); }
inline F cut(F x) { return vrndq_f32(x); }

// Unsigned: in lanes that are not chosen later a sum may run over, which a signed one must not.
inline M unsign(I x) { return vreinterpretq_u32_s32(x); }
inline I add(I a, I b) { return vreinterpretq_s32_u32(vaddq_u32(unsign(a), unsign(b))); }
inline I subtract(I a, I b) { return vreinterpretq_s32_u32(vsubq_u32(unsign(a), unsign(b))); }
inline I both(I a, I b) { return vandq_s32(a, b); }
template <int N> I shift_left(I x) { return vshlq_n_s32(x, N); }
template <int N> I shift_right(I x) { return vshrq_n_s32(x, N); }

inline I to_int(F x) { return vcvtq_s32_f32(x); }
inline F to_float(I x) { return vcvtq_f32_s32(x); }
inline I bits(F x) { return vreinterpretq_s32_f32(x); }
inline F from_bits(I x) { return vreinterpretq_f32_s32(x); }

// Four values from anywhere, side by side.
inline void collect(float* to, const float* a, const float* b, const float* c, const float* d) {
    to[0] = *a, to[1] = *b, to[2] = *c, to[3] = *d;
}

inline F entries(const float* column, I at) {
    float found[] = {column[vgetq_lane_s32(at, 0)], column[vgetq_lane_s32(at, 1)], column[vgetq_lane_s32(at, 2)],
                     column[vgetq_lane_s32(at, 3)]};
    return load(found);
}

// The entries at `at`, STRIDE floats apart, and what stands beside each.
template <int STRIDE> void pairs(const float* column, I at, F& entry, F& beside) {
    I place = shift_left<STRIDE - 1>(at);
    entry = entries(column, place);
    beside = entries(column + 1, place);
}

inline F mantissa(F x) {  // in [1, 2)
    return from_bits(vorrq_s32(both(bits(x), splat(0x7fffff)), splat(0x3f800000)));
}

// The entry of a table that the last bits of x's exponent say.
constexpr int OCTAVES = 16;
inline F octave_of(const float* octaves, F x) {
    const uint8_t* table = (const uint8_t*)octaves;
    I entry = both(shift_right<23>(bits(x)), splat(OCTAVES - 1));
    I bytes = add(vmulq_s32(entry, splat(0x04040404)), splat(0x03020100));
    uint8x16x4_t four = {{vld1q_u8(table), vld1q_u8(table + 16), vld1q_u8(table + 32), vld1q_u8(table + 48)}};
    return vreinterpretq_f32_u8(vqtbl4q_u8(four, vreinterpretq_u8_s32(bytes)));
}

// Element J four times.
template <int J> F spread(F x) { return vdupq_laneq_f32(x, J); }

// The node of the pixel at[0].
inline F corner(const float* nodes, const int* at) { return load(nodes + at[0]); }

// Four rows of four become four columns.
inline void turn(F& a, F& b, F& c, F& d) {
    F ac_low = vzip1q_f32(a, c), ac_high = vzip2q_f32(a, c), bd_low = vzip1q_f32(b, d), bd_high = vzip2q_f32(b, d);
    a = vzip1q_f32(ac_low, bd_low);
    b = vzip2q_f32(ac_low, bd_low);
    c = vzip1q_f32(ac_high, bd_high);
    d = vzip2q_f32(ac_high, bd_high);
}

// An RGBA pixel: from memory, and to memory with the alpha of `source`.
inline F widen(const uint16_t* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
inline F widen(const float* p) { return load(p); }
inline uint16x4_t narrow(F x) { return vreinterpret_u16_f16(vcvt_f16_f32(x)); }
inline void store(uint16_t* p, F x) { vst1_u16(p, narrow(x)); }

template <class In> inline void put(float* out, F color, const In* source) {
    store(out, vcopyq_laneq_f32(color, 3, widen(source), 3));
}
inline void put(uint16_t* out, F color, const float* source) {
    vst1_u16(out, narrow(vcopyq_laneq_f32(color, 3, load(source), 3)));
}
inline void put(uint16_t* out, F color, const uint16_t* source) {
    vst1_u16(out, vset_lane_u16(source[3], narrow(color), 3));
}

}  // namespace
