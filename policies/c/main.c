/* Asks the policy from the command line.
 *
 *   ask compile COMPONENT.wasm COMPILED.cwasm
 *   ask [--memory MIB] [--deadline MS] POLICY evaluate|review < REQUEST
 *   ask [--memory MIB] [--deadline MS] POLICY frames
 *
 * A policy is a component or, when its name ends in .cwasm, a compiled one.
 * The exit code says what became of a request: 0 answered, 1 refused, 2 stopped.
 * `frames` answers one request after the other, of which each is a line
 * `evaluate LENGTH` or `review LENGTH` and so many bytes; the answer is a line
 * `answered LENGTH`, `refused LENGTH` or `stopped LENGTH` and so many bytes. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasmtime.h>

#include "policy.h"

static const char *const OUTCOMES[] = {"answered", "refused", "stopped"};

static int usage(void) {
    fputs("usage: ask [--memory MIB] [--deadline MS] POLICY evaluate|review|frames\n"
          "       ask compile COMPONENT.wasm COMPILED.cwasm\n",
          stderr);
    return 2;
}

static bool is_function(const char *name) {
    return strcmp(name, "evaluate") == 0 || strcmp(name, "review") == 0;
}

static bool is_compiled(const char *path) {
    size_t length = strlen(path);
    return length > 6 && strcmp(path + length - 6, ".cwasm") == 0;
}

static int no_policy(const char *path, struct answer *why) {
    fprintf(stderr, "ask: %s is no policy: %.*s\n", path, (int)why->length, why->text);
    answer_free(why);
    return 2;
}

static int one(struct policy *policy, const char *function) {
    char *request = NULL;
    size_t length = 0, room = 0;
    do {
        if (length == room) {
            room = room == 0 ? 1 << 16 : room * 2;
            char *more = realloc(request, room);
            if (more == NULL) {
                free(request);
                fputs("ask: the request does not fit into memory\n", stderr);
                return 2;
            }
            request = more;
        }
        length += fread(request + length, 1, room - length, stdin);
    } while (!feof(stdin) && !ferror(stdin));
    struct answer answer = policy_call(policy, function, request, length);
    free(request);
    bool is_stopped = answer.outcome == STOPPED;
    if (is_stopped)
        fputs("ask: the policy was stopped: ", stderr);
    FILE *out = is_stopped ? stderr : stdout;
    fwrite(answer.text, 1, answer.length, out);
    fputc('\n', out);
    answer_free(&answer);
    return (int)answer.outcome;
}

static int frames(struct policy *policy) {
    char function[16];
    size_t length;
    int fields;
    while ((fields = scanf("%15s %zu", function, &length)) == 2) {
        char *request = malloc(length + 1);
        if (request == NULL || !is_function(function) || getchar() != '\n' ||
            fread(request, 1, length, stdin) != length) {
            fputs("ask: a frame is broken\n", stderr);
            free(request);
            return 2;
        }
        struct answer answer = policy_call(policy, function, request, length);
        free(request);
        printf("%s %zu\n", OUTCOMES[answer.outcome], answer.length);
        fwrite(answer.text, 1, answer.length, stdout);
        fflush(stdout);
        answer_free(&answer);
    }
    return fields == EOF ? 0 : 2;
}

int main(int count, char **words) {
    struct limits limits = {.memory = 2048LL << 20, .deadline = 60000};
    int at = 1;
    for (; at + 1 < count && strncmp(words[at], "--", 2) == 0; at += 2) {
        char *rest;
        unsigned long number = strtoul(words[at + 1], &rest, 10);
        if (*rest != '\0' || number > 1 << 20)
            return usage();
        if (strcmp(words[at], "--memory") == 0)
            limits.memory = (int64_t)number << 20;
        else if (strcmp(words[at], "--deadline") == 0)
            limits.deadline = number;
        else
            return usage();
    }
    if (count == 2 && strcmp(words[1], "--version") == 0) {
        puts("wasmtime " WASMTIME_VERSION " (C API)");
        return 0;
    }
    struct answer why;
    if (count == 4 && strcmp(words[1], "compile") == 0)
        return policy_compile(words[2], words[3], &why) ? 0 : no_policy(words[2], &why);
    if (at + 2 != count)
        return usage();
    const char *path = words[at], *task = words[at + 1];
    bool is_frames = strcmp(task, "frames") == 0;
    if (!is_frames && !is_function(task))
        return usage();
    struct policy *policy = is_compiled(path) ? policy_load_compiled(path, limits, &why)
                                              : policy_load(path, limits, &why);
    if (policy == NULL)
        return no_policy(path, &why);
    int status = is_frames ? frames(policy) : one(policy, task);
    policy_free(policy);
    return status;
}
