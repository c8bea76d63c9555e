// Pixels of any memory layout to packed RGBA and back, COUNT at a time.
#pragma once
#include "native.h"

namespace {

template <class T> bool is_packed(const Picture& picture) {
    auto aligned = (reinterpret_cast<std::uintptr_t>(picture.pixels) | (std::uintptr_t)picture.row) % sizeof(T) == 0;
    return aligned && picture.channels == 4 && picture.channel == sizeof(T) && picture.column == 4 * sizeof(T);
}

inline char* pixel_of(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column) {
    return picture.pixels + row * picture.row + column * picture.column;
}

template <bool TO_RGBA> void copy(void* rgba, char* pixel, std::size_t size) {
    TO_RGBA ? std::memcpy(rgba, pixel, size) : std::memcpy(pixel, rgba, size);
}

inline char* plane_of(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column, int channel) {
    return pixel_of(picture, row, column) + channel * picture.channel;
}

// True of three channels whose values each lie side by side in a row.
template <class T> bool is_apart(const Picture& picture) {
    auto places = reinterpret_cast<std::uintptr_t>(picture.pixels) | (std::uintptr_t)picture.row |
                  (std::uintptr_t)picture.channel;
    return places % sizeof(T) == 0 && picture.channels == 3 && picture.column == sizeof(T);
}

// Between packed RGBA and a picture's pixels. Where channels lie side by side a pixel goes as a whole, and one more
// value with it, which the next pixel overwrites: three channels as four are one move.
template <bool TO_RGBA, int CHANNELS, class T>
void move(T* rgba, const Picture& picture, char* pixel, std::ptrdiff_t count) {
    std::ptrdiff_t column = picture.column, channel = picture.channel, i = 0;
    if (channel == sizeof(T) && column == CHANNELS * (std::ptrdiff_t)sizeof(T))
        for (; i < count - 1; ++i, pixel += column, rgba += 4) copy<TO_RGBA>(rgba, pixel, 4 * sizeof(T));
    for (; i < count; ++i, pixel += column, rgba += 4)
        for (int k = 0; k < CHANNELS; ++k) copy<TO_RGBA>(rgba + k, pixel + k * channel, sizeof(T));
}

template <bool TO_RGBA, class T> void move(T* rgba, const Picture& picture, char* pixel, std::ptrdiff_t count) {
    if (picture.channels == 4) move<TO_RGBA, 4>(rgba, picture, pixel, count);
    else move<TO_RGBA, 3>(rgba, picture, pixel, count);
}

// The pixels from `column` on, packed: where they lie if they lie so, else copied to `staged`, 0 past the row's end.
template <int COUNT, class T>
const T* packed(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, T* staged) {
    char* pixel = pixel_of(picture, row, column);
    if (is_packed<T>(picture) && column + COUNT <= width) return reinterpret_cast<T*>(pixel);
    std::ptrdiff_t count = width - column < COUNT ? width - column : COUNT;
    if (count < COUNT) std::memset(staged, 0, sizeof(T) * 4 * COUNT);
    move<true>(staged, picture, pixel, count);
    return staged;
}

// Where a packed tile may be written: in place if the picture is packed, else `staged`, for unpack to bring over.
template <int COUNT, class T>
T* place_for(const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width, T* staged) {
    bool direct = is_packed<T>(picture) && column + COUNT <= width;
    return direct ? reinterpret_cast<T*>(pixel_of(picture, row, column)) : staged;
}

template <int COUNT, class T>
void unpack(T* staged, const Picture& picture, std::ptrdiff_t row, std::ptrdiff_t column, std::ptrdiff_t width) {
    std::ptrdiff_t count = width - column < COUNT ? width - column : COUNT;
    move<false>(staged, picture, pixel_of(picture, row, column), count);
}

}  // namespace
