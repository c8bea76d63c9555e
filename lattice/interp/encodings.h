// Logarithms, powers and the encodings of displays: the part of pixel_shader.h that includes it.

#define ONE_EXPONENT 127                       // of 1.0, as it stands in its bits
#define SQRT_HALF_BITS 1060439283              // sqrt(1/2): mantissas run from there to sqrt(2), 1 in the middle
#define MANTISSA_BITS 23
#define MANTISSA_MASK 8388607
#define ROUNDER 12582912.0f                    // 1.5 * 2**23: what is added to it is rounded to a whole number

// log2(1 + t) / t on [sqrt(1/2) - 1, sqrt(2) - 1] and (2**f - 1) / f on [-1/2, 1/2]. Source: bench/power_fit.py.
#define LOG2_0 1.4426947832107544f
#define LOG2_1 -0.7213571667671204f
#define LOG2_2 0.48093944787979126f
#define LOG2_3 -0.36008721590042114f
#define LOG2_4 0.28670746088027954f
#define LOG2_5 -0.2500690221786499f
#define LOG2_6 0.23689039051532745f
#define LOG2_7 -0.14574450254440308f
#define EXP2_0 0.6931471824645996f
#define EXP2_1 0.24022647738456726f
#define EXP2_2 0.055503323674201965f
#define EXP2_3 0.00961843691766262f
#define EXP2_4 0.0013398873852565885f
#define EXP2_5 0.00015353361959569156f

#define PQ_M1 0.1593017578125f  // SMPTE ST 2084 and ITU-R BT.2100: see lattice/encodings.py
#define PQ_M2 78.84375f
#define PQ_C3 18.6875f
#define PQ_BEND 0.1640625f
#define HLG_B 0.28466892f
#define HLG_C 0.55991073f
#define HLG_JOINT 0.083333333f
#define HLG_LOG 0.123957432f     // a of HLG, times ln 2
#define HLG_GAIN -0.16666667f    // 1 / system gamma - 1
#define HLG_RED 0.2627f
#define HLG_GREEN 0.6780f
#define HLG_BLUE 0.0593f
#define DARKEST 8.67361738e-19f  // 2**-60: darker light is black to powers of it

SHADER float hold(float x, float low, float high) {  // NaN becomes low
    return LEAST(MOST(x, low), high);
}

// log2(1 + t) / t, for t from sqrt(1/2) - 1 to sqrt(2) - 1.
SHADER float log_slope(float t) {
    float slope = FMA(t, FMA(t, LOG2_7, LOG2_6), LOG2_5);
    slope = FMA(t, FMA(t, slope, LOG2_4), LOG2_3);
    slope = FMA(t, FMA(t, slope, LOG2_2), LOG2_1);
    return FMA(t, slope, LOG2_0);
}

// log2 of a normal float.
SHADER float log_two(float x) {
    int above = BITS(x) - SQRT_HALF_BITS;
    float t = FROM_BITS((above & MANTISSA_MASK) + SQRT_HALF_BITS) - 1.0f;
    return FMA(t, log_slope(t), float(above >> MANTISSA_BITS));
}

// 2 ** (a * b), a normal float.
SHADER float two_to(float a, float b) {
    float whole = NEAREST(a, b);
    float f = FMA(a, b, -whole);
    float exp = FMA(f, FMA(f, EXP2_5, EXP2_4), EXP2_3);
    exp = FMA(f, FMA(f, exp, EXP2_2), EXP2_1);
    exp = FMA(f, FMA(f, exp, EXP2_0), 1.0f);
    return FROM_BITS(BITS(exp) + int(whole) * (MANTISSA_MASK + 1));
}

// x ** p as 2 ** (p * log2 x), where x and x ** p are normal floats.
SHADER float power(float x, float p) { return two_to(log_two(x), p); }

// What the power of two that stands in a float's bits as `exponent` is to the power of gamma, and its reciprocal.
SHADER Octave octave(DEVICE device, int exponent) {
    Octave found;
    found.power = two_to(float(exponent - ONE_EXPONENT), device.gamma);
    found.reciprocal = FROM_BITS((2 * ONE_EXPONENT - exponent) << MANTISSA_BITS);
    return found;
}

#ifndef OCTAVE
#define OCTAVE(device, exponent) octave(device, exponent)
#endif

// scale * x ** gamma + offset: a polynomial of the mantissa, times its octave's power.
SHADER float root(DEVICE device, float x) {
    Octave here = OCTAVE(device, BITS(x) >> MANTISSA_BITS);
    float t = FMA(x, here.reciprocal, -1.0f);
    float sum = FMA(t, FMA(t, device.root[7], device.root[6]), device.root[5]);
    sum = FMA(t, FMA(t, sum, device.root[4]), device.root[3]);
    sum = FMA(t, FMA(t, sum, device.root[2]), device.root[1]);
    sum = FMA(t, sum, device.root[0]);
    return FMA(sum, here.power, device.offset);
}

// PQ as 2 ** (M2 * log2(1 + t)), where t is not above 0, of light that DARKEST stands for if it is darker.
SHADER float to_pq(DEVICE device, float x) {
    float y = device.peak * power(MOST(x, DARKEST), PQ_M1);
    float t = PQ_BEND * (y - 1.0f) / FMA(PQ_C3, y, 1.0f);
    return two_to(t * log_slope(t), PQ_M2);
}

// Light of a display to the light of the scene that HLG encodes, by the display's luminance.
SHADER Color scene_light(DEVICE device, Color c) {
    c = make_color(hold(c.r, 0.0f, 1.0f), hold(c.g, 0.0f, 1.0f), hold(c.b, 0.0f, 1.0f));
    float luminance = FMA(HLG_BLUE, c.b, FMA(HLG_GREEN, c.g, HLG_RED * c.r));
    float gain = device.peak * power(MOST(luminance, DARKEST), HLG_GAIN);
    return make_color(gain * c.r, gain * c.g, gain * c.b);
}

SHADER float to_hlg(float x) {
    float low = power(MOST(3.0f * x, DARKEST), 0.5f);
    float high = FMA(HLG_LOG, log_two(MOST(FMA(12.0f, x, -HLG_B), DARKEST)), HLG_C);
    return LEAST(x > HLG_JOINT ? high : low, 1.0f);
}

SHADER float encode(DEVICE device, float light) {
    float x = hold(light, 0.0f, 1.0f);
    if ((device.stages & STAGE_PQ) != 0) return to_pq(device, x);
    if ((device.stages & STAGE_HLG) != 0) return to_hlg(x);
    if ((device.stages & (STAGE_ROOT | STAGE_POWER)) == 0) return x;
    float high = (device.stages & STAGE_ROOT) != 0 ? root(device, x)
                                                         : power(MOST(x, device.toe), device.gamma);
    return x > device.toe ? high : device.slope * x;
}

