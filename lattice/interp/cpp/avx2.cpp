#include "lanes_avx2.h"
#include "block.h"
#include "process.h"

void run_avx2(const Work& work) {
    run_typed<Rows>(work);
    _mm256_zeroupper();  // dirty upper halves slow down all older code that runs next
}

namespace {

// Eight columns of two rows, added.
inline F columns(const uint16_t* above, const uint16_t* below) { return add(widen(above), widen(below)); }

// The means of 16 columns of two rows, as halves.
inline __m128i means(const uint16_t* above, const uint16_t* below) {
    F pairs = _mm256_hadd_ps(columns(above, below), columns(above + 8, below + 8));
    F sums = _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(pairs), 0xd8));
    __m128i found = narrow(multiply(sums, splat(0.25f)));
    __m256i nan = bits(_mm256_cmp_ps(sums, sums, _CMP_UNORD_Q));
    __m128i narrowed = _mm_packs_epi32(_mm256_castsi256_si128(nan), _mm256_extracti128_si256(nan, 1));
    return _mm_blendv_epi8(found, _mm_set1_epi16(HALF_NAN), narrowed);
}

}  // namespace

void halve_avx2(const Halving& plane) {
    std::ptrdiff_t columns = (plane.width + 1) / 2, whole = plane.width / 16 * 8;
    for (std::ptrdiff_t row = 0; row < plane.height; row += 2) {
        const uint16_t* above = plane.in + row * plane.width;
        const uint16_t* below = row + 1 < plane.height ? above + plane.width : above;
        uint16_t* out = plane.out + row / 2 * columns;
        for (std::ptrdiff_t column = 0; column < whole; column += 8)
            _mm_storeu_si128((__m128i*)(out + column), means(above + 2 * column, below + 2 * column));
    }
    _mm256_zeroupper();
    halve_portable(plane, whole);
}

void process_avx2(const Process& work) {
    run_process(work);
    _mm256_zeroupper();
}
