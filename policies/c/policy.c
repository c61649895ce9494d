/* The policy by way of Wasmtime's C API. */

#include "policy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wasm.h>
#include <wasmtime/component.h>
#include <wasmtime/config.h>
#include <wasmtime/engine.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>

#include "utf8.h"

#define INTERFACE "podroute:policy/json@0.1.0"
/* How often deadlines are looked at, in milliseconds. */
#define TICK 10

struct policy {
    wasm_engine_t *engine;
    wasmtime_component_t *component;
    wasmtime_component_linker_t *linker;
    struct limits limits;
    pthread_t clock;
    bool clock_runs;
    atomic_bool over;
};

static struct answer stopped(const char *reason) {
    struct answer answer = {STOPPED, strdup(reason), strlen(reason)};
    return answer;
}

static struct answer stopped_by(wasmtime_error_t *error) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    struct answer answer = {STOPPED, malloc(message.size), message.size};
    memcpy(answer.text, message.data, message.size);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return answer;
}

/* Deadlines are counted in epochs, and somebody has to count. */
static void *count_epochs(void *argument) {
    struct policy *policy = argument;
    const struct timespec tick = {0, TICK * 1000000L};
    while (!atomic_load(&policy->over)) {
        nanosleep(&tick, NULL);
        wasmtime_engine_increment_epoch(policy->engine);
    }
    return NULL;
}

static struct answer read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return stopped("it cannot be opened");
    struct answer bytes = {ANSWERED, NULL, 0};
    size_t room = 0, got;
    do {
        if (bytes.length == room) {
            room += 1 << 20;
            char *more = realloc(bytes.text, room);
            if (more == NULL)
                break;
            bytes.text = more;
        }
        got = fread(bytes.text + bytes.length, 1, room - bytes.length, file);
        bytes.length += got;
    } while (got > 0);
    bool failed = ferror(file) || !feof(file);
    fclose(file);
    if (failed) {
        answer_free(&bytes);
        return stopped("it cannot be read");
    }
    return bytes;
}

static wasm_engine_t *engine(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_epoch_interruption_set(config, true);
    return wasm_engine_new_with_config(config);
}

static wasmtime_component_t *compile(wasm_engine_t *engine, const char *path, struct answer *why) {
    struct answer bytes = read_file(path);
    if (bytes.outcome == STOPPED) {
        *why = bytes;
        return NULL;
    }
    wasmtime_component_t *component = NULL;
    /* Wasmtime would take anything else for the text format. */
    if (bytes.length < 4 || memcmp(bytes.text, "\0asm", 4) != 0) {
        *why = stopped("it is not WebAssembly");
    } else {
        wasmtime_error_t *error = wasmtime_component_new(engine, (const uint8_t *)bytes.text,
                                                         bytes.length, &component);
        if (error != NULL)
            *why = stopped_by(error);
    }
    answer_free(&bytes);
    return component;
}

/* Takes the engine and the component, which may be missing. */
static struct policy *start(wasm_engine_t *engine, wasmtime_component_t *component,
                            struct limits limits, struct answer *why) {
    struct policy *policy = calloc(1, sizeof *policy);
    policy->engine = engine;
    policy->component = component;
    policy->limits = limits;
    if (component == NULL) {
        policy_free(policy);
        return NULL;
    }
    /* Nothing is added to the linker: the policy imports nothing. */
    policy->linker = wasmtime_component_linker_new(engine);
    policy->clock_runs = pthread_create(&policy->clock, NULL, count_epochs, policy) == 0;
    if (!policy->clock_runs) {
        *why = stopped("there is no thread for the clock, and without it no deadline");
        policy_free(policy);
        return NULL;
    }
    return policy;
}

struct policy *policy_load(const char *path, struct limits limits, struct answer *why) {
    wasm_engine_t *made = engine();
    return start(made, compile(made, path, why), limits, why);
}

struct policy *policy_load_compiled(const char *path, struct limits limits, struct answer *why) {
    wasm_engine_t *made = engine();
    wasmtime_component_t *component = NULL;
    wasmtime_error_t *error = wasmtime_component_deserialize_file(made, path, &component);
    if (error != NULL)
        *why = stopped_by(error);
    return start(made, component, limits, why);
}

bool policy_compile(const char *path, const char *compiled, struct answer *why) {
    wasm_engine_t *made = engine();
    wasmtime_component_t *component = compile(made, path, why);
    bool done = false;
    if (component != NULL) {
        wasm_byte_vec_t bytes;
        wasmtime_error_t *error = wasmtime_component_serialize(component, &bytes);
        if (error != NULL) {
            *why = stopped_by(error);
        } else {
            FILE *file = fopen(compiled, "wb");
            done = file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
            done = (file == NULL || fclose(file) == 0) && done;
            if (!done)
                *why = stopped("the compiled file cannot be written");
            wasm_byte_vec_delete(&bytes);
        }
        wasmtime_component_delete(component);
    }
    wasm_engine_delete(made);
    return done;
}

void policy_free(struct policy *policy) {
    if (policy->clock_runs) {
        atomic_store(&policy->over, true);
        pthread_join(policy->clock, NULL);
    }
    if (policy->linker != NULL)
        wasmtime_component_linker_delete(policy->linker);
    if (policy->component != NULL)
        wasmtime_component_delete(policy->component);
    wasm_engine_delete(policy->engine);
    free(policy);
}

void answer_free(struct answer *answer) {
    free(answer->text);
    answer->text = NULL;
}

/* A function of the component is found in two steps: interface, then name. */
static bool find(wasmtime_component_instance_t *instance, wasmtime_context_t *context,
                 const char *name, wasmtime_component_func_t *function) {
    wasmtime_component_export_index_t *interface = wasmtime_component_instance_get_export_index(
        instance, context, NULL, INTERFACE, strlen(INTERFACE));
    if (interface == NULL)
        return false;
    wasmtime_component_export_index_t *index = wasmtime_component_instance_get_export_index(
        instance, context, interface, name, strlen(name));
    bool found = index != NULL &&
                 wasmtime_component_instance_get_func(instance, context, index, function);
    if (index != NULL)
        wasmtime_component_export_index_delete(index);
    wasmtime_component_export_index_delete(interface);
    return found;
}

/* result<string, string> of the WIT. */
static struct answer from_result(const wasmtime_component_val_t *result) {
    if (result->kind != WASMTIME_COMPONENT_RESULT || result->of.result.val == NULL ||
        result->of.result.val->kind != WASMTIME_COMPONENT_STRING)
        return stopped("the answer is no result<string, string>: another version of the policy?");
    const wasm_name_t *text = &result->of.result.val->of.string;
    struct answer answer = {result->of.result.is_ok ? ANSWERED : REFUSED, malloc(text->size + 1),
                            text->size};
    memcpy(answer.text, text->data, text->size);
    return answer;
}

static struct answer call_in(struct policy *policy, wasmtime_context_t *context, const char *name,
                             const char *request, size_t length) {
    /* Rounded up, and one more: the current epoch has partly gone. */
    wasmtime_context_set_epoch_deadline(context, (policy->limits.deadline + TICK - 1) / TICK + 1);
    wasmtime_component_instance_t instance;
    wasmtime_error_t *error = wasmtime_component_linker_instantiate(
        policy->linker, context, policy->component, &instance);
    if (error != NULL)
        return stopped_by(error);
    wasmtime_component_func_t function;
    if (!find(&instance, context, name, &function))
        return stopped("no such function in " INTERFACE);
    wasmtime_component_val_t argument = {.kind = WASMTIME_COMPONENT_STRING};
    /* The call frees what stands here before it puts the answer in. */
    wasmtime_component_val_t result = {.kind = WASMTIME_COMPONENT_BOOL};
    wasm_name_new(&argument.of.string, length, request);
    error = wasmtime_component_func_call(&function, context, &argument, 1, &result, 1);
    wasmtime_component_val_delete(&argument);
    if (error != NULL)
        return stopped_by(error);
    struct answer answer = from_result(&result);
    wasmtime_component_val_delete(&result);
    return answer;
}

struct answer policy_call(struct policy *policy, const char *function, const char *request,
                          size_t length) {
    /* The C API ends the whole process over a string that is no UTF-8. */
    if (!is_utf8(request, length))
        return stopped("the request is not UTF-8");
    wasmtime_store_t *store = wasmtime_store_new(policy->engine, NULL, NULL);
    wasmtime_store_limiter(store, policy->limits.memory, -1, -1, -1, -1);
    struct answer answer =
        call_in(policy, wasmtime_store_context(store), function, request, length);
    wasmtime_store_delete(store);
    return answer;
}
