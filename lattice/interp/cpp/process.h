// The process nodes of LUT files, W pixels at a time: one text for every instruction set, in the words of lanes_*.h.
//
// lattice/interp/process.py is the definition. The includer brings W, BLOCKS and, for a block u (3, W):
//   take(rgba, u)           packed RGBA pixels to planes
//   give(out, u, source)    and back, with the alpha of `source`
//   through<BY_TETRAHEDRA>(device, u)  lattice coordinates in [0, 1] of a tile, BLOCKS of these, to node values

#include <initializer_list>

namespace {

constexpr float SMALLEST = 1.17549435e-38f, LARGEST = 3.40282347e+38f;  // normal floats
constexpr float MOST_OCTAVES = 128.0f, LEAST_OCTAVES = -126.0f;         // of a power of two that is a normal float
constexpr int SIGN_PLACE = 31, REST_MASK = 0x7fffffff, NEGATIVE_HALVES = 32768;
constexpr float LUMA[] = {0.2126f, 0.7152f, 0.0722f};  // ASC CDL 1.2

inline F absolute(F x) { return from_bits(both(bits(x), splat(REST_MASK))); }
inline F held(F x, float low, float high) { return least(most(x, splat(low)), splat(high)); }

// log2 of a normal float or infinity.
inline F octaves(F x) {
    I above = subtract(bits(x), splat(SQRT_HALF_BITS));
    F t = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
    F log = fma(t, splat(LOG2_7), splat(LOG2_6));
    for (float next : {LOG2_5, LOG2_4, LOG2_3, LOG2_2, LOG2_1, LOG2_0}) log = fma(t, log, splat(next));
    return choose(less(splat(LARGEST), x), x, fma(t, log, to_float(shift_right<MANTISSA_BITS>(above))));
}

// 2 ** (a * b): 0 below the smallest normal float, infinity past the largest, NaN of NaN.
inline F two_raised(F a, float b) {
    F product = multiply(a, splat(b)), none = splat(0.0f);
    M is_small = less(product, splat(MOST_OCTAVES));
    F known = choose(is_small, choose(less(product, splat(LEAST_OCTAVES)), none, a), none);
    F whole = subtract(fma(known, splat(b), splat(ROUNDER)), splat(ROUNDER));
    F f = fma_less(known, splat(b), whole);
    F exp = fma(f, splat(EXP2_5), splat(EXP2_4));
    for (float next : {EXP2_3, EXP2_2, EXP2_1, EXP2_0, 1.0f}) exp = fma(f, exp, splat(next));
    F found = from_bits(add(bits(exp), shift_left<MANTISSA_BITS>(to_int(whole))));
    found = choose(less(product, splat(LEAST_OCTAVES)), none, found);
    F past = choose(equal(product, product), from_bits(splat(0x7f800000)), product);
    return choose(is_small, found, past);
}

// x ** p, p above 0; 0 of what is not above the smallest normal float, and of NaN.
inline F raised(F x, float p) {
    return choose(less(splat(SMALLEST), x), two_raised(octaves(most(x, splat(SMALLEST))), p), splat(0.0f));
}

template <class Operation> inline void each_value(float* u, Operation operation) {
    for (int channel = 0; channel < 3; ++channel)
        for (int block = 0; block < BLOCKS; ++block) {
            float* x = u + (3 * block + channel) * W;
            store(x, operation(channel, load(x)));
        }
}

template <class Operation> inline void each_color(float* u, Operation operation) {
    for (int block = 0; block < BLOCKS; ++block, u += 3 * W) {
        F r = load(u), g = load(u + W), b = load(u + 2 * W);
        operation(r, g, b);
        store(u, r);
        store(u + W, g);
        store(u + 2 * W, b);
    }
}

// numbers: 3x3, then the offsets.
void matrix(const ProcessNode& node, float* u) {
    const float* m = node.numbers;
    if (node.flags & MATRIX_DIAGONAL) {  // NaN stays in its channel
        each_value(u, [&](int k, F x) { return fma(x, splat(m[4 * k]), splat(m[9 + k])); });
        return;
    }
    each_color(u, [&](F& r, F& g, F& b) {
        auto row = [&](int k) {
            F sum = fma(splat(m[3 * k]), r, splat(m[9 + k]));
            return fma(splat(m[3 * k + 2]), b, fma(splat(m[3 * k + 1]), g, sum));
        };
        F x = row(0), y = row(1), z = row(2);
        r = x, g = y, b = z;
    });
}

// numbers: scale, offset, low, high.
void range(const ProcessNode& node, float* u) {
    const float* n = node.numbers;
    each_value(u, [&](int, F x) {
        x = fma(x, splat(n[0]), splat(n[1]));
        if (node.flags & RANGE_LOW) x = most(x, splat(n[2]));
        return node.flags & RANGE_HIGH ? least(x, splat(n[3])) : x;
    });
}

// numbers: where each domain begins, entries to 1 of it. data: (3, count + 1), the last entry twice.
void curve(const ProcessNode& node, float* u) {
    const float *first = node.numbers, *scale = node.numbers + 3;
    each_value(u, [&](int channel, F x) {
        const float* column = node.data + (std::ptrdiff_t)channel * (node.count + 1);
        F at = held(multiply(subtract(x, splat(first[channel])), splat(scale[channel])), 0, (float)(node.count - 1));
        I entry = to_int(at);
        F low, high;
        pairs<1>(column, entry, low, high);
        return fma(subtract(at, to_float(entry)), subtract(high, low), low);
    });
}

// data: (3, 65536), by the bits of halves. numbers: the entries of NaN.
void half_curve(const ProcessNode& node, float* u) {
    each_value(u, [&](int channel, F x) {
        F size = held(absolute(x), 0, HALF_MAX);
        I above = subtract(bits(size), splat(HALF_REBIAS));
        M is_small = less(size, splat(HALF_SMALLEST_NORMAL));
        F steps = multiply(size, splat(HALF_STEPS));
        I whole = to_int(least(steps, splat(HALF_MAX)));
        F share = multiply(to_float(both(above, splat(HALF_MASK))), splat(HALF_SHARE));
        share = choose(is_small, subtract(steps, to_float(whole)), share);
        I code = choose(is_small, whole, shift_right<HALF_SHIFT>(above));
        code = add(code, both(shift_right<SIGN_PLACE>(bits(x)), splat(NEGATIVE_HALVES)));
        F low, high;
        pairs<1>(node.data + channel * HALF_CODES, code, low, high);
        return choose(equal(x, x), fma(share, subtract(high, low), low), splat(node.numbers[channel]));
    });
}

// Points of a curve's own. numbers: how many each curve has. data: each curve's x, then y, then the slopes after them.
void points(const ProcessNode& node, float* u) {
    const float* x = node.data;
    for (int channel = 0; channel < 3; ++channel) {
        int count = (int)node.numbers[channel];
        const float *y = x + count, *slope = y + count;
        for (int block = 0; block < BLOCKS; ++block)
            for (float* at = u + (3 * block + channel) * W, *end = at + W; at < end; ++at) {
                int low = 0, high = count;
                float value = *at == *at ? ::hold(*at, x[0], x[count - 1]) : x[0];
                while (high - low > 1) {
                    int middle = (low + high) / 2;
                    (x[middle] <= value ? low : high) = middle;
                }
                *at = FMA(value - x[low], slope[low], y[low]);
            }
        x = slope + count;
    }
}

void lattice(const ProcessNode& node, float* u) {
    each_value(u, [](int, F x) { return held(x, 0, 1); });
    node.flags & LATTICE_TETRAHEDRA ? through<true>(*node.device, u) : through<false>(*node.device, u);
}

// numbers, three of each: lin_slope, lin_offset, octaves to 1 of the code (log_slope / log2 base), log_offset, break,
// slope and offset of the line.
void logarithm(const ProcessNode& node, float* u) {
    auto n = [&](int which, int channel) { return splat(node.numbers[3 * which + channel]); };
    each_value(u, [&](int k, F x) {
        F log = octaves(most(fma(n(0, k), x, n(1, k)), splat(SMALLEST)));
        F code = fma(log, n(2, k), n(3, k));
        if (!(node.flags & LOG_LINE)) return code;
        M is_line = less(x, n(4, k));  // NaN, which has no place on it, takes the curve as without a line
        return choose(is_line, fma(n(5, k), x, n(6, k)), code);
    });
}

// The same numbers, but octaves of a code of 1, and the break's code.
void antilogarithm(const ProcessNode& node, float* u) {
    auto n = [&](int which, int channel) { return splat(node.numbers[3 * which + channel]); };
    each_value(u, [&](int k, F x) {
        F light = two_raised(subtract(x, n(3, k)), node.numbers[6 + k]);
        light = divide(subtract(light, n(1, k)), n(0, k));
        if (!(node.flags & LOG_LINE)) return light;
        return choose(less(n(4, k), x), light, divide(subtract(x, n(6, k)), n(5, k)));
    });
}

// numbers, three of each: power; of joined curves scale and offset before it, break and slope of the line, scale and
// offset after.
void exponent(const ProcessNode& node, float* u) {
    auto n = [&](int which, int channel) { return splat(node.numbers[3 * which + channel]); };
    each_value(u, [&](int k, F given) {
        F x = node.flags & EXPONENT_MIRROR ? absolute(given) : given, y;
        if (node.flags & EXPONENT_LINE) {
            y = fma(raised(fma(x, n(1, k), n(2, k)), node.numbers[k]), n(5, k), n(6, k));
            y = choose(less(n(3, k), x), y, multiply(x, n(4, k)));
        } else {
            y = raised(x, node.numbers[k]);
            if (node.flags & EXPONENT_PASS) y = choose(less(splat(0.0f), x), y, x);
        }
        if (!(node.flags & EXPONENT_MIRROR)) return y;
        y = choose(less(given, splat(0.0f)), subtract(splat(0.0f), y), y);
        return choose(equal(given, given), y, given);
    });
}

inline void saturate(F& r, F& g, F& b, float saturation) {
    F luma = fma(splat(LUMA[2]), b, fma(splat(LUMA[1]), g, multiply(splat(LUMA[0]), r)));
    auto moved = [&](F x) { return fma(subtract(x, luma), splat(saturation), luma); };
    F x = moved(r), y = moved(g), z = moved(b);
    r = x, g = y, b = z;
}

inline F graded(const ProcessNode& node, int k, F x) {
    if (node.flags & CDL_CLAMP) return raised(held(x, 0, 1), node.numbers[6 + k]);
    F known = choose(equal(x, x), x, splat(0.0f));
    return choose(less(splat(0.0f), known), raised(known, node.numbers[6 + k]), known);
}

inline F ended(const ProcessNode& node, F x) { return node.flags & CDL_CLAMP ? held(x, 0, 1) : x; }

// numbers, three of each: slope, offset, power; then saturation. Those of an inverse are reciprocals but the offset.
void cdl(const ProcessNode& node, float* u) {
    const float *slope = node.numbers, *offset = slope + 3, saturation = node.numbers[9];
    each_color(u, [&](F& r, F& g, F& b) {
        F* color[] = {&r, &g, &b};
        if (node.flags & CDL_INVERSE) {
            for (F* x : color) *x = ended(node, *x);
            saturate(r, g, b, saturation);
            for (int k = 0; k < 3; ++k)
                *color[k] = multiply(subtract(graded(node, k, *color[k]), splat(offset[k])), splat(slope[k]));
        } else {
            for (int k = 0; k < 3; ++k) *color[k] = graded(node, k, fma(*color[k], splat(slope[k]), splat(offset[k])));
            saturate(r, g, b, saturation);
        }
        for (F* x : color) *x = ended(node, *x);
    });
}

void (*const NODES[])(const ProcessNode&, float*) = {matrix,        range,    curve, half_curve, points,
                                                     lattice,       logarithm, antilogarithm, exponent, cdl};

template <class In, class Out> struct ProcessRows {
    static void run(const Process& work) {
        alignas(64) In staged[4 * BLOCKS * W] = {};
        alignas(64) Out shown[4 * BLOCKS * W] = {};
        alignas(64) float u[3 * BLOCKS * W + W];  // a fourth plane is read, and is anything
        constexpr int COUNT = BLOCKS * W;
        for (std::ptrdiff_t row = 0; row < work.height; ++row)
            for (std::ptrdiff_t column = 0; column < work.width; column += COUNT) {
                const In* source = packed<COUNT>(work.in, row, column, work.width, staged);
                Out* out = place_for<COUNT>(work.out, row, column, work.width, shown);
                for (int i = 0; i < BLOCKS; ++i) take(source + 4 * W * i, u + 3 * W * i);
                for (int i = 0; i < work.count; ++i) NODES[work.nodes[i].kind](work.nodes[i], u);
                for (int i = 0; i < BLOCKS; ++i) give(out + 4 * W * i, u + 3 * W * i, source + 4 * W * i);
                if (out == shown) unpack<COUNT>(shown, work.out, row, column, work.width);
            }
    }
};

inline void run_process(const Process& work) {
    bool half_in = work.in.half != 0, half_out = work.out.half != 0;
    if (half_in && half_out) ProcessRows<uint16_t, uint16_t>::run(work);
    else if (half_in) ProcessRows<uint16_t, float>::run(work);
    else if (half_out) ProcessRows<float, uint16_t>::run(work);
    else ProcessRows<float, float>::run(work);
}

}  // namespace
