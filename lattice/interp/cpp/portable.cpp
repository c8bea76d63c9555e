// The pixel shader itself, pixel by pixel: for processors without a hand-vectorised twin, and to hold the twins to.
#include "lanes_scalar.h"
#include "strides.h"

namespace {

constexpr int TILE = 64;
constexpr int HALF_BIAS_BITS = 112 << 23;                // from a half's exponent to a float's
constexpr int HALF_INFINITY = 0x7c00, HALF_QUIET = 0x0200, HALF_SIGN = 0x8000, HALF_MANTISSA = 0x03ff;
constexpr int FLOAT_INFINITY = 0x7f800000, FLOAT_REST = 0x7fffffff;
constexpr float HALF_OVERFLOW = 65520.0f;                // rounds to infinity from here on

float widen(float x) { return x; }

float widen(uint16_t half) {
    int rest = half & (HALF_SIGN - 1), sign = half & HALF_SIGN ? ~FLOAT_REST : 0;
    if (rest >= HALF_INFINITY) {
        int quiet = rest > HALF_INFINITY ? HALF_QUIET : 0;
        return float_of(sign | FLOAT_INFINITY | (((rest - HALF_INFINITY) | quiet) << HALF_SHIFT));
    }
    if (rest <= HALF_MANTISSA) return float_of(bits_of((float)rest * (1.0f / HALF_STEPS)) | sign);
    return float_of(sign | ((rest << HALF_SHIFT) + HALF_BIAS_BITS));
}

void narrow(float x, float& out) { out = x; }

// To the nearest half, to an even one in a tie.
void narrow(float x, uint16_t& out) {
    int all = bits_of(x), sign = (all >> 16) & HALF_SIGN, rest = all & FLOAT_REST;
    float size = float_of(rest);
    int cut = rest >> HALF_SHIFT;
    if (size != size) out = (uint16_t)(sign | HALF_INFINITY | HALF_QUIET | (cut & HALF_MANTISSA));
    else if (size >= HALF_OVERFLOW) out = (uint16_t)(sign | HALF_INFINITY);
    else if (size < HALF_SMALLEST_NORMAL)  // adding 1/2 rounds to whole 2**-24, into the mantissa's low bits
        out = (uint16_t)(sign | (bits_of(size + 0.5f) - bits_of(0.5f)));
    else out = (uint16_t)(sign | ((rest - HALF_BIAS_BITS + (HALF_MASK >> 1) + (cut & 1)) >> HALF_SHIFT));
}

void carry(uint16_t alpha, uint16_t& out) { out = alpha; }
template <class In, class Out> void carry(In alpha, Out& out) { narrow(widen(alpha), out); }

Color place(const Device& device, const float* rgba) {
    return expose(device, make_color(rgba[0], rgba[1], rgba[2]));
}

// A half is its own place in the table, unless a 3x3 comes first.
Color place(const Device& device, const uint16_t* rgba) {
    if ((device.stages & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE)
        return make_color(TABLE(device, 0, rgba[0]), TABLE(device, 1, rgba[1]), TABLE(device, 2, rgba[2]));
    return expose(device, make_color(widen(rgba[0]), widen(rgba[1]), widen(rgba[2])));
}

constexpr int BLOCKS = 64;  // of process.h, a pixel each

template <class In> void take(const In* rgba, float* u) {
    for (int k = 0; k < 3; ++k) u[k] = widen(rgba[k]);
}

template <class In, class Out> void give(Out* out, const float* u, const In* source) {
    for (int k = 0; k < 3; ++k) narrow(u[k], out[k]);
    carry(source[3], out[3]);
}

template <bool BY_TETRAHEDRA> void through(const Device& device, float* u) {
    for (int i = 0; i < BLOCKS; ++i, u += 3) {
        Color found = look_through(device, BY_TETRAHEDRA, make_color(u[0], u[1], u[2]));
        u[0] = found.r, u[1] = found.g, u[2] = found.b;
    }
}

template <bool BY_TETRAHEDRA, class In, class Out> struct Rows {
    static void run(const Work& work) {
        const Device device = *work.device;
        alignas(64) In staged[4 * TILE] = {};  // alpha too, which three channels leave as it is
        alignas(64) Out shown[4 * TILE];
        for (std::ptrdiff_t row = 0; row < work.height; ++row)
            for (std::ptrdiff_t column = 0; column < work.width; column += TILE) {
                const In* source = packed<TILE>(work.in, row, column, work.width, staged);
                for (int i = 0; i < 4 * TILE; i += 4) {
                    Color color = show(device, look_through(device, BY_TETRAHEDRA, place(device, source + i)));
                    narrow(color.r, shown[i]);
                    narrow(color.g, shown[i + 1]);
                    narrow(color.b, shown[i + 2]);
                    carry(source[i + 3], shown[i + 3]);
                }
                unpack<TILE>(shown, work.out, row, column, work.width);
            }
    }
};

}  // namespace

#include "process.h"

void process_portable(const Process& work) { run_process(work); }

void run_portable(const Work& work) { run_typed<Rows>(work); }

// Above with below first, then left with right: the order decides how a sum is rounded, and every set keeps it.
void halve_portable(const Halving& plane, std::ptrdiff_t first_column) {
    std::ptrdiff_t columns = (plane.width + 1) / 2;
    for (std::ptrdiff_t row = 0; row < plane.height; row += 2) {
        const uint16_t* above = plane.in + row * plane.width;
        const uint16_t* below = row + 1 < plane.height ? above + plane.width : above;
        uint16_t* out = plane.out + row / 2 * columns;
        for (std::ptrdiff_t column = first_column; column < columns; ++column) {
            std::ptrdiff_t left = 2 * column, right = left + 1 < plane.width ? left + 1 : left;
            float sum = (widen(above[left]) + widen(below[left])) + (widen(above[right]) + widen(below[right]));
            if (sum != sum) out[column] = HALF_NAN;
            else narrow(sum * 0.25f, out[column]);
        }
    }
}
