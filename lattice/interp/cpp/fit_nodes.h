// The nodes' normal equations as a stencil of 27 neighbors, and their solution by conjugate gradients.
#pragma once
#include "fit_corners.h"

namespace {

constexpr int CELL = CORNERS * (CORNERS + PADDED);  // numbers that a cell's colors are summed to
constexpr int MIDDLE = NEIGHBORS / 2;

inline void add_to_cell(double* cell, const double* weights, double weight, const double* wanted) {
    double padded_wanted[PADDED] = {wanted[0], wanted[1], wanted[2], 0};
    double* right = cell + CORNERS * CORNERS;
    for (int p = 0; p < CORNERS; ++p) {
        double here = weights[p] * weight;
        for (int q = 0; q < CORNERS; ++q) cell[p * CORNERS + q] += here * weights[q];
        for (int k = 0; k < PADDED; ++k) right[p * PADDED + k] += here * padded_wanted[k];
    }
}

inline int neighbor(int p, int q) {
    return ((q >> 2) - (p >> 2) + 1) * 9 + ((q >> 1 & 1) - (p >> 1 & 1) + 1) * 3 + (q & 1) - (p & 1) + 1;
}

inline void add_to_nodes(const double* cell, const Offsets& offsets, std::ptrdiff_t near, const Normal& work) {
    for (int p = 0; p < CORNERS; ++p) {
        std::ptrdiff_t node = near + offsets.of[p];
        for (int q = 0; q < CORNERS; ++q)
            work.matrix[node * NEIGHBORS + neighbor(p, q)] += cell[p * CORNERS + q];
        for (int k = 0; k < 3; ++k) work.right[node * 3 + k] += cell[CORNERS * CORNERS + p * PADDED + k];
    }
}

void normal(const Normal& work) {
    const Placed& placed = work.placed;
    const int size = placed.size;
    const std::ptrdiff_t nodes = (std::ptrdiff_t)size * size * size;
    std::vector<double> cells(nodes * CELL);
    for (std::ptrdiff_t i = 0; i < placed.count; ++i) {
        Place at = place(placed.u + 3 * i, size);
        double weights[CORNERS];
        weigh(at.share, placed.by_tetrahedra, weights);
        add_to_cell(&cells[at.cell * (std::ptrdiff_t)CELL], weights, work.weight[i], placed.wanted + 3 * i);
    }
    std::fill(work.matrix, work.matrix + nodes * NEIGHBORS, 0.0);
    std::fill(work.right, work.right + nodes * 3, 0.0);
    const Offsets offsets(size);
    for (int r = 0; r < size - 1; ++r)
        for (int g = 0; g < size - 1; ++g)
            for (int b = 0; b < size - 1; ++b) {
                std::ptrdiff_t near = ((std::ptrdiff_t)r * size + g) * size + b;
                add_to_nodes(&cells[near * CELL], offsets, near, work);
            }
}

// A vector of nodes with room around it, so that neighbors beyond the lattice, which have no weight, are there.
struct Columns {
    std::ptrdiff_t room, count;
    std::vector<double> values;
    Columns(std::ptrdiff_t count_, std::ptrdiff_t room_)
        : room(room_), count(count_), values((count_ + 2 * room_) * PADDED) {}
    double* at(std::ptrdiff_t node) { return &values[(node + room) * PADDED]; }
};

struct Stencil {
    const double* matrix;
    std::ptrdiff_t offsets[NEIGHBORS];
    Stencil(const double* matrix_, int size) : matrix(matrix_) {
        for (int k = 0; k < NEIGHBORS; ++k)
            offsets[k] = ((std::ptrdiff_t)(k / 9 - 1) * size + k / 3 % 3 - 1) * size + k % 3 - 1;
    }
    void times(Columns& x, Columns& product) const {
        for (std::ptrdiff_t i = 0; i < x.count; ++i) {
            double sum[PADDED] = {0, 0, 0, 0};
            const double* row = matrix + i * NEIGHBORS;
            for (int k = 0; k < NEIGHBORS; ++k) {
                const double* other = x.at(i + offsets[k]);
                for (int c = 0; c < PADDED; ++c) sum[c] += row[k] * other[c];
            }
            for (int c = 0; c < PADDED; ++c) product.at(i)[c] = sum[c];
        }
    }
};

inline void dots(Columns& x, Columns& y, double* sums) {
    for (int c = 0; c < PADDED; ++c) sums[c] = 0;
    for (std::ptrdiff_t i = 0; i < x.count; ++i)
        for (int c = 0; c < PADDED; ++c) sums[c] += x.at(i)[c] * y.at(i)[c];
}

// x += gains * y, or y + gains * x if `over`.
inline void add(Columns& x, const double* gains, Columns& y, bool over = false) {
    for (std::ptrdiff_t i = 0; i < x.count; ++i)
        for (int c = 0; c < PADDED; ++c)
            x.at(i)[c] = over ? y.at(i)[c] + gains[c] * x.at(i)[c] : x.at(i)[c] + gains[c] * y.at(i)[c];
}

inline void divide(Columns& residual, const double* matrix, Columns& scaled) {
    for (std::ptrdiff_t i = 0; i < residual.count; ++i)
        for (int c = 0; c < PADDED; ++c) scaled.at(i)[c] = residual.at(i)[c] / matrix[i * NEIGHBORS + MIDDLE];
}

inline bool is_solved(const double* left, const double* whole, double tolerance) {
    for (int c = 0; c < 3; ++c)
        if (!(left[c] <= tolerance * tolerance * whole[c])) return false;  // NaN is no solution
    return true;
}

void solve(Solve& work) {
    const int size = work.size;
    const std::ptrdiff_t nodes = (std::ptrdiff_t)size * size * size, room = ((std::ptrdiff_t)size + 1) * size + 1;
    Columns x(nodes, room), residual(nodes, 0), scaled(nodes, 0), along(nodes, room), moved(nodes, 0);
    const Stencil stencil(work.matrix, size);
    double whole[PADDED], left[PADDED], gone[PADDED], bent[PADDED], gains[PADDED];
    const double less[PADDED] = {-1, -1, -1, -1};
    for (std::ptrdiff_t i = 0; i < nodes; ++i)
        for (int c = 0; c < 3; ++c) x.at(i)[c] = work.nodes[i * 3 + c], residual.at(i)[c] = work.right[i * 3 + c];
    dots(residual, residual, whole);
    stencil.times(x, moved);
    add(residual, less, moved);
    divide(residual, work.matrix, scaled);
    add(along, less, scaled, true);  // along is 0: becomes scaled
    dots(residual, scaled, gone);
    dots(residual, residual, left);
    for (int step = 0; step < work.most && !is_solved(left, whole, work.tolerance); ++step) {
        stencil.times(along, moved);
        dots(along, moved, bent);
        for (int c = 0; c < PADDED; ++c) gains[c] = bent[c] > 0 ? gone[c] / bent[c] : 0;
        add(x, gains, along);
        for (int c = 0; c < PADDED; ++c) gains[c] = -gains[c];
        add(residual, gains, moved);
        divide(residual, work.matrix, scaled);
        double now[PADDED];
        dots(residual, scaled, now);
        dots(residual, residual, left);
        for (int c = 0; c < PADDED; ++c) gains[c] = gone[c] > 0 ? now[c] / gone[c] : 0, gone[c] = now[c];
        add(along, gains, scaled, true);
    }
    for (std::ptrdiff_t i = 0; i < nodes; ++i)
        for (int c = 0; c < 3; ++c) work.nodes[i * 3 + c] = x.at(i)[c];
    work.solved = is_solved(left, whole, work.tolerance);
}

}  // namespace
