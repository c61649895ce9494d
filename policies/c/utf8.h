/* Whether bytes are UTF-8, as Unicode defines it: no surrogates, nothing
 * longer than it has to be. */

#ifndef PODROUTE_UTF8_H
#define PODROUTE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool is_utf8(const char *text, size_t length);

#endif
