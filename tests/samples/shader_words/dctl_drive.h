void draw(const float* scene, float* codes, int count, const float* table, const float* nodes) {
    for (int i = 0; i < count; ++i) {
        float3 code = transform(count, 1, i, 0, scene[4 * i], scene[4 * i + 1], scene[4 * i + 2]);
        codes[4 * i] = code.x;
        codes[4 * i + 1] = code.y;
        codes[4 * i + 2] = code.z;
        codes[4 * i + 3] = scene[4 * i + 3];
    }
}
