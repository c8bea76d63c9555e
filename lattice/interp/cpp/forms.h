// How a tile's pixels lie in memory: packed RGBA, or planes of r, g, b. Part of block.h, inside its namespace.
//
// A form reads a tile of a picture, or is where one is written; Room is where a tile stays that reaches past the row's
// end, or lies otherwise. The halves of a lane are the four of each channel that are side by side in planes.

constexpr int HALF_BITS = 16, HALF_CODE = HALF_CODES - 1;

// Memory that is soon read or written. Past the picture's end it does nothing. Inlined, or compilers take it for a
// function without an effect.
INLINED void call_for(const char* start, int bytes) {
    for (int i = 0; i < bytes; i += CACHE_LINE) __builtin_prefetch(start + i);
}

template <class T> inline Planes planes_of(const T* rgba) {
    Four pixels = each([&](int k) { return widen(rgba + k * W); });
    turn(pixels);
    return {pixels.of[0], pixels.of[1], pixels.of[2]};
}

// Code values of a block, packed, to memory with the alpha of `source`.
template <class In, class Out> inline void put_four(Out* out, const Four& codes, const In* source) {
    for (int k = 0; k < 4; ++k) put(out + k * W, codes.of[k], source + k * W);
}

template <class In, class Out> inline void put_planes(Out* out, Four planes, const In* source) {
    turn(planes);
    put_four(out, planes, source);
}

template <class T> struct Packed {
    static constexpr bool IS_HALF = sizeof(T) == sizeof(uint16_t);
    struct Room { alignas(64) T rgba[4 * TILE] = {}; };
    struct Halves {
        uint64_t pixels[4];
        int of(int channel, int pixel) const { return (int)(pixels[pixel] >> channel * HALF_BITS & HALF_CODE); }
    };
    T* rgba;

    static Packed read(const Picture& in, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, Room& room) {
        return {const_cast<T*>(packed<TILE>(in, row, column, width, room.rgba))};
    }
    static Packed place(const Picture& out, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width,
                        Room& room) {
        return {place_for<TILE>(out, row, column, width, room.rgba)};
    }
    void finish(const Picture& out, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, Room& room) const {
        if (rgba == room.rgba) unpack<TILE>(rgba, out, row, column, width);
    }
    static INLINED void call_ahead(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column) {
        call_for(pixel_of(picture, row, column), 4 * W * sizeof(T));
    }

    Halves halves(int block, int lane) const {
        Halves found;
        for (int k = 0; k < 4; ++k)
            std::memcpy(found.pixels + k, rgba + 4 * (W * block + LANES * k + lane), sizeof(uint64_t));
        return found;
    }
    Planes scene(int block) const { return planes_of(rgba + 4 * W * block); }
    template <class In> void put_values(int block, const Four& values, const Packed<In>& source) const {
        put_four(rgba + 4 * W * block, values, source.rgba + 4 * W * block);
    }
    template <class In> void put(int block, const Four& planes, const Packed<In>& source) const {
        put_planes(rgba + 4 * W * block, planes, source.rgba + 4 * W * block);
    }
};

template <class T> struct Apart {
    static constexpr bool IS_HALF = sizeof(T) == sizeof(uint16_t);
    struct Room { alignas(64) T planes[3][TILE] = {}; };
    struct Halves {
        uint64_t channels[3];
        int of(int channel, int pixel) const { return (int)(channels[channel] >> pixel * HALF_BITS & HALF_CODE); }
    };
    T* planes[3];

    static Apart read(const Picture& in, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, Room& room) {
        Apart tile = place(in, row, column, width, room);
        for (int k = 0; k < 3 && tile.is_in(room); ++k)
            std::memcpy(room.planes[k], plane_of(in, row, column, k), (width - column) * sizeof(T));
        return tile;
    }
    static Apart place(const Picture& out, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width,
                       Room& room) {
        if (column + TILE > width) return {{room.planes[0], room.planes[1], room.planes[2]}};
        auto plane = [&](int k) { return reinterpret_cast<T*>(plane_of(out, row, column, k)); };
        return {{plane(0), plane(1), plane(2)}};
    }
    void finish(const Picture& out, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, Room& room) const {
        for (int k = 0; k < 3 && is_in(room); ++k)
            std::memcpy(plane_of(out, row, column, k), planes[k], (width - column) * sizeof(T));
    }
    bool is_in(const Room& room) const { return planes[0] == room.planes[0]; }
    static INLINED void call_ahead(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column) {
        for (int k = 0; k < 3; ++k) call_for(plane_of(picture, row, column, k), W * sizeof(T));
    }

    Halves halves(int block, int lane) const {
        Halves found;
        for (int k = 0; k < 3; ++k)
            std::memcpy(found.channels + k, planes[k] + W * block + 4 * lane, sizeof(uint64_t));
        return found;
    }
    Planes scene(int block) const {
        return {widen(planes[0] + W * block), widen(planes[1] + W * block), widen(planes[2] + W * block)};
    }
    template <class In> void put_values(int block, Four values, const Apart<In>& source) const {
        turn(values);
        put(block, values, source);
    }
    template <class In> void put(int block, const Four& codes, const Apart<In>&) const {
        for (int k = 0; k < 3; ++k) store(planes[k] + W * block, codes.of[k]);
    }
};
