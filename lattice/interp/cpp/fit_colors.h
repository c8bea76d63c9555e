// What colors are: curves, spectra, and how differences of node values look.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "fit_corners.h"

namespace {

constexpr int BUCKETS = 4;  // for each entry of a curve, in which a value's entry is looked for

// One column of x through `many` curves, as numpy.interp does.
void through(const Curves& work, int column, int many) {
    const int last = work.entries - 1, width = work.columns, lone = work.shared ? 1 : width;
    std::vector<double> at(work.entries), value(work.entries * many), slope(work.entries * many);
    for (int j = 0; j <= last; ++j) {
        at[j] = work.at[lone * j + column];
        for (int k = 0; k < many; ++k) value[many * j + k] = work.values[width * j + column + k];
    }
    for (int j = 0; j < last; ++j)
        for (int k = 0; k < many && at[j + 1] > at[j]; ++k)
            slope[many * j + k] = (value[many * (j + 1) + k] - value[many * j + k]) / (at[j + 1] - at[j]);
    const int buckets = BUCKETS * work.entries;
    const double low = at[0], high = at[last], gain = high > low ? buckets / (high - low) : 0;
    std::vector<int> first(buckets);
    for (int i = 0, j = 0; i < buckets; ++i) {
        while (j < last - 1 && (at[j + 1] - low) * gain <= i) ++j;
        first[i] = j;
    }
    for (std::ptrdiff_t i = 0; i < work.count; ++i) {
        const double x = work.x[lone * i + column];
        double* out = work.out + width * i + column;
        int j = x < low ? 0 : last;  // beyond the ends
        double past = 0;
        if (x >= low && x < high) {
            const double bucket = (x - low) * gain;  // may be infinite, or NaN, on a scale of denormals
            j = first[bucket < buckets ? (int)bucket : buckets - 1];
            while (at[j + 1] <= x) ++j;
            while (at[j] > x) --j;
            past = x - at[j];
        }
        for (int k = 0; k < many; ++k) {
            const double held = value[many * j + k];
            out[k] = x != x ? x : past == 0 ? held : slope[many * j + k] * past + held;
        }
    }
}

void curves(const Curves& work) {
    if (work.shared) return through(work, 0, work.columns);
    for (int k = 0; k < work.columns; ++k) through(work, k, 1);
}

constexpr int BLOCK = 256;  // colors at a time
constexpr float ROUNDER = 12582912;  // 1.5 * 2**23: a sum ends in a whole number's bits
constexpr int EXPONENT = 23;          // where it begins in a float's bits
constexpr uint32_t ONE = 0x3f800000;  // the bits of 1
constexpr double LOG2_10 = 3.321928094887362;

// 2**x for x from -126 to 127, within 3e-9 by interpolation at Chebyshev's points on [-1/2, 1/2], and a float's own
// rounding; NaN stays NaN, other x give any number.
inline float exp_two(float x) {
    float shifted = x + ROUNDER, part = x - (shifted - ROUNDER), power = 0.00015461445f;
    power = power * part + 0.00134004280f;
    power = power * part + 0.00961805694f;
    power = power * part + 0.05550327152f;
    power = power * part + 0.24022650719f;
    power = power * part + 0.69314718246f;
    power = power * part + 1.0f;
    uint32_t bits;
    float scale;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << EXPONENT) + ONE;
    std::memcpy(&scale, &bits, sizeof scale);
    return power * scale;
}

void spectra(const Spectra& work) {
    float amount[3][BLOCK], light[3][BLOCK];
    for (std::ptrdiff_t start = 0; start < work.count; start += BLOCK) {
        const int count = (int)std::min<std::ptrdiff_t>(BLOCK, work.count - start);
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < BLOCK; ++i) {
                amount[k][i] = (float)work.amounts[3 * (start + std::min(i, count - 1)) + k];
                light[k][i] = 0;
            }
        for (int band = 0; band < work.bands; ++band) {
            float base = (float)(-LOG2_10 * work.base[band]), dye[3], weight[3];
            for (int k = 0; k < 3; ++k) {
                dye[k] = (float)(-LOG2_10 * work.dyes[k * work.bands + band]);
                weight[k] = (float)work.weights[k * work.bands + band];
            }
            for (int i = 0; i < BLOCK; ++i) {
                float passed = exp_two(base + amount[0][i] * dye[0] + amount[1][i] * dye[1] + amount[2][i] * dye[2]);
                light[0][i] += passed * weight[0];
                light[1][i] += passed * weight[1];
                light[2][i] += passed * weight[2];
            }
        }
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < count; ++i) work.light[3 * (start + i) + k] = light[k][i];
    }
}

constexpr double KNEE = 6.0 / 29, SEVENTH = 6103515625, LEAST_CHROMA = 1e-300;  // of CIELAB; CIEDE2000's 25**7

// A third of the bits is within 4 %; each of Halley's steps makes three times as many digits right.
inline double cube_root(double x) {
    float near = (float)x;
    int32_t bits;
    std::memcpy(&bits, &near, sizeof bits);
    bits = bits / 3 + 709921077;
    std::memcpy(&near, &bits, sizeof near);
    double root = near;
    for (int i = 0; i < 2; ++i) {
        double cube = root * root * root;
        root = root * (cube + 2 * x) / (2 * cube + x);
    }
    return root;
}

// A node value as CIELAB's lightness, red-green and yellow-blue without offset, and their changes with it.
struct Lab {
    double value[3], slopes[3][3];
};

inline Lab lab_of(const double* node, const double* to_relative, double darkest) {
    double held[3], bent[3], slope[3];
    for (int k = 0; k < 3; ++k) held[k] = std::max(node[k], darkest);
    Lab lab;
    for (int r = 0; r < 3; ++r) {
        const double* m = to_relative + 3 * r;
        double xyz = 0;
        for (int k = 0; k < 3; ++k) xyz += m[k] * (held[k] * held[k] * held[k]);
        xyz = std::max(xyz, darkest * darkest * darkest);
        const bool is_dark = xyz < KNEE * KNEE * KNEE;
        double root = cube_root(xyz), at = is_dark ? KNEE : root;
        bent[r] = is_dark ? xyz / (3 * KNEE * KNEE) + 4.0 / 29 : root;
        slope[r] = 1 / (at * at);
    }
    for (int k = 0; k < 3; ++k) {
        double x = to_relative[k] * slope[0], y = to_relative[3 + k] * slope[1], z = to_relative[6 + k] * slope[2];
        double gain = held[k] * held[k];
        lab.slopes[0][k] = 116 * gain * y;
        lab.slopes[1][k] = 500 * gain * (x - y);
        lab.slopes[2][k] = 200 * gain * (y - z);
    }
    lab.value[0] = 116 * bent[1] - 16;
    lab.value[1] = 500 * (bent[0] - bent[1]);
    lab.value[2] = 200 * (bent[1] - bent[2]);
    return lab;
}

// CIEDE2000 of a small change, without the terms that depend on hue: see `forms` of by_numpy.py.
inline void form_of(const double* node, const double* to_relative, double darkest, double* form) {
    const Lab lab = lab_of(node, to_relative, darkest);
    double a = lab.value[1], b = lab.value[2], above = (lab.value[0] - 50) * (lab.value[0] - 50);
    double squared = a * a + b * b, seventh = squared * squared * squared * std::sqrt(squared);
    double gain = 1.5 - 0.5 * std::sqrt(seventh / (seventh + SEVENTH)), red = gain * a;
    double chroma = std::sqrt(red * red + b * b);
    double inverse = 1 / std::max(chroma, LEAST_CHROMA), c = chroma > LEAST_CHROMA ? red * inverse : 1, s = b * inverse;
    double of_lightness = 1 / (1 + 0.015 * above / std::sqrt(20 + above));
    double of_chroma = 1 / (1 + 0.045 * chroma), of_hue = 1 / (1 + 0.015 * chroma);
    double rows[3][3];
    for (int k = 0; k < 3; ++k) {
        rows[0][k] = of_lightness * lab.slopes[0][k];
        rows[1][k] = of_chroma * (gain * c * lab.slopes[1][k] + s * lab.slopes[2][k]);
        rows[2][k] = of_hue * (c * lab.slopes[2][k] - gain * s * lab.slopes[1][k]);
    }
    form[0] = rows[0][0] * rows[0][0] + rows[1][0] * rows[1][0] + rows[2][0] * rows[2][0];
    form[1] = rows[0][1] * rows[0][1] + rows[1][1] * rows[1][1] + rows[2][1] * rows[2][1];
    form[2] = rows[0][2] * rows[0][2] + rows[1][2] * rows[1][2] + rows[2][2] * rows[2][2];
    form[3] = rows[0][1] * rows[0][2] + rows[1][1] * rows[1][2] + rows[2][1] * rows[2][2];
    form[4] = rows[0][0] * rows[0][2] + rows[1][0] * rows[1][2] + rows[2][0] * rows[2][2];
    form[5] = rows[0][0] * rows[0][1] + rows[1][0] * rows[1][1] + rows[2][0] * rows[2][1];
}

void forms(const Forms& work) {
    double node[3][BLOCK], form[FORM][BLOCK], to_relative[9];
    for (int k = 0; k < 9; ++k) to_relative[k] = work.to_relative[k];
    for (std::ptrdiff_t start = 0; start < work.count; start += BLOCK) {
        const int count = (int)std::min<std::ptrdiff_t>(BLOCK, work.count - start);
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < BLOCK; ++i) node[k][i] = work.nodes[3 * (start + std::min(i, count - 1)) + k];
        for (int i = 0; i < BLOCK; ++i) {
            double one[3] = {node[0][i], node[1][i], node[2][i]}, found[FORM];
            form_of(one, to_relative, work.darkest, found);
            for (int k = 0; k < FORM; ++k) form[k][i] = found[k];
        }
        for (int i = 0; i < count; ++i)
            for (int k = 0; k < FORM; ++k) work.forms[FORM * (start + i) + k] = form[k][i];
    }
}

void seen(const Seen& work) {
    const Placed& placed = work.placed;
    const Offsets offsets(placed.size);
    const std::vector<double> nodes = padded(placed.nodes, placed.size);
    for (std::ptrdiff_t i = 0; i < placed.count; ++i) {
        Place at = place(placed.u + 3 * i, placed.size);
        double weights[CORNERS], error[3], product[3];
        weigh(at.share, placed.by_tetrahedra, weights);
        miss(nodes.data(), offsets, at, weights, placed.wanted + 3 * i, error);
        times(placed.form + FORM * i, error, product);
        work.out[i] = std::sqrt(std::max(dot(error, product), 0.0));
    }
}

}  // namespace
