// The nearest place on the lattice's surface, for a value that it has nowhere.
#pragma once
#include "inverse_cell.h"

namespace {

constexpr int BENDS = 16, TRIES = 9;   // rounds on a bilinear patch; starts a side on a twisted one
constexpr double TWISTED = 0.04;      // square of a twist, in squares of edges
constexpr double BETTER = 1 - 1e-12;  // of a square of a distance, that a round is worth
constexpr double WORSE = 1e-9;        // of a guess, so that the place itself is still found

struct Nearest {
    double square;
    Vector place;
};

struct OnPatch { double s, t, square; };

inline double along(const Vector& a, const Vector& edge, const Vector& v) {
    const double length = dot(edge, edge);
    return length > 0 ? clamp(dot(v - a, edge) / length, 0, 1) : 0;
}

// Weights of b and c of the nearest point on a triangle, as s and t.
inline OnPatch on_triangle(const Vector& a, const Vector& b, const Vector& c, const Vector& v) {
    const Vector ab = b - a, ac = c - a, av = v - a;
    const double bb = dot(ab, ab), cc = dot(ac, ac), bc = dot(ab, ac), vb = dot(av, ab), vc = dot(av, ac);
    const double whole = bb * cc - bc * bc;
    if (whole > 0) {
        const double s = (vb * cc - vc * bc) / whole, t = (vc * bb - vb * bc) / whole;
        const Vector away = av - (s * ab + t * ac);
        if (s > 0 && t > 0 && s + t < 1) return {s, t, dot(away, away)};
    }
    const double third = along(b, c - b, v);
    const double ends[3][2] = {{along(a, ab, v), 0}, {0, along(a, ac, v)}, {1 - third, third}};
    OnPatch best = {0, 0, INFINITY};
    for (const double* end : ends) {
        const Vector away = av - (end[0] * ab + end[1] * ac);
        const double square = dot(away, away);
        if (square < best.square) best = {end[0], end[1], square};
    }
    return best;
}

inline OnPatch nearer(const OnPatch& one, const OnPatch& other) { return other.square < one.square ? other : one; }

// A bilinear patch: c + s a + t b + s t twist.
struct Bent {
    Vector c, a, b, twist;

    OnPatch at(double s, double t, const Vector& v) const {
        const Vector away = v - (c + s * a + t * (b + s * twist));
        return {s, t, dot(away, away)};
    }

    // The nearest point along s, then along t.
    OnPatch along_axes(double t, const Vector& v) const {
        const double s = along(c + t * b, a + t * twist, v);
        return at(s, along(c + s * a, b + s * twist, v), v);
    }

    bool is_twisted() const {
        const double aa = dot(a, a), bb = dot(b, b);
        return dot(twist, twist) > TWISTED * (aa > bb ? aa : bb);
    }
};

// The nearest point on the face of four nodes: on one of its triangles, or by steps from there on its bilinear patch.
inline OnPatch on_patch(const Vector corner[4], const Vector& v, bool is_flat) {
    const OnPatch one = on_triangle(corner[0], corner[1], corner[3], v);
    const OnPatch other = on_triangle(corner[0], corner[2], corner[3], v);
    OnPatch p = one.square <= other.square ? OnPatch{one.s + one.t, one.t, one.square}
                                           : OnPatch{other.t, other.s + other.t, other.square};
    if (is_flat) return p;
    const Bent bent = {corner[0], corner[1] - corner[0], corner[2] - corner[0],
                       corner[3] - corner[1] - (corner[2] - corner[0])};
    OnPatch best = bent.at(p.s, p.t, v);
    if (bent.is_twisted())
        for (int i = 0; i < TRIES * TRIES; ++i)
            best = nearer(best, bent.at(i / TRIES / (TRIES - 1.0), i % TRIES / (TRIES - 1.0), v));
    for (int round = 0; round < BENDS; ++round) {
        const double before = best.square;
        const Vector along_s = bent.a + best.t * bent.twist, along_t = bent.b + best.s * bent.twist;
        const Vector away = v - (bent.c + best.s * bent.a + best.t * along_t);
        const double ss = dot(along_s, along_s), tt = dot(along_t, along_t);
        const double st = dot(along_s, along_t) - dot(away, bent.twist);
        const double vs = dot(away, along_s), vt = dot(away, along_t), whole = ss * tt - st * st;
        const double start = best.t;
        if (whole > 0) best = nearer(best, bent.along_axes(clamp(start + (vt * ss - vs * st) / whole, 0, 1), v));
        best = nearer(best, bent.along_axes(start, v));
        if (best.square >= BETTER * before) break;
    }
    return best;
}

// Square of the distance to the box around a face.
inline double distance(const Vector corner[4], const Vector& v) {
    double square = 0;
    for (int k = 0; k < 3; ++k) {
        double low = corner[0][k], high = low;
        for (int i = 1; i < 4; ++i) {
            low = corner[i][k] < low ? corner[i][k] : low;
            high = corner[i][k] > high ? corner[i][k] : high;
        }
        const double away = v[k] < low ? low - v[k] : v[k] > high ? v[k] - high : 0;
        square += away * away;
    }
    return square;
}

inline void on_faces(const Search& s, const Vector& v, const int cell[3], Nearest& nearest) {
    for (int axis = 0; axis < 3; ++axis)
        for (int side = 0; side < 2; ++side) {
            if (cell[axis] != (side ? s.size - 2 : 0)) continue;
            const int one = axis == 0 ? 1 : 0, other = axis == 2 ? 1 : 2;
            const int number = number_of(s, cell) + side * stride_of(s, axis);
            const int to_one = stride_of(s, one), to_other = stride_of(s, other);
            const Vector corner[4] = {node_of(s, number), node_of(s, number + to_one), node_of(s, number + to_other),
                                      node_of(s, number + to_one + to_other)};
            if (distance(corner, v) >= nearest.square) continue;
            const OnPatch found = on_patch(corner, v, s.by_tetrahedra != 0);
            if (!(found.square < nearest.square)) continue;
            nearest.square = found.square;
            nearest.place[axis] = cell[axis] + side;
            nearest.place[one] = cell[one] + found.s;
            nearest.place[other] = cell[other] + found.t;
        }
}

// The distance of a place where the search ended, if that is on the surface; a nearer place is not far from it.
inline Nearest first_guess(const Search& s, const Vector& v, const Vector& place) {
    bool outer = false;
    for (int k = 0; k < 3; ++k) outer = outer || place[k] == 0 || place[k] == s.size - 1;
    if (!outer) return {INFINITY, place};
    const Vector away = v - value_at(s, place);
    return {(1 + WORSE) * dot(away, away), place};
}

inline const float* box_of(const float* boxes, int edge, const int at[3]) {
    return boxes + 6 * (((std::ptrdiff_t)at[0] * edge + at[1]) * edge + at[2]);
}

// Square of the distance to a box.
inline double distance(const float* box, const Vector& v) {
    double square = 0;
    for (int k = 0; k < 3; ++k) {
        const double away = v[k] < box[k] ? box[k] - v[k] : v[k] > box[k + 3] ? v[k] - box[k + 3] : 0;
        square += away * away;
    }
    return square;
}

// The boxes on the surface, the nearest first, as long as they may hold a nearer point.
inline void on_surface(const Search& s, const Vector& v, int level, const int at[3], const float* boxes, double square,
                       Nearest& nearest) {
    if (square > nearest.square) return;
    if (level == 0) return on_faces(s, v, at, nearest);
    const float* finer = boxes - 6 * ((std::ptrdiff_t)1 << 3 * (s.levels - level));
    const int edge = 1 << (s.levels - level), last = (s.size - 2) >> (level - 1);
    int below[8][3], count = 0;
    double away[8];
    for (int child = 0; child < 8; ++child) {
        const int next[3] = {2 * at[0] + (child >> 2), 2 * at[1] + (child >> 1 & 1), 2 * at[2] + (child & 1)};
        if (next[0] > last || next[1] > last || next[2] > last) continue;
        bool outer = false;
        for (int k = 0; k < 3; ++k) outer = outer || next[k] == 0 || next[k] == last;
        if (!outer) continue;
        const double each = distance(box_of(finer, edge, next), v);
        int place = count++;
        for (; place > 0 && away[place - 1] > each; --place) {
            away[place] = away[place - 1];
            for (int k = 0; k < 3; ++k) below[place][k] = below[place - 1][k];
        }
        away[place] = each;
        for (int k = 0; k < 3; ++k) below[place][k] = next[k];
    }
    for (int k = 0; k < count; ++k) on_surface(s, v, level - 1, below[k], finer, away[k], nearest);
}

}  // namespace
