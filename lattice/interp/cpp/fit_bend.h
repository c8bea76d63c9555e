// The normal equations of a Gauss-Newton step of the shaper, whose unknowns are hats on a scale of stops.
#pragma once
#include "fit_corners.h"

namespace {

// What a color says of the shaper: change of the node value with u, the form times each, and the error.
struct Pull {
    double slopes[3][3], formed[3][3], error[3];
};

inline Pull pull_of(const Placed& placed, const double* nodes, const Offsets& offsets, std::ptrdiff_t i) {
    Pull pull = {};
    Place at = place(placed.u + 3 * i, placed.size);
    double weights[CORNERS], changes[CORNERS][3];
    weigh(at.share, placed.by_tetrahedra, weights);
    slope(at.share, placed.size, placed.by_tetrahedra, changes);
    miss(nodes, offsets, at, weights, placed.wanted + 3 * i, pull.error);
    for (int c = 0; c < CORNERS; ++c) {
        const double* node = nodes + (std::ptrdiff_t)(at.cell + offsets.of[c]) * PADDED;
        for (int a = 0; a < 3; ++a)
            for (int k = 0; k < 3; ++k) pull.slopes[a][k] += changes[c][a] * node[k];
    }
    for (int a = 0; a < 3; ++a) times(placed.form + FORM * i, pull.slopes[a], pull.formed[a]);
    return pull;
}

inline void add_block(const Bend& work, const int* left, const double hats[3][2], int a, int b, double value) {
    const std::ptrdiff_t width = 3 * work.bends;
    double* corner = work.matrix + (a * work.bends + left[a]) * width + b * work.bends + left[b];
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) corner[i * width + j] += value * hats[a][i] * hats[b][j];
}

void bend(const Bend& work) {
    const Placed& placed = work.placed;
    const std::ptrdiff_t width = 3 * work.bends;
    std::fill(work.matrix, work.matrix + width * width, 0.0);
    std::fill(work.right, work.right + width, 0.0);
    const Offsets offsets(placed.size);
    const std::vector<double> nodes = padded(placed.nodes, placed.size);
    for (std::ptrdiff_t n = 0; n < placed.count; ++n) {
        const Pull pull = pull_of(placed, nodes.data(), offsets, n);
        int left[3];
        double hats[3][2];
        for (int a = 0; a < 3; ++a) {
            double share = (work.stops[3 * n + a] - work.first) / (work.last - work.first);
            double position = (share > 0 ? std::min(share, 1.0) : 0) * (work.bends - 1);
            left[a] = std::min((int)position, work.bends - 2);
            hats[a][1] = position - left[a], hats[a][0] = 1 - hats[a][1];
        }
        for (int a = 0; a < 3; ++a) {
            double toward = work.share[n] * dot(pull.formed[a], pull.error);
            for (int i = 0; i < 2; ++i) work.right[a * work.bends + left[a] + i] -= toward * hats[a][i];
            for (int b = a; b < 3; ++b)
                add_block(work, left, hats, a, b, work.share[n] * dot(pull.formed[a], pull.slopes[b]));
        }
    }
    for (std::ptrdiff_t i = 0; i < width; ++i)
        for (std::ptrdiff_t j = 0; j < i; ++j) work.matrix[i * width + j] = work.matrix[j * width + i];
}

}  // namespace
