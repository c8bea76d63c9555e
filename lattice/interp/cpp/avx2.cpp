#include "lanes_avx2.h"
#include "block.h"

void run_avx2(const Work& work) {
    run_typed<Rows>(work);
    _mm256_zeroupper();  // dirty upper halves slow down all older code that runs next
}
