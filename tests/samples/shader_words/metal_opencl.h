// Metal's words in C++ for OpenCL, which knows where memory is: for a compiler, not to run.
#define thread __private
#define device __global
#define fragment
#define uint2(x, y) ((uint2)(x, y))
#define float3(x, y, z) ((float3)(x, y, z))
#define float4(color, w) ((float4)(color, w))

template <class To, class From> To as_type(From from);

namespace metal {
float fma(float a, float b, float c);
float max(float a, float b);
float min(float a, float b);
float trunc(float x);
float rint(float x);
template <class T> struct texture2d {
    float4 read(uint2 at) const;
};
}  // namespace metal
