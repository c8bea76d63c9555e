// The film stage of pixel_shader.h, W pixels at a time. Part of block.h, inside its namespace.

constexpr float LOG2_REST[] = {LOG2_5, LOG2_4, LOG2_3, LOG2_2, LOG2_1, LOG2_0};

inline F log_two(F x) {
    I above = subtract(bits(x), splat(SQRT_HALF_BITS));
    F t = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
    F log = fma(t, splat(LOG2_7), splat(LOG2_6));
    for (float next : LOG2_REST) log = fma(t, log, splat(next));
    return fma(t, log, to_float(shift_right<MANTISSA_BITS>(above)));
}

inline F bend(const float* curve, int last, F x) {
    F end = splat((float)last), whole = cut(multiply(x, end));
    F low, step;
    pairs(curve, to_int(whole), low, step);
    return fma(fma_less(x, end, whole), step, low);
}

// The same where the curve is a straight line from some x on: most pixels need none of its entries.
inline F bend(const Step& step, const float* curve, F x) {
    F line = fma(x, splat(step.gain), splat(step.rise));
    M is_bent = less(x, splat(step.straight));
    return any(is_bent) ? choose(is_bent, bend(curve, step.last, x), line) : line;
}

// Scene light to lattice coordinates through the film stage.
inline Planes develop(const Device& device, Planes c) {
    c = {log_two(hold(c.r, device.floor, HALF_MAX)), log_two(hold(c.g, device.floor, HALF_MAX)),
         log_two(hold(c.b, device.floor, HALF_MAX))};
    for (int i = 0; i < device.steps; ++i) {
        const Step& step = device.step[i];
        const float* m = step.matrix;
        auto row = [&](int k) {
            F sum = fma(splat(m[3 * k]), c.r, splat(step.offset[k]));
            return hold(fma(splat(m[3 * k + 2]), c.b, fma(splat(m[3 * k + 1]), c.g, sum)), 0, 1);
        };
        c = {row(0), row(1), row(2)};
        const float* curve = device.table + 2 * step.start;
        const int length = 2 * (step.last + 1);
        if (step.curves == 3) {
            c.r = bend(curve, step.last, c.r);
            curve += length;
        }
        if (step.curves) {
            c.g = bend(step, curve, c.g);
            c.b = bend(step, curve + length, c.b);
        }
    }
    return c;
}
