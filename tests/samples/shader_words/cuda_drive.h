extern "C" void draw(const float* scene, float* codes, int count, const float* table, const float* nodes) {
    lattice_picture((const float4*)scene, (float4*)codes, count, (const float4*)table, (const float4*)nodes);
}
