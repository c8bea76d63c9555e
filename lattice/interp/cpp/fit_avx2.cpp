#include "fit_bend.h"
#include "fit_colors.h"
#include "fit_nodes.h"

const FitKernels FIT_AVX2 = {curves, spectra, forms, normal, solve, bend, seen};
