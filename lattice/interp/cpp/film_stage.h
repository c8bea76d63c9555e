// The film stage of pixel_shader.h, W pixels at a time. Part of block.h, inside its namespace.

constexpr float LOG2_REST[] = {LOG2_5, LOG2_4, LOG2_3, LOG2_2, LOG2_1, LOG2_0};

inline F log_two(F x) {
    I above = subtract(bits(x), splat(SQRT_HALF_BITS));
    F t = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
    F log = fma(t, splat(LOG2_7), splat(LOG2_6));
    for (float next : LOG2_REST) log = fma(t, log, splat(next));
    return fma(t, log, to_float(shift_right<MANTISSA_BITS>(above)));
}

inline F bend(const float* curve, int last, float middle, F x) {
    F end = splat((float)last), whole = cut(fma(x, end, splat(middle)));
    F low, step;
    pairs<2>(curve, to_int(whole), low, step);
    return fma(fma(x, end, subtract(splat(middle), whole)), step, low);
}

// Logarithms of scene light, with which the steps begin.
inline Planes logs(const Device& device, const Planes& c) {
    auto log = [&](F x) { return log_two(hold(x, device.floor, HALF_MAX)); };
    return {log(c.r), log(c.g), log(c.b)};
}

inline Planes mixed(const Step& step, const Planes& c) {
    const float* m = step.matrix;
    auto row = [&](int k) {
        F sum = fma(splat(m[3 * k]), c.r, splat(step.offset[k]));
        return hold(fma(splat(m[3 * k + 2]), c.b, fma(splat(m[3 * k + 1]), c.g, sum)), step.low[k], step.high[k]);
    };
    return {row(0), row(1), row(2)};
}

// A tile's values of one channel, W of each block, through a curve.
inline void bend_all(const Step& step, const float* curve, float middle, float* x) {
    for (int k = 0; k < BLOCKS; ++k, x += 3 * W) store(x, bend(curve, step.last, middle, load(x)));
}

// The same where the curve is a straight line from some x on: most tiles need none of its entries.
inline void bend_or_line(const Step& step, const float* curve, float middle, float* x) {
    M is_bent[BLOCKS];
    bool any_is = false;
    for (int k = 0; k < BLOCKS; ++k) {
        is_bent[k] = less(load(x + 3 * W * k), splat(step.straight));
        any_is |= any(is_bent[k]);
    }
    for (int k = 0; k < BLOCKS; ++k, x += 3 * W) {
        F value = load(x), line = fma(value, splat(step.gain), splat(step.rise));
        store(x, any_is ? choose(is_bent[k], bend(curve, step.last, middle, value), line) : line);
    }
}

// Logarithms of a tile to lattice coordinates. A step at a time, for within one no block waits for another.
SHARED void develop(const Device& device, float* u) {
    for (int i = 0; i < device.steps; ++i) {
        const Step& step = device.step[i];
        const float* curve = device.table + 2 * step.start;
        for (int k = 0; k < 3 * TILE; k += 3 * W)
            store_planes(u + k, mixed(step, {load(u + k), load(u + k + W), load(u + k + 2 * W)}));
        for (int channel = 3 - step.curves; channel < 3; ++channel, curve += 2 * (step.last + 1)) {
            bool has_line = channel != 0 && step.straight <= 1;
            float middle = step.middle[channel], *x = u + channel * W;
            has_line ? bend_or_line(step, curve, middle, x) : bend_all(step, curve, middle, x);
        }
    }
}
