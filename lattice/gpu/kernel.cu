// The pixel shader over a picture: one launch, each pixel read once and written once.
//
// Whoever compiles it defines first, besides what cuda_words.h and pixel_shader.h ask for:
//   SIZE, STAGES         the device's, as constants
//   CHANNELS             3 or 4
//   HALF_IN, HALF_OUT    1 for float16, 0 for float32
//   BY_TETRAHEDRA        1, or 0 for trilinear
//   WIDE                 1 where rows start at multiples of 16 bytes
//   WHOLE                1 where, besides, each row is whole packets
//   NODES_STAGED         1 where the nodes are copied to shared memory
//   TABLE_STAGED         1 where the table's live part is, too
//   THREADS              in a block

#define HALF_CODES 65536
#define OCTAVES 128  // exponents of floats up to 1
#define OCTAVES_BELOW 256  // -0, should a saturating instruction let it through, reads that far below them
#define NODES (SIZE * SIZE * SIZE + SIZE * SIZE + SIZE + 1)
#define SHADER static __device__ __forceinline__
#define DEVICE const Device&
// first, span: the table's live codes, and one past them, which is flat: all that is read of it where it is staged.
#define DEVICE_MEMORY const float* table; const float4* nodes; const Octave* octaves; int first; int span;
#define TABLE(device, channel, code) entry_of(device, channel, code)
#define CURVE(device, number, share) curve_of(__ldg((const float2*)(device).table + (number)), share)
#define NODE(device, number) node_of(device, number)
#define OCTAVE(device, exponent) (device).octaves[exponent]
struct Color;
struct Octave;
struct Device;
SHADER float curve_of(float2 entry, float share) { return FMA(share, entry.y, entry.x); }
SHADER float entry_of(const Device& device, int channel, int code);
SHADER Color node_of(const Device& device, int number);

#include "pixel_shader.h"

struct Picture {
    char* pixels;   // packed in a row
    long long row;  // bytes from one to the next
};

struct Work {
    Device device;
    Picture in, out;  // may be the same
    int width, height;
};

// A packet is what a thread reads and writes at a time: whole 16 bytes on both sides, but for a row's end.
#if CHANNELS == 4
#define PIXELS 2
#elif HALF_IN || HALF_OUT
#define PIXELS 8
#else
#define PIXELS 4
#endif
#define VALUES (PIXELS * CHANNELS)
#define PIXEL_IN (CHANNELS * (HALF_IN ? 2 : 4))  // bytes
#define PIXEL_OUT (CHANNELS * (HALF_OUT ? 2 : 4))

SHADER float entry_of(const Device& device, int channel, int code) {
    if (TABLE_STAGED) return device.table[channel * device.span + code - device.first];
    return __ldg(device.table + channel * HALF_CODES + code);
}

SHADER Color node_of(const Device& device, int number) {
    float4 node = NODES_STAGED ? device.nodes[number] : __ldg(device.nodes + number);
    return make_color(node.x, node.y, node.z);
}

// A packet's bits: two halves a word, or a float.
template <bool HALF> struct Packet {
    static constexpr int WORDS = VALUES / (HALF ? 2 : 1);
    Word words[WORDS];
};

template <bool HALF> SHADER Word value_of(const Packet<HALF>& packet, int i) {
    return HALF ? packet.words[i / 2] >> (i % 2 * 16) & 0xffff : packet.words[i];
}

template <bool HALF> SHADER void put_value(Packet<HALF>& packet, int i, Word value) {
    if (HALF) packet.words[i / 2] = i % 2 ? packet.words[i / 2] | value << 16 : value;
    else packet.words[i] = value;
}

// The packet at an address; `left` pixels are left in the row, and 0 stands past its end.
template <bool HALF> SHADER Packet<HALF> load(const char* from, int left) {
    Packet<HALF> packet;
    if (WIDE && (WHOLE || left >= PIXELS)) {
        const uint4* source = (const uint4*)from;
#pragma unroll
        for (int i = 0; i < packet.WORDS / 4; ++i) {
            uint4 four = __ldcs(source + i);
            packet.words[4 * i] = four.x;
            packet.words[4 * i + 1] = four.y;
            packet.words[4 * i + 2] = four.z;
            packet.words[4 * i + 3] = four.w;
        }
    } else {
#pragma unroll
        for (int i = 0; i < VALUES; ++i) {
            Word value = 0;
            if (i / CHANNELS < left) value = HALF ? ((const unsigned short*)from)[i] : ((const Word*)from)[i];
            put_value(packet, i, value);
        }
    }
    return packet;
}

template <bool HALF> SHADER void store(char* to, int left, const Packet<HALF>& packet) {
    if (WIDE && (WHOLE || left >= PIXELS)) {
        uint4* target = (uint4*)to;
        const Word* words = packet.words;
#pragma unroll
        for (int i = 0; i < packet.WORDS; i += 4)
            __stcs(target + i / 4, make_uint4(words[i], words[i + 1], words[i + 2], words[i + 3]));
    } else {
#pragma unroll
        for (int i = 0; i < VALUES; ++i) {
            if (i / CHANNELS >= left) break;
            if (HALF) ((unsigned short*)to)[i] = (unsigned short)value_of(packet, i);
            else ((Word*)to)[i] = packet.words[i];
        }
    }
}

// A half is its own place in the table, unless a 3x3 comes first.
SHADER Color place(const Device& device, Word r, Word g, Word b) {
    if (HALF_IN && (STAGES & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE)
        return make_color(TABLE(device, 0, r), TABLE(device, 1, g), TABLE(device, 2, b));
    if (HALF_IN) return expose(device, make_color(widen(r), widen(g), widen(b)));
    return expose(device, make_color(FROM_BITS(r), FROM_BITS(g), FROM_BITS(b)));
}

SHADER Word code_of(float x) { return HALF_OUT ? narrow(x) : BITS(x); }

SHADER Word carry(Word alpha) {
    if (HALF_IN == HALF_OUT) return alpha;
    return HALF_OUT ? narrow(FROM_BITS(alpha)) : BITS(widen(alpha));
}

SHADER Packet<HALF_OUT> shade_packet(const Device& device, const Packet<HALF_IN>& in) {
    Packet<HALF_IN> scene = in;
    Packet<HALF_OUT> out;
    if (HALF_IN && TABLE_STAGED && (STAGES & (STAGE_FILM | STAGE_TABLE)) == STAGE_TABLE) {
        Word low = device.first * 0x10001u, high = low + (device.span - 1) * 0x10001u;
#pragma unroll
        for (int i = 0; i < scene.WORDS; ++i) scene.words[i] = hold_halves(scene.words[i], low, high);
    }
#pragma unroll
    for (int i = 0; i < VALUES; i += CHANNELS) {
        Color u = place(device, value_of(scene, i), value_of(scene, i + 1), value_of(scene, i + 2));
        Color code = show(device, look_through(device, BY_TETRAHEDRA, u));
        put_value(out, i, code_of(code.r));
        put_value(out, i + 1, code_of(code.g));
        put_value(out, i + 2, code_of(code.b));
        if (CHANNELS == 4) put_value(out, i + 3, carry(value_of(in, i + 3)));
    }
    return out;
}

extern "C" __global__ void __launch_bounds__(THREADS) shade_picture(const __grid_constant__ Work work) {
    Device device = work.device;
    device.size = SIZE;
    device.stages = STAGES;
    SHARED(float4, staged);
    Octave* octaves = (Octave*)staged + OCTAVES_BELOW;
    float4* nodes = (float4*)(octaves + OCTAVES);
    float* table = (float*)(NODES_STAGED ? nodes + NODES : nodes);
    for (int i = threadIdx.x; i < OCTAVES; i += THREADS) octaves[i] = octave(device, i);
    device.octaves = octaves;
    if (NODES_STAGED) {
        for (int i = threadIdx.x; i < NODES; i += THREADS) nodes[i] = work.device.nodes[i];
        device.nodes = nodes;
    }
    if (TABLE_STAGED) {
        for (int channel = 0; channel < 3; ++channel)
            for (int i = threadIdx.x; i < device.span; i += THREADS)
                table[channel * device.span + i] = work.device.table[channel * HALF_CODES + device.first + i];
        device.table = table;
    }
    __syncthreads();
    int first = (blockIdx.x * THREADS + threadIdx.x) * PIXELS, step = gridDim.x * THREADS * PIXELS;
    for (int row = blockIdx.y; row < work.height; row += gridDim.y) {
        const char* from = work.in.pixels + row * work.in.row + (long long)first * PIXEL_IN;
        char* to = work.out.pixels + row * work.out.row + (long long)first * PIXEL_OUT;
        Packet<HALF_IN> next, scene;
        if (first < work.width) next = load<HALF_IN>(from, work.width - first);
        for (int left = work.width - first; left > 0; left -= step) {
            scene = next;
            from += (long long)step * PIXEL_IN;
            if (left > step) next = load<HALF_IN>(from, left - step);  // on its way while this one is computed
            store<HALF_OUT>(to, left, shade_packet(device, scene));
            to += (long long)step * PIXEL_OUT;
        }
    }
}
