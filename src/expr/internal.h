/* Room expr, inside: the parts that its files share.
 *
 *   source -> lex.c -> parse.c -> tree -> check.c (names.c, types.c) -> cost.c -> eval.c
 *
 * The tree of nodes is what is evaluated: checking turns names into slots and function rows in
 * place. Invariants of a checked tree: no GJ_N_IDENT is left; every node has a type; no path from
 * the root is longer than GJ_EXPR_DEPTH_MAX, so recursion over it is safe. */
#ifndef GJ_EXPR_INTERNAL_H
#define GJ_EXPR_INTERNAL_H

#include "expr/expr.h"

enum gj_node_kind {
    GJ_N_CONST,
    GJ_N_IDENT,     /* a name not yet resolved */
    GJ_N_FIELD,     /* a declared field: index is its slot */
    GJ_N_LOCAL,     /* a variable of a macro: index is its level */
    GJ_N_SELECT,    /* kids[0].name */
    GJ_N_HAS,       /* has(kids[0].name); before checking kids[0] is the argument itself */
    GJ_N_HAS_FIELD, /* has(declared field): index is its slot */
    GJ_N_INDEX,     /* kids[0][kids[1]] */
    GJ_N_CALL,      /* a built-in function */
    GJ_N_HOST,      /* a function of the host */
    GJ_N_AND,       /* all kids: a && b && c is one node */
    GJ_N_OR,
    GJ_N_NOT,
    GJ_N_NEGATE,
    GJ_N_IF, /* kids[0] ? kids[1] : kids[2] */
    GJ_N_LIST,
    GJ_N_MAP,   /* kids: key, value, key, value ... */
    GJ_N_CHAIN, /* kids[0] ops[0] kids[1] ops[1] kids[2] ..., from the left */
    GJ_N_LOOP   /* a macro with variables: kids[0] is the range */
};

enum gj_op {
    GJ_OP_EQ,
    GJ_OP_NE,
    GJ_OP_LT,
    GJ_OP_LE,
    GJ_OP_GT,
    GJ_OP_GE,
    GJ_OP_IN,
    GJ_OP_ADD,
    GJ_OP_SUB,
    GJ_OP_MUL,
    GJ_OP_DIV,
    GJ_OP_MOD
};

enum gj_loop {
    GJ_LOOP_ALL,
    GJ_LOOP_EXISTS,
    GJ_LOOP_EXISTS_ONE,
    GJ_LOOP_FILTER,      /* kids of these four: range, condition */
    GJ_LOOP_MAP,         /* kids of these three: range, perhaps a condition, result */
    GJ_LOOP_MAP_VALUES,  /* a map with the keys of the range */
    GJ_LOOP_MAP_ENTRIES, /* a map of all entries of the results, which are maps */
    GJ_LOOP_BIND         /* no loop: kids: value of the variable, result */
};

struct gj_builtin;
struct gj_regex;
struct gj_zone;

struct gj_node {
    enum gj_node_kind kind;
    enum gj_loop loop;
    uint32_t start, end; /* byte offsets in the source, half open */
    uint32_t at;         /* where the caret of its errors stands */
    uint32_t depth;      /* of the tree below, 1 for a leaf */
    uint32_t count;      /* kids */
    uint32_t index;      /* slot, level, or handle of a host call */
    bool member;         /* call: written as x.f(...), kids[0] is x */
    bool absolute;       /* identifier: written with a leading dot */
    bool enclosed;       /* in parentheses: what is selected from it is no part of its name */
    struct gj_node *
        *kids;            /* a list or map made constant keeps its parts here, but its count is 0 */
    uint8_t *ops;         /* chain: count - 1 of enum gj_op */
    uint32_t *op_at;      /* chain: offsets of the operators */
    struct gj_str name;   /* identifier, selected name, function, loop variable */
    struct gj_str second; /* loop: its second variable, at level index + 1; empty: there is none */
    const struct gj_type *type;
    struct gj_choices choices; /* field: while it is checked */
    struct gj_value value;     /* constant; host call with prepare: its arguments as a list */
    const struct gj_builtin *builtin;
    const struct gj_expr_function *host;
    const struct gj_regex *regex; /* matches() with a constant pattern */
    const struct gj_zone *zone;   /* accessor with a constant time zone */
};

struct gj_expr {
    struct gj_str source;
    struct gj_node *root;
    const struct gj_type *type, *want;
    uint64_t cost, cost_max;
    uint32_t *slots;
    struct gj_expr_call *calls;
    size_t slot_count, call_count;
};

struct gj_scope { /* a variable of a macro, while its body is checked */
    const struct gj_scope *outer;
    struct gj_str name;
    const struct gj_type *type;
    uint32_t level;
};

/* One compilation. */
struct gj_compiler {
    struct gj_arena *arena;
    const struct gj_expr_env *env;
    struct gj_expr_place place;
    struct gj_errors *errors;
    struct gj_expr *expr;
    const struct gj_scope *scope;
    size_t slot_capacity, call_capacity;
    uint64_t folding;   /* steps that constants have taken */
    bool failed;        /* an error was added */
    bool out_of_memory; /* told once, at the end */
};

/* One evaluation. */
struct gj_eval {
    struct gj_frame *frame;
    struct gj_arena *arena; /* may be NULL: then what needs memory is an error */
    struct gj_str source;   /* for the trace */
    uint64_t steps, limit;
    unsigned depth;
    struct gj_value *locals;
};

/* lex.c */
enum gj_token_kind {
    GJ_T_END,
    GJ_T_IDENT,
    GJ_T_INT,
    GJ_T_STRING,
    GJ_T_TRUE,
    GJ_T_FALSE,
    GJ_T_NULL,
    GJ_T_OP, /* a binary operator: op says which */
    GJ_T_AND,
    GJ_T_OR,
    GJ_T_NOT,
    GJ_T_QUESTION,
    GJ_T_COLON,
    GJ_T_COMMA,
    GJ_T_DOT,
    GJ_T_OPEN_PAREN,
    GJ_T_CLOSE_PAREN,
    GJ_T_OPEN_BRACKET,
    GJ_T_CLOSE_BRACKET,
    GJ_T_OPEN_BRACE,
    GJ_T_CLOSE_BRACE
};

struct gj_token {
    enum gj_token_kind kind;
    enum gj_op op;
    bool quoted;         /* identifier in backticks, fit as a selected name only */
    uint32_t start, end; /* byte offsets */
    uint64_t magnitude;  /* int: without its sign, up to 2^63 */
    struct gj_str text;  /* identifier; string: its value, in the arena */
};

/* Reads the token at or behind `from`. Returns 0, or -1 with the error added. */
int gj_lex_next(struct gj_compiler *c, uint32_t from, struct gj_token *token);
bool gj_lex_is_reserved(struct gj_str name); /* words CEL keeps for other languages, as `if` */

/* literal.c: the string literal that starts at `from` (a quote or a prefix as r""). */
int gj_lex_string(struct gj_compiler *c, uint32_t from, struct gj_token *token);

/* parse.c: the tree, or NULL with the error added. */
struct gj_node *gj_expr_parse(struct gj_compiler *c);

/* macro.c */
struct gj_macro {
    const char *name;
    const char *usage;        /* as a user writes it */
    uint32_t kids, variables; /* of the call, with its receiver */
    enum gj_loop loop;
};
extern const struct gj_macro gj_macros[];
extern const size_t gj_macro_count;
/* `call`, or what it becomes if it calls a macro; NULL with the error added. */
struct gj_node *gj_expr_macro(struct gj_compiler *c, struct gj_node *call);

/* compile.c: adds an error at a byte offset of the source; always returns -1. */
int gj_expr_error(struct gj_compiler *c, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void *gj_expr_alloc(struct gj_compiler *c, size_t count, size_t size); /* notes out_of_memory */

/* check.c */
void gj_expr_check(struct gj_compiler *c, struct gj_node *node);

/* call.c: checks a call whose arguments are checked; sets node->type. */
void gj_expr_check_call(struct gj_compiler *c, struct gj_node *node);

/* choice.c: `a op b` must not compare a field with a text that it can never be. */
void gj_expr_check_choices(struct gj_compiler *c, enum gj_op op, const struct gj_node *a,
                           const struct gj_node *b);

/* names.c: turns an identifier or a selection into a field, local or type where it names one. With
 * `required` a name that means nothing is an error. `whole` is the longest selection around it. */
bool gj_expr_resolve(struct gj_compiler *c, struct gj_node *node, const struct gj_node *whole,
                     bool required);
const struct gj_expr_field *gj_expr_find_field(const struct gj_compiler *c,
                                               const struct gj_node *node); /* NULL: none */
void gj_expr_note_slot(struct gj_compiler *c, uint32_t slot); /* the expression reads it */
void gj_expr_unknown_function(struct gj_compiler *c, const struct gj_node *node);
/* Whether `call` is as math.least(1, 2), of a function and a name that there are not; the error is
 * added. */
bool gj_expr_unknown_library(struct gj_compiler *c, const struct gj_node *call);

/* types.c */
const struct gj_type *gj_type_of_element(const struct gj_type *type); /* of list; dyn for NULL */
const struct gj_type *gj_type_of_key(const struct gj_type *type);
const struct gj_type *gj_type_join(struct gj_arena *arena, const struct gj_type *a,
                                   const struct gj_type *b);
bool gj_type_comparable(const struct gj_type *a, const struct gj_type *b);
bool gj_type_assignable(const struct gj_type *have, const struct gj_type *want);
const struct gj_type *gj_type_list(struct gj_arena *arena, const struct gj_type *of);
const struct gj_type *gj_type_map(struct gj_arena *arena, const struct gj_type *key,
                                  const struct gj_type *of);
bool gj_value_fits(const struct gj_value *value, const struct gj_type *type); /* by kind alone */
struct gj_str gj_value_type_name(enum gj_value_kind kind);

/* cost.c */
uint64_t gj_expr_bound(const struct gj_node *node);
#define GJ_EXPR_SIZE_GUESS 100u /* elements or code points where the size is not known at load */

/* operators.c */
struct gj_value gj_op_binary(struct gj_eval *ev, enum gj_op op, const struct gj_value *a,
                             const struct gj_value *b);
struct gj_value gj_op_index(struct gj_eval *ev, struct gj_value from, struct gj_value index);
struct gj_value gj_op_select(struct gj_eval *ev, struct gj_value from, struct gj_str name);
const struct gj_value *gj_map_value(struct gj_eval *ev, struct gj_value map, struct gj_value key);
const char *gj_op_text(enum gj_op op);
/* The result of two kinds under an arithmetic operator, GJ_TYPE_DYN standing for any; false when
 * there is none. Several results make dyn. */
bool gj_op_result(enum gj_op op, enum gj_type_kind a, enum gj_type_kind b,
                  enum gj_type_kind *result);

/* functions.c: the table of built-in functions, one row an overload, rows of one name together. */
struct gj_builtin {
    const char *name;
    const char *usage;   /* as a user writes it: "string.startsWith(string)" */
    bool global, member; /* f(x), x.f() */
    unsigned param_count;
    enum gj_value_kind params[GJ_EXPR_ARGS_MAX]; /* GJ_V_UNKNOWN: any */
    const struct gj_type *result;
    unsigned cost;
    struct gj_value (*call)(struct gj_eval *ev, const struct gj_node *node,
                            const struct gj_value *args);
};
extern const struct gj_builtin gj_builtins[];
extern const size_t gj_builtin_count;
const struct gj_builtin *gj_builtin_find(struct gj_str name); /* its first row, or NULL */
/* Calls the row from `first` on (of the same name) whose parameters fit. */
struct gj_value gj_builtin_call(struct gj_eval *ev, const struct gj_node *node,
                                const struct gj_builtin *first, const struct gj_value *args,
                                unsigned count);

/* functions_time.c, functions_text.c: called from the table. */
typedef struct gj_value gj_builtin_fn(struct gj_eval *ev, const struct gj_node *node,
                                      const struct gj_value *args);
gj_builtin_fn gj_fn_year, gj_fn_month, gj_fn_date, gj_fn_day_of_month, gj_fn_day_of_week,
    gj_fn_day_of_year, gj_fn_hours, gj_fn_minutes, gj_fn_seconds, gj_fn_milliseconds,
    gj_fn_duration_hours, gj_fn_duration_minutes, gj_fn_duration_seconds,
    gj_fn_duration_milliseconds, gj_fn_timestamp_of_string, gj_fn_timestamp_of_int,
    gj_fn_duration_of_string, gj_fn_int_of_timestamp, gj_fn_string_of_time;
gj_builtin_fn gj_fn_starts_with, gj_fn_ends_with, gj_fn_contains, gj_fn_matches,
    gj_fn_size_of_string, gj_fn_int_of_string, gj_fn_bool_of_string, gj_fn_string_of_int,
    gj_fn_string_of_bool;

/* functions_string.c, functions_format.c: likewise. */
gj_builtin_fn gj_fn_char_at, gj_fn_index_of, gj_fn_last_index_of, gj_fn_substring,
    gj_fn_lower_ascii, gj_fn_upper_ascii, gj_fn_reverse, gj_fn_trim, gj_fn_split, gj_fn_replace,
    gj_fn_join, gj_fn_format, gj_fn_quote;

/* functions_text.c: moves *at on to the byte where `part` next begins in `s`; false: nowhere. */
bool gj_text_find(struct gj_eval *ev, struct gj_str s, struct gj_str part, size_t *at);

/* values.c */
struct gj_value gj_error_value(const char *text); /* borrows `text` */
struct gj_value gj_errorf(struct gj_eval *ev, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct gj_value gj_no_overload(struct gj_eval *ev, const char *what, const struct gj_value *args,
                               unsigned count);
void *gj_eval_alloc(struct gj_eval *ev, size_t count, size_t size); /* NULL; counts steps */
bool gj_eval_spend(struct gj_eval *ev, uint64_t steps);             /* false: beyond the limit */
struct gj_value gj_eval_text(struct gj_eval *ev, struct gj_str s);  /* a string value, copied */
bool gj_value_equal_steps(const struct gj_value *a, const struct gj_value *b, uint64_t *steps);

/* As much of a user's text as an error shows, cut between characters. */
static inline struct gj_str gj_shown(struct gj_str s)
{
    if (s.len > 60) {
        s.len = 60;
        while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xC0) == 0x80) {
            s.len--;
        }
    }
    return s;
}

static inline struct gj_value gj_bool_value(bool value)
{
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = value};
}

static inline bool gj_value_is_key(enum gj_value_kind kind)
{
    return kind == GJ_V_BOOL || kind == GJ_V_INT || kind == GJ_V_STRING;
}

static inline struct gj_value gj_int_value(int64_t value)
{
    return (struct gj_value){.kind = GJ_V_INT, .as.integer = value};
}

static inline struct gj_value gj_string_value(struct gj_str text)
{
    return (struct gj_value){.kind = GJ_V_STRING, .as.text = text};
}

#endif
