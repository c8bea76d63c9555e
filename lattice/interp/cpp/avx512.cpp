#include "lanes_avx512.h"
#include "block.h"
#include "process.h"

void run_avx512(const Work& work) {
    run_typed<Rows>(work);
    _mm256_zeroupper();  // dirty upper halves slow down all older code that runs next
}

void process_avx512(const Process& work) {
    run_process(work);
    _mm256_zeroupper();
}
