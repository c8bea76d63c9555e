// The inverse of an SDev: where a lattice has a value, and the scene light of a place. Both are the double precision
// twins of lattice/interp/inverse/*.py, which define what they mean; loaded by lattice/interp/inverse/native.py.
#pragma once
#include <cstddef>
#include <cstdint>

// A lattice to search, as plan.py prepares it, and values for it. Planes of `count` doubles: r, g, b.
struct Search {
    const float* nodes;   // (size**3, 3)
    const float* boxes;   // of every level, finest first: (edge**3, 6), edge = 2**(levels - 1) and half of it each time
    const float* sides;   // of every level, finest first: (6, edge**2, 6), of faces on the surface
    const float* starts;  // (grid**3, 3)
    const std::uint8_t* reached;  // (grid**3), 0 where no value is
    const double* values;
    double* places;       // in cells
    std::uint8_t* found;
    std::int32_t* work;   // null, or gets how many boxes, cells and faces were looked in for each value
    std::ptrdiff_t count;
    double frame[9];      // a rotation: boxes and sides are of the values turned by it
    double origin[3], scale[3];  // of the starts
    double margin, near;
    int size, levels, grid, by_tetrahedra;
};

// A curve that rises, as stage.py prepares it: from a value back to the number of an entry, with a share of the next.
struct Curve {
    const float* entries;         // (count)
    const std::int32_t* buckets;  // (parts + 2): the first entry above a value in part p is from p to p + 2
    const std::int32_t* flat;     // (count): where a flat part's values go; -1 on a slope
    int count, parts;
    double first, gain;           // of the parts
};

// One step of a film stage backwards: curves of the last channels, then a 3x4.
struct StepBack {
    Curve curve[3];
    double back[9], offset[3];
    int curves;
};

// Lattice places, 0 to 1, to the light before the table; `found` becomes 0 where many colors have the place.
struct Exposure {
    const StepBack* steps;  // the last step first; for a table there is one, with three curves over halves
    const float* halves;    // the values of the halves that a table's curves are over; null for a film stage
    double* planes;         // (3, count), in place
    std::uint8_t* found;
    std::ptrdiff_t count;
    double least, most;     // log2 of the light that a film stage holds to
    int count_of_steps;
};
