// Where a lattice has a value: from cell to cell, then in every cell that reaches it, then on the surface.
#include "inverse.h"

#include <cmath>

#include "inverse_cell.h"
#include "inverse_surface.h"

namespace {

constexpr int ROUNDS = 12;
constexpr double HELD = 1e-9;  // from an end of a step's values

// Newton's steps from cell to cell. True if they end where the value is.
bool walk(const Search& s, Vector v, Vector& place) {
    int last = -1;
    for (int round = 0; round < ROUNDS; ++round) {
        int cell[3];
        Vector share;
        for (int k = 0; k < 3; ++k) {
            cell[k] = (int)place[k] < s.size - 2 ? (int)place[k] : s.size - 2;
            share[k] = place[k] - cell[k];
        }
        bool inside;
        if (s.by_tetrahedra) {
            int order[3];
            falling(share, order);
            int here = number_of(s, cell) * 9 + order[0] * 3 + order[1];
            inside = in_tetrahedron(s, cell, order, v, share);
            if (!inside && here == last) return false;
            last = here;
        } else {
            double corners[8][3];
            read_cell(s, cell, corners);
            inside = newton(corners, v, share);
        }
        bool moved = false;
        Vector led;
        for (int k = 0; k < 3; ++k) {
            led[k] = cell[k] + share[k];
            if (!std::isfinite(led[k])) return false;
            led[k] = clamp(led[k], 0, s.size - 1);
            moved = moved || led[k] != place[k];
        }
        if (inside || moved) place = led;
        if (inside) return true;
        if (!moved) return false;
    }
    return false;
}

// The first cells under a box whose values reach v, in the order of the cells. True at the first that has it.
bool search(const Search& s, const Vector& v, const Vector& turned_v, int level, const int at[3], const float* boxes,
            Looked& looked, Vector& place) {
    const int edge = 1 << (s.levels - 1 - level);
    const float* box = boxes + 6 * (((std::ptrdiff_t)at[0] * edge + at[1]) * edge + at[2]);
    for (int k = 0; k < 3; ++k)
        if (!(turned_v[k] >= box[k] - s.margin && turned_v[k] <= box[k + 3] + s.margin)) return false;
    if (looked.boxes[level] == MOST_CELLS) return false;
    ++looked.boxes[level];
    if (level == 0) return in_cell(s, at, v, looked, place);
    const float* finer = boxes - 6 * ((std::ptrdiff_t)1 << 3 * (s.levels - level));
    for (int child = 0; child < 8; ++child) {
        const int below[3] = {2 * at[0] + (child >> 2), 2 * at[1] + (child >> 1 & 1), 2 * at[2] + (child & 1)};
        if (search(s, v, turned_v, level - 1, below, finer, looked, place)) return true;
    }
    return false;
}

const float* top_box(const Search& s) {
    std::ptrdiff_t before = 0;
    for (int level = 0; level < s.levels - 1; ++level) before += (std::ptrdiff_t)1 << 3 * (s.levels - 1 - level);
    return s.boxes + 6 * before;
}

bool invert(const Search& s, Vector v, const float* top, Looked& looked, Vector& place) {
    std::ptrdiff_t part = 0;
    for (int k = 0; k < 3; ++k) part = part * s.grid + (int)clamp((v[k] - s.origin[k]) * s.scale[k], 0, s.grid - 1);
    const float* start = s.starts + 3 * part;
    const int root[3] = {0, 0, 0};
    place = {{start[0], start[1], start[2]}};
    if (walk(s, v, place)) return true;
    looked = {};
    const Vector turned_v = turned(s, v);
    if (s.reached[part] && search(s, v, turned_v, s.levels - 1, root, top, looked, place)) return true;
    const Nearest nearest = on_surface(s, v, turned_v, place, looked);
    place = nearest.place;
    return nearest.square <= s.near * s.near;
}

// The number of the entry that a curve has this value at, with a share of the next. held: on a flat part, or at an end.
double unbend(const Curve& curve, double value, bool& held) {
    const int last = curve.count - 1;
    if (!(value > curve.entries[0])) return held = true, curve.flat[0];
    if (value >= curve.entries[last]) return held = true, curve.flat[last];
    int part = (int)clamp((value - curve.first) * curve.gain, 0, curve.parts - 1);
    int low = curve.buckets[part];
    for (int left = curve.buckets[part + 2] - low; left > 0;) {  // to the first entry above the value; no branch on it
        const int half = (left + 1) / 2;
        low += curve.entries[low + half - 1] <= value ? half : 0;
        left -= half;
    }
    const double below = curve.entries[low - 1], above = curve.entries[low];
    if (below == value && curve.flat[low - 1] >= 0) return held = true, curve.flat[low - 1];
    return low - 1 + (value - below) / (above - below);
}

// Some colors of each step at a time: no color waits for itself, and a curve stays in the cache.
struct Tile {
    static constexpr int MOST = 256;
    double c[3][MOST];
    std::uint8_t held[MOST];
    int count;
};

void unbend(const StepBack& step, bool is_share, Tile& tile) {
    for (int j = 0; j < step.curves; ++j) {
        const Curve& curve = step.curve[j];
        double* values = tile.c[3 - step.curves + j];
        for (int i = 0; i < tile.count; ++i) {
            bool held = false;
            values[i] = unbend(curve, values[i], held);
            tile.held[i] |= held;
        }
        for (int i = 0; is_share && i < tile.count; ++i) values[i] /= curve.count - 1;
    }
}

void take_back(const StepBack& step, Tile& tile) {
    const double* m = step.back;
    for (int i = 0; i < tile.count; ++i) {
        double x[3];
        for (int k = 0; k < 3; ++k) {
            const double value = tile.c[k][i];
            tile.held[i] |= !(value > HELD && value < 1 - HELD);
            x[k] = clamp(value, 0, 1) - step.offset[k];
        }
        for (int k = 0; k < 3; ++k) tile.c[k][i] = m[3 * k] * x[0] + m[3 * k + 1] * x[1] + m[3 * k + 2] * x[2];
    }
}

void to_light(const Exposure& e, Tile& tile) {
    const int last = e.steps[0].curve[0].count - 1;
    for (auto& plane : tile.c)
        for (int i = 0; i < tile.count; ++i) {
            const double value = plane[i];
            if (e.halves) {
                const int half = value < last ? (int)value : last - 1;
                plane[i] = e.halves[half] + (value - half) * ((double)e.halves[half + 1] - e.halves[half]);
            } else {
                tile.held[i] |= !(value > e.least + HELD && value < e.most - HELD);
                plane[i] = std::exp2(clamp(value, e.least, e.most));
            }
        }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED int lattice_inverse_layout() { return (int)(sizeof(Search) + 1000 * sizeof(StepBack) + sizeof(Exposure)); }

EXPORTED void lattice_invert(const Search* s) {
    const float* top = top_box(*s);
    Looked looked = {};
    for (std::ptrdiff_t i = 0; i < s->count; ++i) {
        Vector place;
        if (s->work) looked = {};
        s->found[i] =
            invert(*s, {{s->values[i], s->values[s->count + i], s->values[2 * s->count + i]}}, top, looked, place);
        for (int k = 0; k < 3; ++k) s->places[k * s->count + i] = place[k];
        if (s->work) s->work[i] = looked.sum();
    }
}

EXPORTED void lattice_expose_back(const Exposure* e) {
    Tile tile;
    for (std::ptrdiff_t first = 0; first < e->count; first += tile.count) {
        tile.count = e->count - first < Tile::MOST ? (int)(e->count - first) : Tile::MOST;
        for (int i = 0; i < tile.count; ++i) tile.held[i] = 0;
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < tile.count; ++i) tile.c[k][i] = e->planes[k * e->count + first + i];
        for (int i = 0; i < e->count_of_steps; ++i) {
            unbend(e->steps[i], !e->halves, tile);
            if (!e->halves) take_back(e->steps[i], tile);
        }
        to_light(*e, tile);
        for (int k = 0; k < 3; ++k)
            for (int i = 0; i < tile.count; ++i) e->planes[k * e->count + first + i] = tile.c[k][i];
        for (int i = 0; i < tile.count; ++i)
            if (tile.held[i]) e->found[first + i] = 0;
    }
}
