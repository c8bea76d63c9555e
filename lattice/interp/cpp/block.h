// The pixel shader, hand-vectorised: the same operations in the same order as pixel_shader.h, W pixels at a time.
//
// The text of every instruction set; the includer brings its lanes_*.h. A block of W pixels runs in planes r, g, b. Of
// packed pixels element 4 * lane + j is pixel LANES * j + lane, so that turning 4x4 within the lanes leads to planes
// and back; of planes in memory it is pixel 4 * lane + j. In both a node is one 16-byte load into a pixel's lane.
#include "strides.h"

#define INLINED inline __attribute__((always_inline))  // where a call a block shows in the figures
#define SHARED __attribute__((noinline, flatten))  // a call a tile, which costs nothing: all registers are its own
#define APART __attribute__((noinline, cold))  // where the text of a rare stage, inlined, slows the way past it

namespace {

constexpr int W = 4 * LANES;
constexpr int TILE = 64;  // pixels: 4 blocks at least; few, for a tile shares the cache with the lattice
constexpr int BLOCKS = TILE / W;
constexpr int AHEAD = 192;  // pixels: how far ahead memory is called for
constexpr int CACHE_LINE = 64;
constexpr int LARGE = 40;  // nodes along a side: 1 MB of them
struct Planes { F r, g, b; };

// Four at a time: the packed pixels of a block, or powers in step, for one alone would wait for itself at every step.
struct Four { F of[4]; };

template <class Operation> inline Four each(Operation operation) {
    return {{operation(0), operation(1), operation(2), operation(3)}};
}

inline void turn(Four& x) { turn(x.of[0], x.of[1], x.of[2], x.of[3]); }
inline Four load_four(const float* p) { return each([&](int k) { return load(p + k * W); }); }

inline void store_four(float* p, const Four& x) {
    for (int k = 0; k < 4; ++k) store(p + k * W, x.of[k]);
}

inline void store_planes(float* p, const Planes& x) {
    store(p, x.r);
    store(p + W, x.g);
    store(p + 2 * W, x.b);
}

inline F hold(F x, float low, float high) { return least(most(x, splat(low)), splat(high)); }

inline Planes transform(const float* m, Planes c) {
    auto row = [&](int k) {
        return fma(splat(m[k + 2]), c.b, fma(splat(m[k + 1]), c.g, multiply(splat(m[k]), c.r)));
    };
    return {row(0), row(3), row(6)};
}

template <bool IS_SIGNED> inline F look_up(const Device& device, int channel, F scene) {
    const float* column = device.table + channel * HALF_CODES;
    M known = equal(scene, scene);
    F size = least(from_bits(both(bits(scene), splat(SIZE_BITS))), splat(HALF_MAX));
    F x = IS_SIGNED ? choose(known, size, splat(NAN_PLACE)) : hold(scene, device.darkest, device.brightest);
    I above = subtract(bits(x), splat(HALF_REBIAS));
    M small = less(x, splat(HALF_SMALLEST_NORMAL));
    F steps = multiply(x, splat(HALF_STEPS));
    I whole = to_int(steps);
    F share = multiply(to_float(both(above, splat(HALF_MASK))), splat(HALF_SHARE));
    I code = choose(small, whole, shift_right<HALF_SHIFT>(above));
    share = choose(small, subtract(steps, to_float(whole)), share);
    I side = both(shift_right<16>(bits(scene)), splat(HALF_SIGN_BIT));
    if (IS_SIGNED) code = add(code, choose(known, side, splat(0)));
    F low, high;
    pairs<1>(column, code, low, high);
    return fma(share, subtract(high, low), low);
}

APART Planes look_up_signed(const Device& device, Planes c) {
    return {look_up<true>(device, 0, c.r), look_up<true>(device, 1, c.g), look_up<true>(device, 2, c.b)};
}

#include "film_stage.h"

inline F known(F x) { return choose(equal(x, x), hold(x, -HALF_MAX, HALF_MAX), splat(0.0f)); }

INLINED Planes expose(const Device& device, Planes scene) {
    if (device.stages & STAGE_FILM) scene = transform(device.film, {known(scene.r), known(scene.g), known(scene.b)});
    if (device.stages & STAGE_LOG) return logs(device, scene);
    if (!(device.stages & STAGE_TABLE)) return {hold(scene.r, 0, 1), hold(scene.g, 0, 1), hold(scene.b, 0, 1)};
    if (device.stages & STAGE_SIGNED) return look_up_signed(device, scene);
    return {look_up<false>(device, 0, scene.r), look_up<false>(device, 1, scene.g), look_up<false>(device, 2, scene.b)};
}

// Lattice coordinates of a block into u (3, W), or what develop() makes them of.
template <class From> INLINED void fetch(const Device& device, const From& source, int block, float* u) {
    if (From::IS_HALF && (device.stages & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE) {
        for (int lane = 0; lane < LANES; ++lane) {  // scalar loads: as fast as gathers, and that on every processor
            const auto halves = source.halves(block, lane);
            for (int k = 0; k < 3; ++k) {
                auto entry = [&](int pixel) { return device.table + k * HALF_CODES + halves.of(k, pixel); };
                collect(u + k * W + 4 * lane, entry(0), entry(1), entry(2), entry(3));
            }
        }
        return;
    }
    store_planes(u, expose(device, source.scene(block)));
}

// A tile's coordinates, of a table with entries outside of [0, 1].
APART void hold_all(float* u) {
    for (int i = 0; i < 3 * TILE; i += W) store(u + i, hold(load(u + i), 0, 1));
}

// Where a block's pixels stand in the lattice: each pixel's nodes, as offsets in floats, and how to weigh them.
struct alignas(64) Places {
    int at[3][W];
    float share[3][W];
};

template <bool BY_TETRAHEDRA> INLINED void locate(const Device& device, const float* u, Places& places) {
    F cells = splat((float)(device.size - 1)), size = splat((float)device.size);
    F r = load(u), g = load(u + W), b = load(u + 2 * W);
    F cr = cut(multiply(r, cells)), cg = cut(multiply(g, cells)), cb = cut(multiply(b, cells));
    r = fma_less(r, cells, cr), g = fma_less(g, cells, cg), b = fma_less(b, cells, cb);
    I number = shift_left<2>(to_int(fma(fma(cr, size, cg), size, cb)));  // exact: below 2**24
    store(places.at[0], number);
    if (!BY_TETRAHEDRA) {
        store_planes(places.share[0], {r, g, b});
        return;
    }
    I one = splat(4), row = splat(4 * device.size), square = splat(4 * device.size * device.size);
    F low_rg = least(r, g), high_rg = most(r, g), large = most(high_rg, b), small = least(low_rg, b);
    store(places.at[1], add(number, choose(equal(r, large), square, choose(equal(g, large), row, one))));
    store(places.at[2], subtract(number, choose(equal(b, small), one, choose(equal(g, small), row, square))));
    store_planes(places.share[0], {large, most(low_rg, least(high_rg, b)), small});
}

inline F between(F low, F high, F share) { return fma(share, subtract(high, low), low); }

template <int J> INLINED F trilinear(const Device& device, const Places& places) {
    int b = 4, g = 4 * device.size, r = g * device.size;
    F share = spread<J>(load(places.share[2]));
    const int* at = places.at[0] + J;
    auto edge = [&](int offset) {
        const float* near = device.nodes + offset;
        return between(corner(near, at), corner(near + b, at), share);
    };
    F across = spread<J>(load(places.share[1]));
    F low = between(edge(0), edge(g), across);
    F high = between(edge(r), edge(r + g), across);
    return between(low, high, spread<J>(load(places.share[0])));
}

template <int J> INLINED F tetrahedral(const Device& device, const Places& places) {
    const float* far = device.nodes + 4 * (device.size * device.size + device.size + 1);
    F c0 = corner(device.nodes, places.at[0] + J), c1 = corner(device.nodes, places.at[1] + J);
    F c2 = corner(far, places.at[2] + J), c3 = corner(far, places.at[0] + J);
    F steps = multiply(spread<J>(load(places.share[2])), subtract(c3, c2));
    steps = fma(spread<J>(load(places.share[1])), subtract(c2, c1), steps);
    return add(c0, fma(spread<J>(load(places.share[0])), subtract(c1, c0), steps));
}

template <bool BY_TETRAHEDRA> INLINED Four weigh(const Device& device, const Places& places) {
    if (BY_TETRAHEDRA)
        return {{tetrahedral<0>(device, places), tetrahedral<1>(device, places), tetrahedral<2>(device, places),
                 tetrahedral<3>(device, places)}};
    return {{trilinear<0>(device, places), trilinear<1>(device, places), trilinear<2>(device, places),
             trilinear<3>(device, places)}};
}

#include "display.h"
#include "forms.h"

// A tile's coordinates to what the lattice has there, in planes, through the display up to its encoding.
template <bool BY_TETRAHEDRA> SHARED void look_through(const Device& device, const float* u, float* planes) {
    Places places[BLOCKS];
    for (int i = 0; i < BLOCKS; ++i) locate<BY_TETRAHEDRA>(device, u + 3 * W * i, places[i]);
    for (int i = 0; i < BLOCKS; ++i) {
        Four found = weigh<BY_TETRAHEDRA>(device, places[i]);
        turn(found);
        store_planes(planes + 3 * W * i, lit(device, {found.of[0], found.of[1], found.of[2]}));
    }
}

// A tile of a display's light, in planes, to code values.
SHARED void show(const Device& device, const Octaves& octaves, float* planes) {
    if (device.stages & STAGE_EXPONENT) raise(device, planes);
    if (device.stages & STAGE_HLG) to_scene_light(device, planes);
    each_four(planes, [&](const Four& light) { return encode(device, octaves, light); });
}

// A tile's coordinates to code values, where no stage is after the lattice.
template <bool BY_TETRAHEDRA, class From, class To, class Operation>
SHARED void show_values(const Device& device, const float* u, const From& source, const To& out, Operation call_ahead) {
    Places places[BLOCKS];
    for (int i = 0; i < BLOCKS; ++i) locate<BY_TETRAHEDRA>(device, u + 3 * W * i, places[i]);
    for (int i = 0; i < BLOCKS; ++i) {
        call_ahead(i);  // here, where memory is less busy than while pixels are fetched
        Four found = weigh<BY_TETRAHEDRA>(device, places[i]);
        out.put_values(i, each([&](int k) { return hold(found.of[k], 0, 1); }), source);
    }
}

// A row, a tile at a time, stage after stage: in each stage every block is independent of the others.
template <bool BY_TETRAHEDRA, class From, class To>
void run_row(const Work& work, const Octaves& octaves, std::ptrdiff_t row) {
    alignas(64) float u[3 * TILE], planes[3 * TILE + W];  // a fourth plane is read, and is anything
    typename From::Room staged;
    typename To::Room shown;
    const Device device = *work.device;
    const bool is_shown = device.stages & ~STAGES_OF_PLACE;  // any stage after the lattice
    for (std::ptrdiff_t column = 0; column < work.width; column += TILE) {
        const From source = From::read(work.in, row, column, work.width, staged);
        const To out = To::place(work.out, row, column, work.width, shown);
        auto call_ahead = [&](int block) __attribute__((always_inline)) {
            From::call_ahead(work.in, row, column + AHEAD + W * block);
            To::call_ahead(work.out, row, column + AHEAD + W * block);
        };
        for (int i = 0; i < BLOCKS; ++i) {
            if (is_shown) call_ahead(i);
            fetch(device, source, i, u + 3 * W * i);
        }
        if (device.stages & STAGE_LOG) develop(device, u);
        if (device.stages & STAGE_HOLD) hold_all(u);
        if (is_shown) {
            look_through<BY_TETRAHEDRA>(device, u, planes);
            show(device, octaves, planes);
            for (int i = 0; i < BLOCKS; ++i) out.put(i, load_four(planes + 3 * W * i), source);
        } else {
            show_values<BY_TETRAHEDRA>(device, u, source, out, call_ahead);
        }
        out.finish(work.out, row, column, work.width, shown);
    }
}

// A block of process.h: packed pixels to planes u (3, W) and back, and through a lattice.
template <class In> inline void take(const In* rgba, float* u) { store_planes(u, planes_of(rgba)); }

template <class In, class Out> inline void give(Out* out, const float* u, const In* source) {
    put_planes(out, load_four(u), source);
}

// Calls for the nodes of a block, where the lattice is larger than the cache that is near.
template <bool BY_TETRAHEDRA> inline void call_for_nodes(const Device& device, const Places& places) {
    int g = 4 * device.size, r = g * device.size;
    const float *near = device.nodes, *far = near + r + g + 4;
    for (int k = 0; k < W; ++k) {
        int at = places.at[0][k];
        __builtin_prefetch(near + at);
        __builtin_prefetch(far + at);
        __builtin_prefetch(BY_TETRAHEDRA ? near + places.at[1][k] : near + at + g);
        __builtin_prefetch(BY_TETRAHEDRA ? far + places.at[2][k] : near + at + r);
    }
}

// All places of a tile first: so the nodes of one block are on their way while those of another are weighed.
template <bool BY_TETRAHEDRA> inline void through(const Device& device, float* u) {
    Places places[BLOCKS];
    for (int i = 0; i < BLOCKS; ++i) {
        locate<BY_TETRAHEDRA>(device, u + 3 * W * i, places[i]);
        if (device.size >= LARGE) call_for_nodes<BY_TETRAHEDRA>(device, places[i]);
    }
    for (int i = 0; i < BLOCKS; ++i) {
        Four found = weigh<BY_TETRAHEDRA>(device, places[i]);
        turn(found);
        store_planes(u + 3 * W * i, {found.of[0], found.of[1], found.of[2]});
    }
}

template <bool BY_TETRAHEDRA, class In, class Out> struct Rows {
    static void run(const Work& work) {
        const Octaves octaves = octaves_of(*work.device);
        auto row = run_row<BY_TETRAHEDRA, Packed<In>, Packed<Out>>;
        if (is_apart<In>(work.in) && is_apart<Out>(work.out)) row = run_row<BY_TETRAHEDRA, Apart<In>, Apart<Out>>;
        for (std::ptrdiff_t k = 0; k < work.height; ++k) row(work, octaves, k);
    }
};

}  // namespace
