#include "lanes_neon.h"
#include "block.h"
#include "process.h"

void run_neon(const Work& work) { run_typed<Rows>(work); }

void process_neon(const Process& work) {
    run_process(work);
}
