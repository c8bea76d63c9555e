#include "lanes_avx2.h"
#include "block.h"

void run_avx2(const Work& work) { run_typed<Rows>(work); }
