/* Room expr: the condition language, a subset of CEL (docs/expr.md says which).
 *
 *   source --gj_expr_compile--> checked expression --gj_expr_eval(frame)--> value
 *
 * Types are checked against declared fields and functions; the cost of an evaluation is bounded
 * when the expression is loaded. Evaluation is three-valued: a field that was not given is
 * *unknown*, and what depends on it is unknown too, unless && or || or ?: decide without it. */
#ifndef GJ_EXPR_EXPR_H
#define GJ_EXPR_EXPR_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/errors.h"

enum gj_type_kind {
    GJ_TYPE_DYN, /* known only at run time: JSON from outside */
    GJ_TYPE_NULL,
    GJ_TYPE_BOOL,
    GJ_TYPE_INT,
    GJ_TYPE_STRING,
    GJ_TYPE_LIST,
    GJ_TYPE_MAP,
    GJ_TYPE_TIMESTAMP,
    GJ_TYPE_DURATION,
    GJ_TYPE_TYPE
};

/* list: `of` is the element; map: keys are of `key`, values of `of`. NULL stands for dyn. */
struct gj_type {
    enum gj_type_kind kind;
    const struct gj_type *key, *of;
};

extern const struct gj_type gj_type_dyn, gj_type_null, gj_type_bool, gj_type_int, gj_type_string,
    gj_type_timestamp, gj_type_duration, gj_type_list_of_string, gj_type_type;

enum gj_value_kind {
    GJ_V_UNKNOWN, /* see gj_frame.unknowns for which fields */
    GJ_V_ERROR,   /* text: what went wrong */
    GJ_V_NULL,
    GJ_V_BOOL,
    GJ_V_INT,
    GJ_V_STRING,
    GJ_V_LIST,
    GJ_V_MAP,
    GJ_V_TIMESTAMP,
    GJ_V_DURATION,
    GJ_V_TYPE
};

struct gj_value;
struct gj_entry;

struct gj_value {
    enum gj_value_kind kind;
    uint32_t count; /* list, map: elements */
    union {
        bool boolean;
        int64_t integer;
        struct gj_str text; /* string, error, type name */
        struct gj_instant instant;
        const struct gj_value *items;   /* list */
        const struct gj_entry *entries; /* map, in order of insertion */
    } as;
};

struct gj_entry {
    struct gj_value key, value;
};

/* The only texts that a string can be; items NULL: any. */
struct gj_choices {
    const struct gj_str *items;
    size_t count;
};

/* A declared field, by its dotted name: "shop.services.cod". `slot` is what gj_frame.lookup gets. A
 * comparison of a string with what is not among its `choices` is an error at load. */
struct gj_expr_field {
    struct gj_str name;
    const struct gj_type *type;
    uint32_t slot;
    struct gj_choices choices;
};

#define GJ_EXPR_ARGS_MAX 4

/* A function of the host, as hit("a") or param("b"); `prepare` is told which, so that one serves
 * many. Its arguments must be constants when `prepare` is set: prepare turns them into a handle at
 * load, or writes a reason into `why` and returns -1 (an error with caret at the argument). It may
 * also narrow the result type (param: by the parameter's type) through *result. Without `prepare`
 * it is an ordinary function. */
struct gj_expr_function {
    const char *name;
    const struct gj_type *result;
    const struct gj_type *params[GJ_EXPR_ARGS_MAX];
    unsigned param_count;
    uint64_t cost; /* in the units of gj_expr_cost */
    int (*prepare)(void *env, const struct gj_expr_function *function, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why);
    struct gj_value (*call)(void *frame_context, uint32_t handle, const struct gj_value *args,
                            struct gj_arena *arena);
};

/* What an expression may name. The functions and the types must outlive the compiled expression;
 * the array of fields and their choices need not. */
struct gj_expr_env {
    const struct gj_expr_field *fields;
    size_t field_count;
    const struct gj_expr_function *functions;
    size_t function_count;
    void *context;     /* given to prepare */
    uint64_t cost_max; /* 0: GJ_EXPR_COST_MAX */
};

#define GJ_EXPR_COST_MAX  1000000u
#define GJ_EXPR_DEPTH_MAX 128   /* nesting of an expression */
#define GJ_EXPR_BYTES_MAX 65536 /* of its source */

/* Where the source stands, for errors: file, line and column (code points, from 1) of its first
 * character, and the source line; for an expression typed on a command line file is empty, line 1,
 * column 1. When the expression stands in a YAML scalar that is not plain, columns may be off; then
 * the caller passes the scalar's start. */
struct gj_expr_place {
    struct gj_str file;
    uint32_t line, column;
    struct gj_str source_line;
};

struct gj_expr; /* lives in the arena it was compiled into */

/* Compiles `source`. `want` (or NULL) is the type it must have; dyn satisfies any at load and is
 * checked at run time. On failure returns NULL and adds every error found (parse errors stop at the
 * first) with its caret. */
const struct gj_expr *gj_expr_compile(struct gj_arena *arena, struct gj_str source,
                                      const struct gj_expr_env *env, const struct gj_type *want,
                                      struct gj_expr_place place, struct gj_errors *errors);

const struct gj_type *gj_expr_type(const struct gj_expr *expr);
/* An upper bound of the steps of one evaluation; lists and strings of unknown size count as 100. */
uint64_t gj_expr_cost(const struct gj_expr *expr);
struct gj_str gj_expr_source(const struct gj_expr *expr);

/* Every call of a host function with `prepare` in the expression, in source order: for finding
 * which lexicons a rule reads. */
struct gj_expr_call {
    const struct gj_expr_function *function;
    uint32_t handle;
};
size_t gj_expr_calls(const struct gj_expr *expr, const struct gj_expr_call **calls);

/* The slots of the declared fields it reads (has() included), each once. */
size_t gj_expr_slots(const struct gj_expr *expr, const uint32_t **slots);

/* Whether the expression, of type bool, cannot be true while the field of `slot` is unknown. False
 * when that is not certain. */
bool gj_expr_needs(const struct gj_expr *expr, uint32_t slot);

/* Whether each part of a && b && c in `wide` also stands, written alike, in `narrow`: then `narrow`
 * holds only where `wide` does. */
bool gj_expr_narrows(const struct gj_expr *narrow, const struct gj_expr *wide);

#define GJ_UNKNOWNS_MAX 16

/* One evaluation. `lookup` gives a field's value, kind GJ_V_UNKNOWN where it was not given. `arena`
 * holds what the value points to. Bool, int, string and hit-like expressions touch the arena not at
 * all. */
struct gj_frame {
    struct gj_value (*lookup)(void *context, uint32_t slot);
    void *context;
    struct gj_arena *arena;
    bool beforehand; /* fields are yet to be given: has() of one that is unknown is unknown */
    uint32_t unknowns[GJ_UNKNOWNS_MAX]; /* out: slots that made the result unknown */
    size_t unknown_count;
    /* optional: called after each host call, field read and logical operator, with its source text
     * and its value; `depth` is its depth in the expression, 1 for the whole */
    void (*trace)(void *context, struct gj_str source, const struct gj_value *value,
                  unsigned depth);
};

struct gj_value gj_expr_eval(const struct gj_expr *expr, struct gj_frame *frame);

/* The static type that fits `value`, for declaring a field by its value: a list whose elements are
 * of one type is a list of that type, else of dyn; maps alike. Composite types are made in `arena`;
 * where that runs out of memory, dyn. Unknown and error are dyn. */
const struct gj_type *gj_type_of_value(struct gj_arena *arena, const struct gj_value *value);

/* Equality as CEL has it, over all kinds: values of different kinds are different. */
bool gj_value_equal(const struct gj_value *a, const struct gj_value *b);

/* Appends the type's name as a user knows it: "int", "list(string)", "map(string, dyn)". */
void gj_type_name(const struct gj_type *type, struct gj_buf *out);

/* Appends the value as JSON: a timestamp as RFC 3339, a duration as "3600s" (or "1.5s"), a type as
 * its name, unknown and error as null. Map keys are written as strings. */
void gj_value_json(const struct gj_value *value, struct gj_buf *out);

#endif
