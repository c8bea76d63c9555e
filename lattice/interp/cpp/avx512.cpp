#include "lanes_avx512.h"
#include "block.h"

void run_avx512(const Work& work) { run_typed<Rows>(work); }
