// The pixel shader, hand-vectorised: the same operations in the same order as pixel_shader.h, W pixels at a time.
//
// The text of every instruction set; the includer brings its lanes_*.h. A block of W pixels runs in planes r, g, b whose
// element 4 * lane + j is pixel LANES * j + lane, so that turning 4x4 within the lanes leads from packed RGBA to
// planes and back, and a lattice node is one 16-byte load into a pixel's lane.
#include "strides.h"

namespace {

constexpr int W = 4 * LANES;
struct Planes { F r, g, b; };

constexpr int place(int pixel) { return pixel % LANES * 4 + pixel / LANES; }

inline F hold(F x, float low, float high) { return least(most(x, splat(low)), splat(high)); }

inline Planes transform(const float* m, Planes c) {
    auto row = [&](int k) {
        return fma(splat(m[k + 2]), c.b, fma(splat(m[k + 1]), c.g, multiply(splat(m[k]), c.r)));
    };
    return {row(0), row(3), row(6)};
}

inline F look_up(const float* column, F scene) {
    F x = hold(scene, 0, HALF_MAX);
    I above = subtract(bits(x), splat(HALF_REBIAS));
    M small = less(x, splat(HALF_SMALLEST_NORMAL));
    F steps = multiply(x, splat(HALF_STEPS));
    I whole = to_int(steps);
    F share = multiply(to_float(both(above, splat(HALF_MASK))), splat(HALF_SHARE));
    alignas(64) int code[W];
    store(code, choose(small, whole, shift_right<HALF_SHIFT>(above)));
    share = choose(small, subtract(steps, to_float(whole)), share);
    alignas(64) float low[W], high[W];
    for (int i = 0; i < W; ++i) {
        low[i] = column[code[i]];
        high[i] = column[code[i] + 1];
    }
    F from = load(low);
    return fma(share, subtract(load(high), from), from);
}

inline F known(F x) { return choose(equal(x, x), hold(x, -HALF_MAX, HALF_MAX), splat(0.0f)); }

template <class T> inline Planes expose(const Device& device, const T* rgba) {
    F a = widen(rgba), b = widen(rgba + W), c = widen(rgba + 2 * W), d = widen(rgba + 3 * W);
    turn(a, b, c, d);
    Planes scene = {a, b, c};
    if (device.stages & STAGE_FILM) scene = transform(device.film, {known(a), known(b), known(c)});
    if (!(device.stages & STAGE_TABLE)) return {hold(scene.r, 0, 1), hold(scene.g, 0, 1), hold(scene.b, 0, 1)};
    return {look_up(device.table, scene.r), look_up(device.table + HALF_CODES, scene.g),
            look_up(device.table + 2 * HALF_CODES, scene.b)};
}

// Lattice coordinates of a block into u (3, W).
template <class T> inline void fetch(const Device& device, const T* rgba, float* u) {
    if (sizeof(T) == 2 && (device.stages & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE) {
        for (int k = 0; k < 3; ++k)  // scalar loads beat gathers here
            for (int i = 0; i < W; ++i) u[k * W + place(i)] = device.table[k * HALF_CODES + (int)rgba[4 * i + k]];
        return;
    }
    Planes found = expose(device, rgba);
    store(u, found.r);
    store(u + W, found.g);
    store(u + 2 * W, found.b);
}

// Where a block's pixels stand in the lattice: each pixel's nodes, as offsets in floats, and how to weigh them.
struct alignas(64) Places {
    int at[3][W];
    float share[3][W];
};

template <bool BY_TETRAHEDRA> inline void locate(const Device& device, const float* u, Places& places) {
    F cells = splat((float)(device.size - 1)), last = splat((float)(device.size - 2)), size = splat((float)device.size);
    auto position = [&](int k) { return multiply(load(u + k * W), cells); };
    F r = position(0), g = position(1), b = position(2);
    F cr = least(cut(r), last), cg = least(cut(g), last), cb = least(cut(b), last);
    r = subtract(r, cr), g = subtract(g, cg), b = subtract(b, cb);
    I number = shift_left<2>(to_int(fma(fma(cr, size, cg), size, cb)));  // exact: below 2**24
    store(places.at[0], number);
    if (!BY_TETRAHEDRA) {
        store(places.share[0], r);
        store(places.share[1], g);
        store(places.share[2], b);
        return;
    }
    I one = splat(4), row = splat(4 * device.size), square = splat(4 * device.size * device.size);
    F low_rg = least(r, g), high_rg = most(r, g), first = most(high_rg, b), last_ = least(low_rg, b);
    store(places.at[1], add(number, choose(equal(r, first), square, choose(equal(g, first), row, one))));
    store(places.at[2], subtract(number, choose(equal(b, last_), one, choose(equal(g, last_), row, square))));
    store(places.share[0], first);
    store(places.share[1], most(low_rg, least(high_rg, b)));
    store(places.share[2], last_);
}

inline F between(F low, F high, F share) { return fma(share, subtract(high, low), low); }

template <int J> inline F trilinear(const Device& device, const Places& places) {
    int b = 4, g = 4 * device.size, r = g * device.size;
    F share = spread<J>(load(places.share[2]));
    const int* at = places.at[0] + J;
    auto edge = [&](int offset) { return between(corner(device.nodes + offset, at), corner(device.nodes + offset + b, at), share); };
    F across = spread<J>(load(places.share[1]));
    F low = between(edge(0), edge(g), across);
    F high = between(edge(r), edge(r + g), across);
    return between(low, high, spread<J>(load(places.share[0])));
}

template <int J> inline F tetrahedral(const Device& device, const Places& places) {
    const float* far = device.nodes + 4 * (device.size * device.size + device.size + 1);
    F c0 = corner(device.nodes, places.at[0] + J), c1 = corner(device.nodes, places.at[1] + J);
    F c2 = corner(far, places.at[2] + J), c3 = corner(far, places.at[0] + J);
    F value = fma(spread<J>(load(places.share[0])), subtract(c1, c0), c0);
    value = fma(spread<J>(load(places.share[1])), subtract(c2, c1), value);
    return fma(spread<J>(load(places.share[2])), subtract(c3, c2), value);
}

template <bool BY_TETRAHEDRA, int J> inline void weigh(const Device& device, const Places& places, float* values) {
    store(values + J * W, BY_TETRAHEDRA ? tetrahedral<J>(device, places) : trilinear<J>(device, places));
}

constexpr int CHAINS = 4;  // powers in step with each other: one alone would wait for itself, operation after operation
struct Several { F of[CHAINS]; };

template <class Operation> inline Several each(Operation operation) {
    Several result;
    for (int k = 0; k < CHAINS; ++k) result.of[k] = operation(k);
    return result;
}

inline Several horner(const Several& x, const Several& sum, float next) {
    return each([&](int k) { return fma(x.of[k], sum.of[k], splat(next)); });
}

constexpr float LOG2_REST[] = {LOG2_5, LOG2_4, LOG2_3, LOG2_2, LOG2_1, LOG2_0};
constexpr float EXP2_REST[] = {EXP2_3, EXP2_2, EXP2_1, EXP2_0, 1.0f};

inline Several power(const Several& x, F p) {
    Several t, whole_log;
    for (int k = 0; k < CHAINS; ++k) {
        I above = subtract(bits(x.of[k]), splat(SQRT_HALF_BITS));
        t.of[k] = subtract(from_bits(add(both(above, splat(MANTISSA_MASK)), splat(SQRT_HALF_BITS))), splat(1.0f));
        whole_log.of[k] = to_float(shift_right<MANTISSA_BITS>(above));
    }
    Several log = each([&](int k) { return fma(t.of[k], splat(LOG2_7), splat(LOG2_6)); });
    for (float next : LOG2_REST) log = horner(t, log, next);
    log = each([&](int k) { return fma(t.of[k], log.of[k], whole_log.of[k]); });
    Several whole = each([&](int k) { return fma(log.of[k], p, splat(ROUNDER)); });
    Several f = each([&](int k) { return fma(log.of[k], p, subtract(splat(ROUNDER), whole.of[k])); });
    Several exp = each([&](int k) { return fma(f.of[k], splat(EXP2_5), splat(EXP2_4)); });
    for (float next : EXP2_REST) exp = horner(f, exp, next);
    return each([&](int k) {
        return from_bits(add(bits(exp.of[k]), shift_left<MANTISSA_BITS>(bits(whole.of[k]))));
    });
}

// Node values to the power of the display's exponent.
inline Several raise(const Device& device, const Several& values) {
    Several held = each([&](int k) { return hold(values.of[k], 0, device.ceiling); });
    if (device.stages & STAGE_CUBE)
        return each([&](int k) { return multiply(multiply(held.of[k], held.of[k]), held.of[k]); });
    if (!(device.stages & STAGE_EXPONENT)) return held;
    Several raised = power(held, splat(device.exponent));
    return each([&](int k) { return choose(less(splat(device.lowest), held.of[k]), raised.of[k], splat(0.0f)); });
}

inline Several encode(const Device& device, const Several& light) {
    Several x = each([&](int k) { return hold(light.of[k], 0, 1); });
    if (!(device.stages & STAGE_GAMMA)) return x;
    Several curve = power(x, splat(device.gamma));
    return each([&](int k) {
        F high = fma(splat(device.scale), curve.of[k], splat(device.offset));
        return choose(less(splat(device.toe), x.of[k]), high, multiply(splat(device.slope), x.of[k]));
    });
}

inline Several load_several(const float* p) { return each([&](int k) { return load(p + k * W); }); }
inline void store_several(float* p, const Several& x) {
    for (int k = 0; k < CHAINS; ++k) store(p + k * W, x.of[k]);
}

constexpr int BLOCKS = 8;
constexpr int TILE = BLOCKS * W;

// A tile of values, packed, to code values.
inline void show(const Device& device, float* values) {
    constexpr int SHOWN = STAGE_CUBE | STAGE_EXPONENT | STAGE_LIGHT | STAGE_GAMMA;
    if (!(device.stages & SHOWN)) return;
    alignas(64) float planes[3 * TILE];
    for (int i = 0; i < 4 * TILE; i += CHAINS * W) store_several(values + i, raise(device, load_several(values + i)));
    for (int i = 0; i < BLOCKS; ++i) {
        F a = load(values + 4 * W * i), b = load(values + 4 * W * i + W), c = load(values + 4 * W * i + 2 * W);
        F d = load(values + 4 * W * i + 3 * W);
        turn(a, b, c, d);
        Planes light = {a, b, c};
        if (device.stages & STAGE_LIGHT) light = transform(device.light, light);
        store(planes + 3 * W * i, light.r);
        store(planes + 3 * W * i + W, light.g);
        store(planes + 3 * W * i + 2 * W, light.b);
    }
    for (int i = 0; i < 3 * TILE; i += CHAINS * W) store_several(planes + i, encode(device, load_several(planes + i)));
    for (int i = 0; i < BLOCKS; ++i) {
        F r = load(planes + 3 * W * i), g = load(planes + 3 * W * i + W), b = load(planes + 3 * W * i + 2 * W), a = r;
        turn(r, g, b, a);
        store(values + 4 * W * i, r);
        store(values + 4 * W * i + W, g);
        store(values + 4 * W * i + 2 * W, b);
        store(values + 4 * W * i + 3 * W, a);
    }
}

// A row, a tile at a time, stage after stage: in each stage every block is independent of the others.
template <bool BY_TETRAHEDRA, class In, class Out>
void run_row(const Work& work, std::ptrdiff_t row) {
    alignas(64) float u[BLOCKS][3 * W];
    alignas(64) float values[BLOCKS][4 * W];
    Places places[BLOCKS];
    alignas(64) In staged[4 * TILE];
    alignas(64) Out shown[4 * TILE];
    const Device device = *work.device;
    for (std::ptrdiff_t column = 0; column < work.width; column += TILE) {
        const In* source = packed<TILE>(work.in, row, column, work.width, staged);
        Out* out = place_for<TILE>(work.out, row, column, work.width, shown);
        for (int i = 0; i < BLOCKS; ++i) fetch(device, source + 4 * W * i, u[i]);
        for (int i = 0; i < BLOCKS; ++i) locate<BY_TETRAHEDRA>(device, u[i], places[i]);
        for (int i = 0; i < BLOCKS; ++i) {
            weigh<BY_TETRAHEDRA, 0>(device, places[i], values[i]);
            weigh<BY_TETRAHEDRA, 1>(device, places[i], values[i]);
            weigh<BY_TETRAHEDRA, 2>(device, places[i], values[i]);
            weigh<BY_TETRAHEDRA, 3>(device, places[i], values[i]);
        }
        show(device, values[0]);
        for (int i = 0; i < 4 * TILE; i += W) put(out + i, hold(load(values[0] + i), 0, 1), source + i);
        if (out == shown) unpack<TILE>(shown, work.out, row, column, work.width);
    }
}

template <bool BY_TETRAHEDRA, class In, class Out> struct Rows {
    static void run(const Work& work) {
        for (std::ptrdiff_t row = 0; row < work.height; ++row) run_row<BY_TETRAHEDRA, In, Out>(work, row);
    }
};

}  // namespace
