// A canvas's pixels: where they are in the picture, its light through an SDev, and what a viewer does after it. The
// same arithmetic as lattice/view/drawn.py. Whoever compiles it defines, or takes what stands here:
//   MODE                            0 single, 1 wipe, 2 difference
//   FALSE_COLOR, CLIPPING, MARKERS  whether they are shown
//   CODES_ONLY                      for tests and read-backs: side A's codes, sample by sample, bottom up
//   IS_NEAREST                      whether samples are as large as pixels, or larger
//   HAS_GAMMA                       whether the viewer's gamma is not 1
// and STAGES_, STEPS_, CURVES_(step) and BY_TETRAHEDRA_ with A and with B, before the shared text.

#ifndef MODE
#define MODE 0
#endif
#ifndef FALSE_COLOR
#define FALSE_COLOR false
#define CLIPPING false
#define MARKERS false
#endif
#ifndef CODES_ONLY
#define CODES_ONLY true
#endif
#ifndef IS_NEAREST
#define IS_NEAREST zoom * scene.scale >= 1.0
#endif
#ifndef HAS_GAMMA
#define HAS_GAMMA true
#endif

struct Scene {
    ivec2 size;         // samples across and down
    float scale;        // picture pixels to a sample
    vec2 origin;        // the data window's top left corner, from the display window's
    vec2 window;        // the display window's size
    float aspect;
    int planes;         // 3, or 4 with alpha
    bool premultiplied, raw;
};

uniform usampler2DArray scene_a, scene_b;  // R, G, B and A as bits of halves, a layer each
uniform Scene facts_a, facts_b;
uniform vec2 canvas, center;
uniform float zoom, gain, inverse_gamma;
uniform int channel;                       // 0 rgb, 1 to 4 r, g, b, a, 5 luma
uniform vec4 wipe;                         // a point of the display window in pixels, and the line's normal
uniform vec4 bands[24];                    // upper end in stops from mid gray, and color
uniform int band_count;
uniform vec3 surround, above, below, nan_color, inf_color, negative_color;
uniform float difference;
out vec4 shown;

#define HALF_INFINITY 31744u
#define HALF_SIZE 32767u
#define MID_GRAY 0.18
#define ABOVE (254.5 / 255.0)
#define BELOW (0.5 / 255.0)
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

uint bits_a(int x, int y, int plane) { return texelFetch(scene_a, ivec3(x, y, plane), 0).r; }
uint bits_b(int x, int y, int plane) { return texelFetch(scene_b, ivec3(x, y, plane), 0).r; }

// Known by their bits: compilers remove comparisons that find a NaN.
float finite(uint half_bits) {
    uint size = half_bits & HALF_SIZE;
    if (size > HALF_INFINITY) return 0.0;
    if (size == HALF_INFINITY) return half_bits == size ? HALF_MAX : -HALF_MAX;
    return unpackHalf2x16(half_bits).x;
}

vec4 texel_of(bool first, int x, int y, int planes) {
    if (first)
        return vec4(finite(bits_a(x, y, 0)), finite(bits_a(x, y, 1)), finite(bits_a(x, y, 2)),
                    planes == 4 ? finite(bits_a(x, y, 3)) : 1.0);
    return vec4(finite(bits_b(x, y, 0)), finite(bits_b(x, y, 1)), finite(bits_b(x, y, 2)),
                planes == 4 ? finite(bits_b(x, y, 3)) : 1.0);
}

// Scene light at a place counted in samples; nearest from 1:1 on, else between the four around it.
vec4 light_at(bool first, Scene scene, vec2 at) {
    ivec2 last = scene.size - 1;
    if (IS_NEAREST) {
        ivec2 i = clamp(ivec2(floor(at)), ivec2(0), last);
        return texel_of(first, i.x, i.y, scene.planes);
    }
    vec2 from = at - 0.5;
    ivec2 low = ivec2(floor(from));
    vec2 share = from - vec2(low);
    ivec2 i = clamp(low, ivec2(0), last), j = clamp(low + 1, ivec2(0), last);
    vec4 top = mix(texel_of(first, i.x, i.y, scene.planes), texel_of(first, j.x, i.y, scene.planes), share.x);
    vec4 foot = mix(texel_of(first, i.x, j.y, scene.planes), texel_of(first, j.x, j.y, scene.planes), share.x);
    return mix(top, foot, share.y);
}

vec3 through(bool first, vec3 light) {
    Color scene = make_color(light.r, light.g, light.b);
    Color codes;
    if (first) codes = shade(BY_TETRAHEDRA_A, scene);
    else codes = shade_b(BY_TETRAHEDRA_B, scene);
    return vec3(codes.r, codes.g, codes.b);
}

vec3 graded(bool first, Scene scene, vec4 light) {
    if (scene.raw) return clamp(light.rgb * gain, 0.0, 1.0);
    if (scene.premultiplied && light.a <= 0.0 && light.rgb == vec3(0.0)) return vec3(0.0);  // nothing is there
    bool divides = scene.premultiplied && light.a > 0.0;
    vec3 own = divides ? light.rgb / light.a : light.rgb;
    vec3 codes = through(first, own * gain);
    return divides ? codes * light.a : codes;
}

// 1: NaN, 2: infinite, 3: negative, in a red, green or blue of the sample itself.
int oddity(bool first, Scene scene, vec2 at) {
    ivec2 i = clamp(ivec2(floor(at)), ivec2(0), scene.size - 1);
    int found = 0;
    for (int plane = 0; plane < 3; ++plane) {
        uint stored;
        if (first) stored = bits_a(i.x, i.y, plane);
        else stored = bits_b(i.x, i.y, plane);
        uint size = stored & HALF_SIZE;
        int kind = size > HALF_INFINITY ? 1 : size == HALF_INFINITY ? 2 : (size != stored && size != 0u) ? 3 : 0;
        if (kind != 0 && (found == 0 || kind < found)) found = kind;
    }
    return found;
}

vec3 band_of(vec3 light) {
    float luminance = dot(light, LUMA);
    float stops = luminance > 0.0 ? log2(luminance / MID_GRAY) : -1000.0;
    for (int i = 0; i < band_count; ++i)
        if (stops < bands[i].x) return bands[i].gba;
    return bands[band_count - 1].gba;
}

bool is_inside(vec2 at, vec2 size) { return at.x >= 0.0 && at.y >= 0.0 && at.x < size.x && at.y < size.y; }

// Codes of one side at a place in the picture, and its alpha; 0 where there is no data.
vec4 side(bool first, Scene scene, vec2 place) {
    vec2 at = (place - scene.origin) / scene.scale;
    if (!is_inside(at, vec2(scene.size))) return vec4(0.0);
    vec4 light = light_at(first, scene, at);
    vec3 codes = graded(first, scene, light);
    if (HAS_GAMMA) codes = min(pow(max(codes, 0.0), vec3(inverse_gamma)), HALF_MAX);  // as in drawn.py: a difference is a number
    return vec4(codes, light.a);
}

vec3 overlaid(bool first, Scene scene, vec2 place, vec3 color, vec3 codes) {
    vec2 at = (place - scene.origin) / scene.scale;
    if (!is_inside(at, vec2(scene.size))) return color;
    if (FALSE_COLOR) color = band_of(light_at(first, scene, at).rgb * gain);
    if (CLIPPING) {
        if (any(greaterThanEqual(codes, vec3(ABOVE)))) color = above;
        else if (any(lessThanEqual(codes, vec3(BELOW)))) color = below;
    }
    int odd = MARKERS ? oddity(first, scene, at) : 0;
    return odd == 1 ? nan_color : odd == 2 ? inf_color : odd == 3 ? negative_color : color;
}

void main() {
    if (CODES_ONLY) {
        vec4 light = texel_of(true, int(gl_FragCoord.x), int(gl_FragCoord.y), facts_a.planes);
        shown = vec4(graded(true, facts_a, light), light.a);
        return;
    }
    vec2 pixel = vec2(gl_FragCoord.x, canvas.y - gl_FragCoord.y);
    vec2 place = center + (pixel - canvas * 0.5) / (zoom * vec2(facts_a.aspect, 1.0));
    bool first = true;
    if (MODE == 1) first = dot((place - wipe.xy) * vec2(facts_a.aspect, 1.0), wipe.zw) < 0.0;
    Scene scene = facts_a;
    if (!first) scene = facts_b;
    vec2 at = (place - scene.origin) / scene.scale;
    if (!is_inside(at, vec2(scene.size)) && !is_inside(place, scene.window)) {
        shown = vec4(surround, 1.0);
        return;
    }
    vec4 codes = side(first, scene, place);
    if (MODE == 2) codes.rgb = abs(codes.rgb - side(false, facts_b, place).rgb) * difference;
    vec3 color = codes.rgb;
    if (channel == 5) color = vec3(dot(codes.rgb, LUMA));
    else if (channel == 4) color = vec3(codes.a);
    else if (channel != 0) color = vec3(channel == 1 ? codes.r : channel == 2 ? codes.g : codes.b);
    shown = vec4(overlaid(first, scene, place, color, codes.rgb), 1.0);
}
