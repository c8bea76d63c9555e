// Runs every instruction set of the library it is linked with over made-up devices and pictures, and prints a line a
// case and set: the case, the set, a checksum of the bytes it wrote. Pictures come from an integer generator, and no
// number from a mathematical library, so the lines of two processors may be held to each other. An argument is how
// many devices to run, all by default.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "native.h"

extern "C" const char* lattice_name(int number);
extern "C" int lattice_is_here(int number);
extern "C" void lattice_run(int number, const Work* work);

namespace {

struct Generator {
    uint64_t state;
    uint32_t bits() {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t)(state >> 32);
    }
    float between(float low, float high) { return low + (high - low) * ((float)(bits() >> 8) * (1.0f / HALF_STEPS)); }
};

struct Kind {
    const char* name;
    int stages;
    float exponent, ceiling, lowest, gamma, offset, toe, slope;
};

constexpr float HUGE_POWER = 0x1p125f, TINY_POWER = 0x1p-125f;
const Kind KINDS[] = {
    {"bare", 0, 1, 3e38f, TINY_POWER, 1, 0, TINY_POWER, 0},
    {"table", STAGE_TABLE, 1, 3e38f, TINY_POWER, 1, 0, TINY_POWER, 0},
    {"look", STAGE_TABLE | STAGE_CUBE | STAGE_LIGHT | STAGE_ROOT, 3, 0x1p41f, 0x1p-41f, 1 / 2.4f, 1 - 1.055f,
     0.0030399f, 12.923f},
    {"camera", STAGE_FILM | STAGE_TABLE | STAGE_FLOOR | STAGE_CUBE | STAGE_LIGHT | STAGE_ROOT, 3, 0x1p41f, 0x1p-41f,
     1 / 2.4f, 0, TINY_POWER, 0},
    {"film", STAGE_FILM, 1, 3e38f, TINY_POWER, 1, 0, TINY_POWER, 0},
    {"exponent", STAGE_TABLE | STAGE_FLOOR | STAGE_EXPONENT, 2.2f, 0x1p56f, 0x1p-56f, 1, 0, TINY_POWER, 0},
    {"root", STAGE_FLOOR | STAGE_EXPONENT | STAGE_LIGHT | STAGE_ROOT, 0.4f, HUGE_POWER, TINY_POWER, 0.125f, 0,
     TINY_POWER, 0},
    {"square", STAGE_POWER, 1, 3e38f, TINY_POWER, 2, 0, 0x1p-62f, 0},
    {"signed", STAGE_TABLE | STAGE_SIGNED | STAGE_HOLD, 1, 3e38f, TINY_POWER, 1, 0, TINY_POWER, 0},
    {"wide", STAGE_FILM | STAGE_TABLE | STAGE_SIGNED | STAGE_HOLD | STAGE_FLOOR | STAGE_CUBE | STAGE_LIGHT, 3, 0x1p41f,
     0x1p-41f, 1, 0, TINY_POWER, 0},
};
const int SIZES[] = {3, 13, 16};
const int WIDTHS[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 127, 130};
constexpr int ROWS = 2, MARGIN = 64, MARK = 0x5a;

struct Made {
    std::vector<float> table, nodes;
    Device device;
};

void make(Made& made, const Kind& kind, int size, Generator& random) {
    made.table.resize(3 * HALF_CODES);
    const float past = kind.stages & STAGE_HOLD ? 1 : 0;
    for (float& entry : made.table) entry = random.between(-past, 1 + past);
    made.nodes.resize(4 * (size * size * size + size * size + size + 1) + 4);
    for (float& node : made.nodes) node = random.between(-0.2f, 1.2f);
    Device& device = made.device;
    float* nodes = made.nodes.data();
    while (reinterpret_cast<uintptr_t>(nodes) % 16) ++nodes;
    device.table = made.table.data();
    device.nodes = nodes;
    device.size = size;
    device.stages = kind.stages;
    for (int i = 0; i < 9; ++i) {
        device.film[i] = random.between(-0.5f, 1.5f);
        device.light[i] = random.between(-1, 2);
    }
    device.exponent = kind.exponent, device.ceiling = kind.ceiling, device.lowest = kind.lowest;
    device.darkest = 0, device.brightest = HALF_MAX;
    device.gamma = kind.gamma, device.offset = kind.offset;
    for (float& term : device.root) term = random.between(-0.5f, 1);
    device.toe = kind.toe, device.slope = kind.slope;
}

// Any bits, or a usual value, or a gray that ties with its neighbours; NaN, infinities, denormals, negatives occur.
void fill(char* pixels, int count, bool half, Generator& random) {
    for (int i = 0; i < count; ++i) {
        uint32_t any = random.bits(), choice = random.bits() >> 30;
        if (half) {
            uint16_t value = (uint16_t)(choice < 2 ? any : 0x2c00 + (any & 0x0fff));
            if (choice == 3 && i > 0) std::memcpy(&value, pixels + 2 * (i - 1), 2);
            std::memcpy(pixels + 2 * i, &value, 2);
        } else {
            float value = choice < 2 ? float_of((int32_t)any) : random.between(-0.1f, 1.3f);
            if (choice == 3 && i > 0) std::memcpy(&value, pixels + 4 * (i - 1), 4);
            std::memcpy(pixels + 4 * i, &value, 4);
        }
    }
}

uint64_t checksum(uint64_t sum, const char* bytes, size_t count) {  // FNV-1a
    for (size_t i = 0; i < count; ++i) sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
    return sum;
}

// A picture of `planes` or of packed pixels.
Picture lay(char* pixels, int width, int channels, bool half, bool planes) {
    std::ptrdiff_t size = half ? 2 : 4;
    if (planes) return {pixels, width * size, size, ROWS * width * size, channels, half};
    return {pixels, width * channels * size, channels * size, size, channels, half};
}

uint64_t run(int set, const Device& device, int form, int by_tetrahedra) {
    const bool half_in = form & 1, half_out = form & 2, planes = form & 8;
    const int channels = form & 4 ? 4 : 3;
    uint64_t sum = 14695981039346656037u;
    Generator random = {(uint64_t)form + 1};
    for (int width : WIDTHS) {
        int values = ROWS * width * channels;
        std::vector<char> in(4 * values), out(4 * values + MARGIN, MARK);
        fill(in.data(), values, half_in, random);
        Work work = {&device, lay(in.data(), width, channels, half_in, planes),
                     lay(out.data(), width, channels, half_out, planes), width, ROWS, by_tetrahedra};
        lattice_run(set, &work);
        sum = checksum(sum, out.data(), out.size());
    }
    return sum;
}

// Each half in each channel, as a gray and beside two others.
uint64_t run_halves(int set, const Device& device, bool half_out, int by_tetrahedra) {
    std::vector<uint16_t> in(8 * HALF_CODES);
    std::vector<char> out(8 * HALF_CODES * (half_out ? 2 : 4));
    for (int i = 0; i < 8 * HALF_CODES; ++i) in[i] = (uint16_t)(i / 4 * (i < 4 * HALF_CODES ? 1 : 1 + 2 * (i % 4)));
    const int width = 256, height = 2 * HALF_CODES / 256, size = half_out ? 2 : 4;
    Work work = {&device, {(char*)in.data(), 8 * width, 8, 2, 4, 1},
                 {out.data(), 4 * size * width, 4 * size, size, 4, half_out}, width, height, by_tetrahedra};
    lattice_run(set, &work);
    return checksum(14695981039346656037u, out.data(), out.size());
}

}  // namespace

int main(int count, char** arguments) {
    const int devices = count > 1 ? std::atoi(arguments[1]) : (int)(sizeof KINDS / sizeof KINDS[0]);
    Made made;
    Generator random = {7};
    for (int number = 0; number < devices; ++number) {
        const Kind& kind = KINDS[number];
        make(made, kind, SIZES[number % 3], random);
        for (int set = 0; lattice_name(set); ++set)
            for (int method = 0; method < 2 && lattice_is_here(set); ++method) {
                const char* name = method ? "tetrahedral" : "trilinear";
                for (int form = 0; form < 16; ++form)
                    std::printf("%s-%s-%d %s %016llx\n", kind.name, name, form, lattice_name(set),
                                (unsigned long long)run(set, made.device, form, method));
                std::printf("%s-%s-halves %s %016llx\n", kind.name, name, lattice_name(set),
                            (unsigned long long)run_halves(set, made.device, number % 2, method));
            }
    }
}
