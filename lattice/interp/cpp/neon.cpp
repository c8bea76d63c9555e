#include "lanes_neon.h"
#include "block.h"

void run_neon(const Work& work) { run_typed<Rows>(work); }
