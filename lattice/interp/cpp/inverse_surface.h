// The nearest place on the lattice's surface, for a value that it has nowhere.
#pragma once
#include <algorithm>

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

// A box on the surface: of which side of the lattice, where there, and the square of its distance.
struct Side {
    double square;
    int side, at[2], order;

    bool operator<(const Side& other) const {
        return square < other.square || (square == other.square && order < other.order);
    }
};

inline Side side_at(const Search& s, const Vector& turned_v, int level, int side, int one, int other) {
    std::ptrdiff_t before = 0;
    for (int finer = 0; finer < level; ++finer) before += (std::ptrdiff_t)6 << 2 * (s.levels - 1 - finer);
    const int edge = 1 << (s.levels - 1 - level);
    const float* box = s.sides + 6 * (before + ((std::ptrdiff_t)side * edge + one) * edge + other);
    double square = 0;
    for (int k = 0; k < 3; ++k) {
        const double x = turned_v[k], away = x < box[k] ? box[k] - x : x > box[k + 3] ? x - box[k + 3] : 0;
        square += away * away;
    }
    return {square, side, {one, other}, 0};
}

// Put a box behind those that are as near. Returns how many there are.
inline int put(const Side& side, Side sides[], int count) {
    int place = count;
    for (; place > 0 && sides[place - 1].square > side.square; --place) sides[place] = sides[place - 1];
    sides[place] = side;
    return count + 1;
}

// The parts of a box, the nearest first.
inline int parts_of(const Search& s, const Vector& turned_v, int level, const Side& whole, Side parts[4]) {
    const int last = (s.size - 2) >> (level - 1);
    int count = 0;
    for (int k = 0; k < 4; ++k) {
        const int one = 2 * whole.at[0] + (k >> 1), other = 2 * whole.at[1] + (k & 1);
        if (one > last || other > last) continue;
        count = put(side_at(s, turned_v, level - 1, whole.side, one, other), parts, count);
    }
    return count;
}

inline void on_face(const Search& s, const Vector& v, const Side& face, Nearest& nearest) {
    const int axis = face.side / 2, one = axis == 0 ? 1 : 0, other = axis == 2 ? 1 : 2, across = face.side % 2;
    const int to_one = stride_of(s, one), to_other = stride_of(s, other);
    const int number = across * (s.size - 1) * stride_of(s, axis) + face.at[0] * to_one + face.at[1] * to_other;
    const Vector corner[4] = {node_of(s, number), node_of(s, number + to_one), node_of(s, number + to_other),
                              node_of(s, number + to_one + to_other)};
    const OnPatch found = on_patch(corner, v, s.by_tetrahedra != 0);
    if (!(found.square < nearest.square)) return;
    nearest.square = found.square;
    nearest.place[axis] = across * (s.size - 1);
    nearest.place[one] = face.at[0] + found.s;
    nearest.place[other] = face.at[1] + found.t;
}

// The distance of a place where the search ended, if that is on the surface; a nearer place is not far from it.
inline Nearest first_guess(const Search& s, const Vector& v, const Vector& place) {
    bool outer = false;
    for (int k = 0; k < 3; ++k) outer = outer || place[k] == 0 || place[k] == s.size - 1;
    if (!outer) return {INFINITY, place};
    const Vector away = v - value_at(s, place);
    return {(1 + WORSE) * dot(away, away), place};
}

// The faces in a box, the nearest first, as long as they may hold a nearer point. False if there are too many.
inline bool by_distance(const Search& s, const Vector& v, const Vector& turned_v, int level, const Side& box,
                        Looked& looked, Nearest& nearest) {
    if (box.square * (1 + WORSE) >= nearest.square || nearest.square <= s.near * s.near) return true;
    if (looked.sides[level]++ == MOST_SIDES) return false;
    if (level == 0) return on_face(s, v, box, nearest), true;
    Side parts[4];
    const int count = parts_of(s, turned_v, level, box, parts);
    for (int k = 0; k < count; ++k)
        if (!by_distance(s, v, turned_v, level - 1, parts[k], looked, nearest)) return false;
    return true;
}

// The faces of the nearest boxes of each level: bounded, where a gray or folded surface is near with all that it has.
inline void by_levels(const Search& s, const Vector& v, const Vector& turned_v, const Side roots[6], Looked& looked,
                      Nearest& nearest) {
    Side boxes[MOST_SIDES], parts[4 * MOST_SIDES];
    int count = 6;
    std::copy(roots, roots + count, boxes);
    for (int level = s.levels - 1; level > 0; --level) {
        int finer = 0;
        for (int k = 0; k < count; ++k) finer += parts_of(s, turned_v, level, boxes[k], parts + finer);
        for (int k = 0; k < finer; ++k) parts[k].order = k;
        count = finer < MOST_SIDES ? finer : MOST_SIDES;
        std::nth_element(parts, parts + count, parts + finer);
        std::sort(parts, parts + count);
        std::copy(parts, parts + count, boxes);
        looked.sides[level - 1] += count;
    }
    for (int k = 0; k < count; ++k)
        if (boxes[k].square < nearest.square) on_face(s, v, boxes[k], nearest);
}

inline Nearest on_surface(const Search& s, const Vector& v, const Vector& turned_v, const Vector& place,
                          Looked& looked) {
    Side roots[6];
    int count = 0;
    for (int side = 0; side < 6; ++side) count = put(side_at(s, turned_v, s.levels - 1, side, 0, 0), roots, count);
    Nearest nearest = first_guess(s, v, place);
    for (int k = 0; k < count; ++k)
        if (!by_distance(s, v, turned_v, s.levels - 1, roots[k], looked, nearest)) {
            nearest.square = INFINITY;
            by_levels(s, v, turned_v, roots, looked, nearest);
            break;
        }
    return nearest;
}

}  // namespace
