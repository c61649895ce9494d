/* The policy in a C program: load it once, ask it as often as you like. */

#ifndef PODROUTE_POLICY_H
#define PODROUTE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits {
    /* Bytes of memory for one call. WebAssembly can address 4 GiB. */
    int64_t memory;
    /* Wall time of one call, in milliseconds. */
    uint64_t deadline;
};

enum outcome {
    /* The text is a podroute.report/v1 or a podroute.review/v1. */
    ANSWERED,
    /* The policy does not take this request: a podroute.error/v1. */
    REFUSED,
    /* It was stopped, by a limit or a bug of its own: why, in words. */
    STOPPED,
};

struct answer {
    enum outcome outcome;
    /* Not terminated. Give it back with answer_free. */
    char *text;
    size_t length;
};

struct policy;

/* Compiles the component in a file. NULL means that it cannot be used; then
 * `why` has the reason, to be given back with answer_free. */
struct policy *policy_load(const char *path, struct limits limits, struct answer *why);

/* The same from a file that policy_compile wrote: in milliseconds, where
 * compiling takes seconds. The file is machine code that runs unchecked: load
 * what you have compiled yourself, with this library, on such a machine. */
struct policy *policy_load_compiled(const char *path, struct limits limits, struct answer *why);

/* Compiles the component in a file into another. False: `why` has the reason. */
bool policy_compile(const char *path, const char *compiled, struct answer *why);

/* Calls a function of the interface `json`: "evaluate" or "review". Each call
 * has an instance of its own, so nothing is left of one in the next. */
struct answer policy_call(struct policy *policy, const char *function, const char *request,
                          size_t length);

void policy_free(struct policy *policy);

void answer_free(struct answer *answer);

#endif
