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

INLINED Four power(const Four& x, F p) {
    Four t, whole_log;
    for (int k = 0; k < 4; ++k) {
        I above = subtract(bits(x.of[k]), splat(SQRT_HALF_BITS));
        t.of[k] = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
        whole_log.of[k] = to_float(shift_right<MANTISSA_BITS>(above));
    }
    Four slope = log_slope(t);
    return two_to(each([&](int k) { return fma(t.of[k], slope.of[k], whole_log.of[k]); }), p);
}

template <class Operation> inline void each_four(float* planes, Operation operation) {
    for (int i = 0; i < 3 * TILE; i += 4 * W) store_four(planes + i, operation(load_four(planes + i)));
}

// Light of a display, of a block's node values; but for an exponent that is another than 1 and 3.
INLINED Planes lit(const Device& device, Planes x) {
    if (device.stages & STAGE_FLOOR) x = {most(x.r, splat(0.0f)), most(x.g, splat(0.0f)), most(x.b, splat(0.0f))};
    auto cube = [](F value) { return multiply(multiply(value, value), value); };
    if (device.stages & STAGE_CUBE) x = {cube(x.r), cube(x.g), cube(x.b)};
    return (device.stages & (STAGE_LIGHT | STAGE_EXPONENT)) == STAGE_LIGHT ? transform(device.light, x) : x;
}

// The rest of a tile's light where there is such an exponent.
SHARED void raise(const Device& device, float* planes) {
    each_four(planes, [&](const Four& values) {
        Four held = each([&](int k) { return least(values.of[k], splat(device.ceiling)); });
        Four raised = power(held, splat(device.exponent));
        return each([&](int k) { return choose(less(splat(device.lowest), held.of[k]), raised.of[k], splat(0.0f)); });
    });
    if (!(device.stages & STAGE_LIGHT)) return;
    for (float* x = planes; x < planes + 3 * TILE; x += 3 * W)
        store_planes(x, transform(device.light, {load(x), load(x + W), load(x + 2 * W)}));
}

// Powers of two from `smallest` to 1, to the power of gamma; by the last bits of their exponents.
struct Octaves {
    alignas(64) float of[OCTAVES + W];  // a store is of W
    float smallest;
};

inline Octaves octaves_of(const Device& device) {
    Octaves found;
    found.smallest = float_of((ONE_EXPONENT + 1 - OCTAVES) << MANTISSA_BITS);
    for (int k = 0; k < OCTAVES; ++k) {
        Four exponent = each([&](int) { return splat((float)(k + 1 - OCTAVES)); });
        store(found.of + k, two_to(exponent, splat(device.gamma)).of[0]);
    }
    return found;
}

// The power of two that is in each x, to the power of gamma: from the table, unless an x above the toe is too small.
inline Four octaves_at(const Device& device, const Octaves& octaves, const Four& x) {
    F least_x = splat(1.0f);
    for (const F& each_x : x.of) least_x = least(least_x, choose(less(splat(device.toe), each_x), each_x, splat(1.0f)));
    if (device.toe >= octaves.smallest || !any(less(least_x, splat(octaves.smallest))))
        return each([&](int k) { return octave_of(octaves.of, x.of[k]); });
    Four exponent = each([&](int k) {
        return to_float(subtract(shift_right<MANTISSA_BITS>(bits(x.of[k])), splat(ONE_EXPONENT)));
    });
    return two_to(exponent, splat(device.gamma));
}

inline Four root(const Device& device, const Octaves& octaves, const Four& x) {
    Four t = each([&](int k) { return subtract(mantissa(x.of[k]), splat(1.0f)); });
    Four sum = each([&](int k) { return fma(t.of[k], splat(device.root[7]), splat(device.root[6])); });
    for (int i = 5; i >= 0; --i) sum = horner(t, sum, device.root[i]);
    Four octave = octaves_at(device, octaves, x);
    return each([&](int k) { return fma(sum.of[k], octave.of[k], splat(device.offset)); });
}

inline Four at_least_darkest(const Four& x) {
    return each([&](int k) { return most(x.of[k], splat(DARKEST)); });
}

INLINED Four to_pq(const Device& device, const Four& x) {
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

INLINED Four to_hlg(const Four& x) {
    Four low = power(at_least_darkest(each([&](int k) { return multiply(splat(3.0f), x.of[k]); })), splat(0.5f));
    return each([&](int k) {
        F inside = most(fma(splat(12.0f), x.of[k], splat(-HLG_B)), splat(DARKEST));
        F high = fma(splat(HLG_LOG), log_two(inside), splat(HLG_C));
        return least(choose(less(splat(HLG_JOINT), x.of[k]), high, low.of[k]), splat(1.0f));
    });
}

inline Four encode(const Device& device, const Octaves& octaves, const Four& light) {
    Four x = each([&](int k) { return hold(light.of[k], 0, 1); });
    if (device.stages & STAGE_PQ) return to_pq(device, x);
    if (device.stages & STAGE_HLG) return to_hlg(x);
    if (!(device.stages & (STAGE_ROOT | STAGE_POWER))) return x;
    auto above_toe = [&](int k) { return most(x.of[k], splat(device.toe)); };
    Four high = device.stages & STAGE_ROOT ? root(device, octaves, x) : power(each(above_toe), splat(device.gamma));
    return each([&](int k) {
        return choose(less(splat(device.toe), x.of[k]), high.of[k], multiply(splat(device.slope), x.of[k]));
    });
}
