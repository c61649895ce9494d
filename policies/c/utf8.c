#include "utf8.h"

#include <stdint.h>

/* Table 3-7 of the Unicode Standard: after the first byte follow so many, of
 * which the next one lies within these bounds, and the others in 80..BF. */
static size_t following(uint8_t first, uint8_t *least, uint8_t *greatest) {
    *least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *greatest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
}

bool is_utf8(const char *text, size_t length) {
    const uint8_t *byte = (const uint8_t *)text, *end = byte + length;
    while (byte < end) {
        uint8_t first = *byte++;
        if (first < 0x80)
            continue;
        if (first < 0xC2 || first > 0xF4)
            return false;
        uint8_t least, greatest;
        size_t count = following(first, &least, &greatest);
        if ((size_t)(end - byte) < count || *byte < least || *byte > greatest)
            return false;
        for (size_t i = 1; i < count; i++)
            if ((byte[i] & 0xC0) != 0x80)
                return false;
        byte += count;
    }
    return true;
}
