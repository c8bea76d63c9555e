// A launch on the host: every block of the grid, every thread of a block. Compiled once for each type of pixels.
//
// A block's threads run twice, for its one barrier: up to it, which fills shared memory, then through, where what they
// did before the barrier gives the same again. Shared memory is poisoned for each block, as is a guard behind it, which
// must stay so; under a sanitizer there is no guard, for it sees by itself what goes past the end.
#include "words.h"

#define SIZE (device.size)
#define STAGES (device.stages)
#define BY_TETRAHEDRA host.by_tetrahedra
#define WIDE host.wide
#define WHOLE host.whole
#define NODES_STAGED host.nodes_staged
#define TABLE_STAGED host.table_staged
#define THREADS host.threads
#include "kernel.cu"

#include <vector>

constexpr int POISON = 0xff;  // a NaN as a float
#ifdef __SANITIZE_ADDRESS__
constexpr int GUARD = 0;
#else
constexpr int GUARD = 1 << 20;  // bytes, so that a broken kernel reads poison and does not crash
#endif

static void run_until_barrier(const Work& work) {
    host.stops_at_barrier = true;
    if (setjmp(barrier)) return;
    shade_picture(work);
    ++host.faults;  // it ended without one
}

static void run_through(const Work& work) {
    host.stops_at_barrier = false;
    shade_picture(work);
}

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED int host_layout() { return (int)sizeof(Work); }

static bool is_poison(const char* start, int count) {
    return !count || (*start == (char)POISON && !std::memcmp(start, start + 1, count - 1));
}

// Faults: threads that missed the barrier, 16-byte accesses not at multiples of 16, writes past shared memory.
EXPORTED long host_launch(const Work* work, int across, int down, int threads, int shared, const int* constants) {
    std::vector<float4> memory((shared + GUARD + sizeof(float4) - 1) / sizeof(float4));
    host = {(char*)memory.data(), constants[0], constants[1], constants[2], constants[3], constants[4],
            threads, false, 0};
    std::memset(host.shared + shared, POISON, GUARD);
    gridDim = {across, down};
    for (blockIdx.y = 0; blockIdx.y < down; ++blockIdx.y)
        for (blockIdx.x = 0; blockIdx.x < across; ++blockIdx.x) {
            std::memset(host.shared, POISON, shared);
            for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x) run_until_barrier(*work);
            for (threadIdx.x = threads - 1; threadIdx.x >= 0; --threadIdx.x) run_through(*work);
        }
    return host.faults + !is_poison(host.shared + shared, GUARD);
}
