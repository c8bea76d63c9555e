// A value in one cell: its six tetrahedra, or Newton's steps on its trilinear interpolation.
#pragma once
#include <cmath>

#include "inverse.h"

namespace {

constexpr double SLACK = 1e-6, STEP = 1e-7, STRAY = 0.5;  // in cells; search.py says what they are for
constexpr int DEPTH = 3, SETTLING = 12;
constexpr int MOST_CELLS = 8192, MOST_STEPPED = 1024, MOST_PARTS = 256, MOST_SIDES = 256;  // as in plan.py, search.py
constexpr int MOST_LEVELS = 16;

// How much was looked in for a value: boxes of each level, trilinear cells by steps, their halves of each size, and
// boxes of each level on the surface.
struct Looked {
    int boxes[MOST_LEVELS], settled, parts[DEPTH], sides[MOST_LEVELS];

    int sum() const {
        int all = settled;
        for (const int each : boxes) all += each;
        for (const int each : parts) all += each;
        for (const int each : sides) all += each;
        return all;
    }
};

struct Vector {
    double of[3];
    double& operator[](int k) { return of[k]; }
    double operator[](int k) const { return of[k]; }
};

inline Vector operator-(const Vector& a, const Vector& b) { return {{a[0] - b[0], a[1] - b[1], a[2] - b[2]}}; }
inline Vector operator+(const Vector& a, const Vector& b) { return {{a[0] + b[0], a[1] + b[1], a[2] + b[2]}}; }
inline Vector operator*(double x, const Vector& a) { return {{x * a[0], x * a[1], x * a[2]}}; }
inline double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

inline Vector cross(const Vector& a, const Vector& b) {
    return {{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]}};
}

// x, y, z of a x + b y + c z = v; infinite or NaN where there is no one answer.
inline Vector solve(const Vector& a, const Vector& b, const Vector& c, const Vector& v) {
    const Vector bc = cross(b, c);
    const double whole = 1 / dot(a, bc);
    return {{dot(v, bc) * whole, dot(v, cross(c, a)) * whole, dot(v, cross(a, b)) * whole}};
}

inline Vector turned(const Search& s, const Vector& v) {
    const double* f = s.frame;
    return {{dot({{f[0], f[1], f[2]}}, v), dot({{f[3], f[4], f[5]}}, v), dot({{f[6], f[7], f[8]}}, v)}};
}

inline int number_of(const Search& s, const int cell[3]) { return (cell[0] * s.size + cell[1]) * s.size + cell[2]; }
inline int stride_of(const Search& s, int axis) { return axis == 0 ? s.size * s.size : axis == 1 ? s.size : 1; }

inline Vector node_of(const Search& s, int number) {
    const float* node = s.nodes + 3 * (std::ptrdiff_t)number;
    return {{node[0], node[1], node[2]}};
}

// The axes by their shares, the largest first; of equal ones the first axis.
inline void falling(const Vector& share, int order[3]) {
    int first = share[1] > share[0] ? 1 : 0;
    if (share[2] > share[first]) first = 2;
    const int a = first == 0 ? 1 : 0, b = first == 2 ? 1 : 2;
    order[0] = first;
    order[1] = share[b] > share[a] ? b : a;
    order[2] = 3 - first - order[1];
}

// Where in a cell the value would be by one tetrahedron. True if it is in it.
inline bool in_tetrahedron(const Search& s, const int cell[3], const int order[3], const Vector& v, Vector& share) {
    int number = number_of(s, cell);
    const Vector start = node_of(s, number);
    Vector before = start, edge[3];
    for (int k = 0; k < 3; ++k) {
        const Vector after = node_of(s, number += stride_of(s, order[k]));
        edge[k] = after - before;
        before = after;
    }
    Vector x = solve(edge[0], edge[1], edge[2], v - start);
    const bool inside = x[0] <= 1 + SLACK && x[1] <= x[0] + SLACK && x[2] <= x[1] + SLACK && x[2] >= -SLACK;
    if (inside) {
        x[0] = clamp(x[0], 0, 1);
        x[1] = clamp(x[1], 0, x[0]);
        x[2] = clamp(x[2], 0, x[1]);
    }
    for (int k = 0; k < 3; ++k) share[order[k]] = x[k];
    return inside;
}

inline void read_cell(const Search& s, const int cell[3], double corners[8][3]) {
    for (int k = 0; k < 8; ++k) {
        const int at[3] = {cell[0] + (k >> 2), cell[1] + (k >> 1 & 1), cell[2] + (k & 1)};
        const Vector node = node_of(s, number_of(s, at));
        for (int j = 0; j < 3; ++j) corners[k][j] = node[j];
    }
}

// The value of one channel at a share of a cell, and its slopes.
inline double tangent(const double corners[8][3], int j, const Vector& share, double slope[3]) {
    double along[4], rise[4];
    for (int k = 0; k < 4; ++k) {
        rise[k] = corners[2 * k + 1][j] - corners[2 * k][j];
        along[k] = corners[2 * k][j] + share[2] * rise[k];
    }
    const double near_g = along[1] - along[0], far_g = along[3] - along[2];
    const double near = along[0] + share[1] * near_g, far = along[2] + share[1] * far_g;
    const double near_b = rise[0] + share[1] * (rise[1] - rise[0]), far_b = rise[2] + share[1] * (rise[3] - rise[2]);
    slope[0] = far - near;
    slope[1] = near_g + share[0] * (far_g - near_g);
    slope[2] = near_b + share[0] * (far_b - near_b);
    return near + share[0] * (far - near);
}

// What a value lacks at a share of a cell, and the slopes there along r, g, b.
inline Vector away_from(const double corners[8][3], const Vector& v, const Vector& share, Vector slope[3]) {
    Vector away;
    for (int j = 0; j < 3; ++j) {
        double each[3];
        away[j] = v[j] - tangent(corners, j, share, each);
        for (int k = 0; k < 3; ++k) slope[k][j] = each[k];
    }
    return away;
}

// The value at a place.
inline Vector value_at(const Search& s, const Vector& place) {
    int cell[3];
    Vector share, value;
    for (int k = 0; k < 3; ++k) {
        cell[k] = (int)place[k] < s.size - 2 ? (int)place[k] : s.size - 2;
        share[k] = place[k] - cell[k];
    }
    if (!s.by_tetrahedra) {
        double corners[8][3], unused[3];
        read_cell(s, cell, corners);
        for (int j = 0; j < 3; ++j) value[j] = tangent(corners, j, share, unused);
        return value;
    }
    int order[3], number = number_of(s, cell);
    falling(share, order);
    Vector before = value = node_of(s, number);
    for (const int axis : order) {
        const Vector after = node_of(s, number += stride_of(s, axis));
        value = value + share[axis] * (after - before);
        before = after;
    }
    return value;
}

// One step of Newton's. True if the place that it leads to is exact.
inline bool newton(const double corners[8][3], const Vector& v, Vector& share) {
    Vector slope[3];
    const Vector away = away_from(corners, v, share, slope);
    const Vector step = solve(slope[0], slope[1], slope[2], away);
    bool inside = true;
    for (int k = 0; k < 3; ++k) {
        share[k] += step[k];
        inside = inside && std::fabs(step[k]) < STEP && share[k] >= -SLACK && share[k] <= 1 + SLACK;
    }
    for (int k = 0; inside && k < 3; ++k) share[k] = clamp(share[k], 0, 1);
    return inside;
}

// Newton's first step from the middle. False if it shows that the cell has no such value: seen by the slopes there, a
// cell is nearly a cube, and its values are within the box of its corners.
inline bool first_step(const double corners[8][3], const Vector& v, Vector& share) {
    Vector slope[3];
    const Vector middle = {{0.5, 0.5, 0.5}}, away = away_from(corners, v, middle, slope);
    const Vector across[3] = {cross(slope[1], slope[2]), cross(slope[2], slope[0]), cross(slope[0], slope[1])};
    const double whole = 1 / dot(slope[0], across[0]);
    for (int k = 0; k < 3; ++k) {
        double least = INFINITY, most = -INFINITY;
        for (int i = 0; i < 8; ++i) {
            const Vector corner = {{v[0] - corners[i][0], v[1] - corners[i][1], v[2] - corners[i][2]}};
            const double value = dot(across[k], corner) * whole;
            least = value < least ? value : least;
            most = value > most ? value : most;
        }
        if (least > SLACK || most < -SLACK) return false;
        share[k] = middle[k] + dot(across[k], away) * whole;
        share[k] = share[k] == share[k] ? clamp(share[k], -STRAY, 1 + STRAY) : 0.5;
    }
    return true;
}

inline bool settle(const double corners[8][3], const Vector& v, Vector& share) {
    for (int round = 0; round < SETTLING; ++round) {
        if (newton(corners, v, share)) return true;
        for (int k = 0; k < 3; ++k) share[k] = share[k] == share[k] ? clamp(share[k], -STRAY, 1 + STRAY) : 0.5;
    }
    return false;
}

// The halves of a part of a cell that reach the value, and their halves; the middles of the last are the starts.
inline bool halve(const Search& s, const double corners[8][3], const Vector& v, Vector low, double edge, int depth,
                  Looked& looked, Vector& share) {
    if (depth == 0) {
        share = low + 0.5 * edge * Vector{{1, 1, 1}};
        return settle(corners, v, share);
    }
    edge /= 2;
    for (int child = 0; child < 8; ++child) {
        const Vector start = low + edge * Vector{{double(child >> 2), double(child >> 1 & 1), double(child & 1)}};
        bool reached = true;
        for (int j = 0; reached && j < 3; ++j) {
            double least = INFINITY, most = -INFINITY, unused[3];
            for (int k = 0; k < 8; ++k) {
                const Vector end = start + edge * Vector{{double(k >> 2), double(k >> 1 & 1), double(k & 1)}};
                const double value = tangent(corners, j, end, unused);
                least = value < least ? value : least;
                most = value > most ? value : most;
            }
            reached = v[j] >= least - s.margin && v[j] <= most + s.margin;
        }
        if (!reached || looked.parts[depth - 1] == MOST_PARTS) continue;
        ++looked.parts[depth - 1];
        if (halve(s, corners, v, start, edge, depth - 1, looked, share)) return true;
    }
    return false;
}

inline bool in_cell(const Search& s, const int cell[3], const Vector& v, Looked& looked, Vector& place) {
    static const int ORDERS[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    Vector share;
    bool inside = false;
    if (s.by_tetrahedra) {
        for (int k = 0; k < 6 && !inside; ++k) inside = in_tetrahedron(s, cell, ORDERS[k], v, share);
    } else {
        double corners[8][3];
        read_cell(s, cell, corners);
        inside = first_step(corners, v, share) && looked.settled < MOST_STEPPED && ++looked.settled &&
                 (settle(corners, v, share) || halve(s, corners, v, {{0, 0, 0}}, 1, DEPTH, looked, share));
    }
    for (int k = 0; inside && k < 3; ++k) place[k] = cell[k] + share[k];
    return inside;
}

}  // namespace
