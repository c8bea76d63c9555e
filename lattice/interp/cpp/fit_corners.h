// A place in a lattice: its cell, the weights of the cell's eight corners, and how they change.
#pragma once
#include <algorithm>
#include <vector>

#include "fit.h"

namespace {

constexpr int CORNERS = 8, PADDED = 4;  // corner c is on the far side along r, g, b by its bits 4, 2, 1
constexpr int BITS_OF_AXES[3] = {4, 2, 1};

struct Place {
    int cell;         // number of the node at its near corner
    double share[3];  // of the way through the cell
};

inline Place place(const double* u, int size) {
    Place found;
    int at[3];
    for (int k = 0; k < 3; ++k) {
        double position = (u[k] > 0 ? std::min(u[k], 1.0) : 0) * (size - 1);  // of NaN 0, too
        at[k] = std::min((int)position, size - 2);
        found.share[k] = position - at[k];
    }
    found.cell = (at[0] * size + at[1]) * size + at[2];
    return found;
}

// The axes from the largest share to the smallest; the first of equal ones first.
inline void falling(const double* share, int* order) {
    order[0] = 0, order[1] = 1, order[2] = 2;
    if (share[order[1]] > share[order[0]]) std::swap(order[0], order[1]);
    if (share[order[2]] > share[order[1]]) std::swap(order[1], order[2]);
    if (share[order[1]] > share[order[0]]) std::swap(order[0], order[1]);
}

inline void weigh(const double* share, bool by_tetrahedra, double* weights) {
    if (!by_tetrahedra) {
        double r[2] = {1 - share[0], share[0]}, g[2] = {1 - share[1], share[1]}, b[2] = {1 - share[2], share[2]};
        for (int c = 0; c < CORNERS; ++c) weights[c] = r[c >> 2] * g[c >> 1 & 1] * b[c & 1];
        return;
    }
    int order[3], at = 0;
    falling(share, order);
    for (int c = 0; c < CORNERS; ++c) weights[c] = 0;
    double left = 1;
    for (int k : order) {
        weights[at] = left - share[k];
        left = share[k];
        at |= BITS_OF_AXES[k];
    }
    weights[at] = left;
}

// The change of each weight with u along each axis.
inline void slope(const double* share, int size, bool by_tetrahedra, double slopes[CORNERS][3]) {
    if (!by_tetrahedra) {
        double side[3][2];
        for (int k = 0; k < 3; ++k) side[k][0] = 1 - share[k], side[k][1] = share[k];
        for (int c = 0; c < CORNERS; ++c) {
            int far[3] = {c >> 2, c >> 1 & 1, c & 1};
            for (int k = 0; k < 3; ++k) {
                double others = side[(k + 1) % 3][far[(k + 1) % 3]] * side[(k + 2) % 3][far[(k + 2) % 3]];
                slopes[c][k] = (far[k] ? others : -others) * (size - 1);
            }
        }
        return;
    }
    int order[3], at = 0;
    falling(share, order);
    for (int c = 0; c < CORNERS; ++c) slopes[c][0] = slopes[c][1] = slopes[c][2] = 0;
    for (int k : order) {
        slopes[at][k] -= size - 1;
        at |= BITS_OF_AXES[k];
        slopes[at][k] += size - 1;
    }
}

// Numbers of a cell's corners, from that of its near one.
struct Offsets {
    int of[CORNERS];
    explicit Offsets(int size) {
        for (int c = 0; c < CORNERS; ++c) of[c] = ((c >> 2) * size + (c >> 1 & 1)) * size + (c & 1);
    }
};

// Nodes, four numbers each, so that a node is one vector.
inline std::vector<double> padded(const double* nodes, int size) {
    std::ptrdiff_t count = (std::ptrdiff_t)size * size * size;
    std::vector<double> found(count * PADDED);
    for (std::ptrdiff_t i = 0; i < count; ++i)
        for (int k = 0; k < 3; ++k) found[i * PADDED + k] = nodes[i * 3 + k];
    return found;
}

// What the nodes give, less what is wanted.
inline void miss(const double* nodes, const Offsets& offsets, const Place& at, const double* weights,
                 const double* wanted, double* error) {
    double sum[PADDED] = {0, 0, 0, 0};
    for (int c = 0; c < CORNERS; ++c) {
        const double* node = nodes + (std::ptrdiff_t)(at.cell + offsets.of[c]) * PADDED;
        for (int k = 0; k < PADDED; ++k) sum[k] += weights[c] * node[k];
    }
    for (int k = 0; k < 3; ++k) error[k] = sum[k] - wanted[k];
}

inline void times(const double* form, const double* x, double* product) {
    product[0] = form[0] * x[0] + form[5] * x[1] + form[4] * x[2];
    product[1] = form[5] * x[0] + form[1] * x[1] + form[3] * x[2];
    product[2] = form[4] * x[0] + form[3] * x[1] + form[2] * x[2];
}

inline double dot(const double* x, const double* y) { return x[0] * y[0] + x[1] * y[1] + x[2] * y[2]; }

}  // namespace
