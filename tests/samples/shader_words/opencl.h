// DCTL's words in OpenCL C, which knows where memory is: for a compiler, not to run.
#define __DEVICE__ static inline
#define __CONSTANT__ __constant
#define __CONSTANTREF__ __constant
#define make_float3(x, y, z) ((float3)(x, y, z))
#define _fmaf(a, b, c) fma(a, b, c)
#define _fmaxf(a, b) fmax(a, b)
#define _fminf(a, b) fmin(a, b)
#define _floor(x) floor(x)
