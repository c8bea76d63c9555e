// The one door to Python: which instruction sets there are, and the call. Loaded by lattice/interp/native.py.
#include <exception>

#include "fit.h"
#include "native.h"

namespace {

struct InstructionSet {
    const char* name;
    bool (*is_here)();
    void (*run)(const Work&);
    void (*halve)(const Halving&);
    void (*process)(const Process&);
    const FitKernels* fit;
};

bool always() { return true; }

void halve_anywhere(const Halving& plane) { halve_portable(plane); }

// The fastest first. One record a set.
const InstructionSet SETS[] = {
#if defined(__x86_64__)
    // F16C is not asked for: every processor with AVX2 has it, and older compilers do not know how to ask.
    {"avx512", [] { return __builtin_cpu_supports("avx512f") != 0; }, run_avx512, halve_avx2, process_avx512,
     &FIT_AVX512},
    {"avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }, run_avx2, halve_avx2,
     process_avx2, &FIT_AVX2},
#elif defined(__aarch64__)
    {"neon", always, run_neon, halve_anywhere, process_neon, &FIT_PORTABLE},
#endif
    {"portable", always, run_portable, halve_anywhere, process_portable, &FIT_PORTABLE},
};
constexpr int LAYOUT = 1000;
constexpr int COUNT = sizeof SETS / sizeof SETS[0];
constexpr std::size_t FIT_SIZES[] = {sizeof(Curves), sizeof(Spectra), sizeof(Forms), sizeof(Normal),
                                     sizeof(Solve),  sizeof(Bend),    sizeof(Seen)};
constexpr int FITS = sizeof FIT_SIZES / sizeof FIT_SIZES[0];
enum { DONE = 0, NO_MEMORY = 1 };

// Calls a kernel of a fit: they take memory, and C has no exception.
template <class Of>
int done(void (*kernel)(Of&), Of* work) {
    try {
        kernel(*work);
        return DONE;
    } catch (const std::exception&) {  // also of a vector longer than any
        return NO_MEMORY;
    }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

// The name of set `number`, null past the last.
EXPORTED const char* lattice_name(int number) { return number < COUNT ? SETS[number].name : nullptr; }

EXPORTED int lattice_is_here(int number) { return SETS[number].is_here(); }

// Sizes of what is passed, so that a library of another version is not called.
EXPORTED int lattice_layout() { return (int)(sizeof(Work) * LAYOUT + sizeof(Device)); }

EXPORTED void lattice_run(int number, const Work* work) { SETS[number].run(*work); }

EXPORTED int lattice_process_layout() { return (int)(sizeof(Process) * LAYOUT + sizeof(ProcessNode)); }

EXPORTED void lattice_process(int number, const Process* work) { SETS[number].process(*work); }

EXPORTED void lattice_halve(int number, const Halving* plane) { SETS[number].halve(*plane); }

// The size of what kernel `number` of a fit takes, 0 past the last. lattice/build/compiled.py has the same order.
EXPORTED int lattice_fit_size(int number) { return number < FITS ? (int)FIT_SIZES[number] : 0; }

EXPORTED int lattice_curves(int number, const Curves* work) { return done(SETS[number].fit->curves, work); }

EXPORTED int lattice_spectra(int number, const Spectra* work) { return done(SETS[number].fit->spectra, work); }

EXPORTED int lattice_forms(int number, const Forms* work) { return done(SETS[number].fit->forms, work); }

EXPORTED int lattice_normal(int number, const Normal* work) { return done(SETS[number].fit->normal, work); }

EXPORTED int lattice_solve(int number, Solve* work) { return done(SETS[number].fit->solve, work); }

EXPORTED int lattice_bend(int number, const Bend* work) { return done(SETS[number].fit->bend, work); }

EXPORTED int lattice_seen(int number, const Seen* work) { return done(SETS[number].fit->seen, work); }
