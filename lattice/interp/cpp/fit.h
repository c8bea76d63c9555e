// The arithmetic of a fit, plain loops that a compiler makes vectors of. lattice/build/kernels/by_numpy.py is the
// definition. No sum is reordered and nothing is contracted, so every instruction set gives the same bits.
#pragma once
#include <cstddef>

constexpr int NEIGHBORS = 27;  // of a node, itself included
constexpr int FORM = 6;        // numbers of a symmetric 3x3: xx, yy, zz, yz, xz, xy

// Colors at a lattice: u (count, 3) in [0, 1]; wanted (count, 3); form (count, 6); nodes (size**3, 3).
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

// Dye amounts (count, 3) to light (count, 3). base (bands,); dyes, weights (3, bands).
struct Spectra {
    const double* amounts;
    const double* base;
    const double* dyes;
    const double* weights;
    double* light;
    std::ptrdiff_t count;
    int bands;
};

// Node values (count, 3) to forms (count, 6). to_relative (3, 3).
struct Forms {
    const double* nodes;
    const double* to_relative;
    double* forms;
    std::ptrdiff_t count;
    double darkest;
};

// The normal equations of nodes: matrix (size**3, 27), right (size**3, 3). weight (count,).
struct Normal {
    Placed placed;
    const double* weight;
    double* matrix;
    double* right;
};

struct Solve {
    const double* matrix;
    const double* right;
    double* nodes;
    int size, most;
    double tolerance;
};

// The normal equations of a shaper's bends: matrix (3 bends, 3 bends), its upper blocks alone; right (3 bends,).
struct Bend {
    Placed placed;
    const double* stops;
    const double* share;
    double* matrix;
    double* right;
    double first, last;
    int bends;
};

struct Seen {
    Placed placed;
    double* out;
};

struct FitKernels {
    void (*curves)(const Curves&);
    void (*spectra)(const Spectra&);
    void (*forms)(const Forms&);
    void (*normal)(const Normal&);
    int (*solve)(const Solve&);
    void (*bend)(const Bend&);
    void (*seen)(const Seen&);
};

extern const FitKernels FIT_AVX512;
extern const FitKernels FIT_AVX2;
extern const FitKernels FIT_PORTABLE;
