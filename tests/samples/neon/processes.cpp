// Runs every instruction set of the library it is linked with over process nodes that a file holds, and writes what
// each gives. Arguments: the file that tests/samples/neon_processes.py made, and the file to write. A line is printed
// for each set that is here, in the order in which the results of a node are written.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "native.h"

extern "C" const char* lattice_name(int number);
extern "C" int lattice_is_here(int number);
extern "C" void lattice_process(int number, const Process* work);

namespace {

std::FILE *given, *written;

template <class T> std::vector<T> read(int64_t count) {
    std::vector<T> found(count);
    if (std::fread(found.data(), sizeof(T), count, given) != (size_t)count) std::exit(2);
    return found;
}

Picture row_of(std::vector<char>& pixels, int64_t width, bool half) {
    const std::ptrdiff_t size = half ? 2 : 4;
    return {pixels.data(), 4 * size * width, 4 * size, size, 4, half};
}

void run(int set, const ProcessNode& node, std::vector<char>& pixels, int64_t width, bool half_in) {
    for (bool half_out : {true, false}) {
        std::vector<char> out(width * (half_out ? 8 : 16));
        Process work = {&node, 1, row_of(pixels, width, half_in), row_of(out, width, half_out), width, 1};
        lattice_process(set, &work);
        std::fwrite(out.data(), 1, out.size(), written);
    }
}

}  // namespace

int main(int, char** arguments) {
    given = std::fopen(arguments[1], "rb"), written = std::fopen(arguments[2], "wb");
    if (!given || !written) return 1;
    const auto widths = read<int64_t>(2);  // of the halves, of the floats
    auto halves = read<char>(8 * widths[0]), floats = read<char>(16 * widths[1]);
    for (int set = 0; lattice_name(set); ++set)
        if (lattice_is_here(set)) std::puts(lattice_name(set));
    int64_t sizes[2];  // of a node's data, of its lattice's nodes
    while (std::fread(sizes, sizeof sizes, 1, given) == 1) {
        ProcessNode node = read<ProcessNode>(1)[0];
        Device device = read<Device>(1)[0];
        const auto data = read<float>(sizes[0]);
        auto nodes = read<float>(sizes[1] + 4);
        float* aligned = nodes.data();
        while (reinterpret_cast<uintptr_t>(aligned) % 16) ++aligned;
        std::memmove(aligned, nodes.data(), 4 * sizes[1]);
        node.data = data.data(), node.device = &device, device.nodes = aligned;
        for (int set = 0; lattice_name(set); ++set) {
            if (!lattice_is_here(set)) continue;
            run(set, node, halves, widths[0], true);
            run(set, node, floats, widths[1], false);
        }
    }
    return std::fclose(written);
}
