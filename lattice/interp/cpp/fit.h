// The arithmetic of a fit, plain loops that a compiler makes vectors of. lattice/build/kernels/by_numpy.py is the
// definition. No sum is reordered and nothing is contracted, so every instruction set gives the same bits.
#pragma once
#include <cstddef>

constexpr int NEIGHBORS = 27;  // of a node, itself included
constexpr int FORM = 6;        // numbers of a symmetric 3x3: xx, yy, zz, yz, xz, xy

// Colors at a lattice: u (count, 3), held to [0, 1], NaN to 0; wanted (count, 3); form (count, 6); nodes (size**3, 3),
// null where a kernel takes none.
struct Placed {
    const double* u;
    const double* wanted;
    const double* form;
    const double* nodes;
    std::ptrdiff_t count;
    int size, by_tetrahedra;
};

// Columns of x (count, columns), each through its own curve: at, values (entries, columns), at never falling. shared: x
// and at have one column, for all of the values'.
struct Curves {
    const double* x;
    const double* at;
    const double* values;
    double* out;
    std::ptrdiff_t count;
    int columns, entries, shared;
};

// Dye amounts (count, 3) to light (count, 3). base (bands,), dyes (3, bands): log10 densities; weights (3, bands). A
// band's light is held from 2**-126 to 2**127; that of NaN is NaN.
struct Spectra {
    const double* amounts;
    const double* base;
    const double* dyes;
    const double* weights;
    double* light;
    std::ptrdiff_t count;
    int bands;
};

// Node values (count, 3) to forms (count, 6). to_relative (3, 3), from the light of node values to XYZ over that of the
// white. darkest: what is darker has the slopes of this node value.
struct Forms {
    const double* nodes;
    const double* to_relative;
    double* forms;
    std::ptrdiff_t count;
    double darkest;
};

// The normal equations of nodes for squared errors of weight (count,): a stencil matrix (size**3, 27), the neighbors of
// a node from (-1, -1, -1) to (1, 1, 1) along r, g, b, b the quickest; right (size**3, 3). Both are written.
struct Normal {
    Placed placed;
    const double* weight;
    double* matrix;
    double* right;
};

// Nodes of these equations by conjugate gradients: matrix (size**3, 27) and right (size**3, 3) as of Normal; nodes
// (size**3, 3), where it begins, are written. It ends where each channel's residual is `tolerance` of its right side,
// relative, at the latest after `most` steps; solved is written: 1 if it ended before that, else 0.
struct Solve {
    const double* matrix;
    const double* right;
    double* nodes;
    int size, most;
    double tolerance;
    int solved;
};

// The normal equations of a shaper's bends, changes of u evenly from `first` to `last` stops over mid gray, red's bends
// first: the whole symmetric matrix (3 bends, 3 bends) and right (3 bends,), both written. stops (count, 3) of the
// colors, held to the ends; share (count,) what each counts. bends: 2 or more.
struct Bend {
    Placed placed;
    const double* stops;
    const double* share;
    double* matrix;
    double* right;
    double first, last;
    int bends;
};

// CIEDE2000 of each color, out (count,), as its form gives it.
struct Seen {
    Placed placed;
    double* out;
};

struct FitKernels {
    void (*curves)(const Curves&);
    void (*spectra)(const Spectra&);
    void (*forms)(const Forms&);
    void (*normal)(const Normal&);
    void (*solve)(Solve&);
    void (*bend)(const Bend&);
    void (*seen)(const Seen&);
};

extern const FitKernels FIT_AVX512;
extern const FitKernels FIT_AVX2;
extern const FitKernels FIT_PORTABLE;
