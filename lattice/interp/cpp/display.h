// The display of pixel_shader.h, four blocks of W values at a time. Part of block.h, inside its namespace.

inline Four horner(const Four& x, const Four& sum, float next) {
    return each([&](int k) { return fma(x.of[k], sum.of[k], splat(next)); });
}

constexpr float EXP2_REST[] = {EXP2_3, EXP2_2, EXP2_1, EXP2_0, 1.0f};

// 2 ** (a * b).
inline Four two_to(const Four& a, F b) {
    Four whole = each([&](int k) { return fma(a.of[k], b, splat(ROUNDER)); });
    Four f = each([&](int k) { return fma(a.of[k], b, subtract(splat(ROUNDER), whole.of[k])); });
    Four exp = each([&](int k) { return fma(f.of[k], splat(EXP2_5), splat(EXP2_4)); });
    for (float next : EXP2_REST) exp = horner(f, exp, next);
    return each([&](int k) {
        return from_bits(add(bits(exp.of[k]), shift_left<MANTISSA_BITS>(bits(whole.of[k]))));
    });
}

// log2(1 + t) / t.
inline Four log_slope(const Four& t) {
    Four slope = each([&](int k) { return fma(t.of[k], splat(LOG2_7), splat(LOG2_6)); });
    for (float next : LOG2_REST) slope = horner(t, slope, next);
    return slope;
}

inline Four power(const Four& x, F p) {
    Four t, whole_log;
    for (int k = 0; k < 4; ++k) {
        I above = subtract(bits(x.of[k]), splat(SQRT_HALF_BITS));
        t.of[k] = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
        whole_log.of[k] = to_float(shift_right<MANTISSA_BITS>(above));
    }
    Four slope = log_slope(t);
    return two_to(each([&](int k) { return fma(t.of[k], slope.of[k], whole_log.of[k]); }), p);
}

// Node values to the power of the display's exponent.
inline Four raise(const Device& device, const Four& values) {
    Four held = values;
    if (device.stages & STAGE_FLOOR) held = each([&](int k) { return most(held.of[k], splat(0.0f)); });
    if (device.stages & STAGE_CUBE)
        return each([&](int k) { return multiply(multiply(held.of[k], held.of[k]), held.of[k]); });
    if (!(device.stages & STAGE_EXPONENT)) return held;
    held = each([&](int k) { return least(held.of[k], splat(device.ceiling)); });
    Four raised = power(held, splat(device.exponent));
    return each([&](int k) { return choose(less(splat(device.lowest), held.of[k]), raised.of[k], splat(0.0f)); });
}

inline Four root(const Device& device, const Four& x) {
    Four t, exponent;
    for (int k = 0; k < 4; ++k) {
        I found = subtract(shift_right<MANTISSA_BITS>(bits(x.of[k])), splat(ONE_EXPONENT));
        F reciprocal = from_bits(shift_left<MANTISSA_BITS>(subtract(splat(ONE_EXPONENT), found)));
        t.of[k] = fma_less(x.of[k], reciprocal, splat(1.0f));
        exponent.of[k] = to_float(found);
    }
    Four sum = each([&](int k) { return fma(t.of[k], splat(device.root[7]), splat(device.root[6])); });
    for (int i = 5; i >= 0; --i) sum = horner(t, sum, device.root[i]);
    Four octave = two_to(exponent, splat(device.gamma));
    return each([&](int k) { return fma(sum.of[k], octave.of[k], splat(device.offset)); });
}

inline Four at_least_darkest(const Four& x) {
    return each([&](int k) { return most(x.of[k], splat(DARKEST)); });
}

inline Four to_pq(const Device& device, const Four& x) {
    Four raised = power(at_least_darkest(x), splat(PQ_M1));
    Four t = each([&](int k) {
        F y = multiply(splat(device.peak), raised.of[k]);
        return divide(multiply(splat(PQ_BEND), subtract(y, splat(1.0f))), fma(splat(PQ_C3), y, splat(1.0f)));
    });
    Four slope = log_slope(t);
    return two_to(each([&](int k) { return multiply(t.of[k], slope.of[k]); }), splat(PQ_M2));
}

// A tile's planes of light of a display to the light of the scene that HLG encodes.
inline void to_scene_light(const Device& device, float* planes) {
    auto held = [&](int k, int channel) { return hold(load(planes + (3 * k + channel) * W), 0, 1); };
    for (int i = 0; i < BLOCKS; i += 4, planes += 12 * W) {
        Four luminance = each([&](int k) {
            F red_green = fma(splat(HLG_GREEN), held(k, 1), multiply(splat(HLG_RED), held(k, 0)));
            return fma(splat(HLG_BLUE), held(k, 2), red_green);
        });
        Four gain = power(at_least_darkest(luminance), splat(HLG_GAIN));
        for (int k = 0; k < 4; ++k) {
            F whole = multiply(splat(device.peak), gain.of[k]);
            for (int channel = 0; channel < 3; ++channel)
                store(planes + (3 * k + channel) * W, multiply(whole, held(k, channel)));
        }
    }
}

inline Four to_hlg(const Four& x) {
    Four low = power(at_least_darkest(each([&](int k) { return multiply(splat(3.0f), x.of[k]); })), splat(0.5f));
    return each([&](int k) {
        F inside = most(fma(splat(12.0f), x.of[k], splat(-HLG_B)), splat(DARKEST));
        F high = fma(splat(HLG_LOG), log_two(inside), splat(HLG_C));
        return least(choose(less(splat(HLG_JOINT), x.of[k]), high, low.of[k]), splat(1.0f));
    });
}

inline Four encode(const Device& device, const Four& light) {
    Four x = each([&](int k) { return hold(light.of[k], 0, 1); });
    if (device.stages & STAGE_PQ) return to_pq(device, x);
    if (device.stages & STAGE_HLG) return to_hlg(x);
    if (!(device.stages & (STAGE_ROOT | STAGE_POWER))) return x;
    auto above_toe = [&](int k) { return most(x.of[k], splat(device.toe)); };
    Four high = device.stages & STAGE_ROOT ? root(device, x) : power(each(above_toe), splat(device.gamma));
    return each([&](int k) {
        return choose(less(splat(device.toe), x.of[k]), high.of[k], multiply(splat(device.slope), x.of[k]));
    });
}
