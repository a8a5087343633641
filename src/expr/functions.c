/* Room expr: the table of built-in functions: one row an overload, the rows of one name together.
 * A new function is a row here and a function in functions_text.c, functions_string.c,
 * functions_time.c or below. */
#include "expr/internal.h"

__extension__ typedef __int128 int128;

static struct gj_value same(struct gj_eval *ev, const struct gj_node *node,
                            const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return args[0];
}

static struct gj_value type_of(struct gj_eval *ev, const struct gj_node *node,
                               const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return (struct gj_value){.kind = GJ_V_TYPE, .as.text = gj_value_type_name(args[0].kind)};
}

static struct gj_value size_of(struct gj_eval *ev, const struct gj_node *node,
                               const struct gj_value *args)
{
    (void)ev;
    (void)node;
    return gj_int_value(args[0].count);
}

/* x * num / den over 128 bit, rounded: "floor" down, "ceil" up, "half_up" to the nearest, halves
 * away from zero, as money is rounded (四舍五入). */
static struct gj_value muldiv(struct gj_eval *ev, const struct gj_node *node,
                              const struct gj_value *args)
{
    (void)ev;
    (void)node;
    int128 product = (int128)args[0].as.integer * args[1].as.integer;
    int128 den = args[2].as.integer;
    if (den == 0) {
        return gj_error_value("division by zero");
    }
    int128 quotient = product / den;
    int128 rest = product % den; /* has the sign of product */
    bool negative = (product < 0) != (den < 0);
    if (rest != 0 && gj_str_is(args[3].as.text, "floor")) {
        quotient -= negative ? 1 : 0;
    } else if (rest != 0 && gj_str_is(args[3].as.text, "ceil")) {
        quotient += negative ? 0 : 1;
    } else if (gj_str_is(args[3].as.text, "half_up")) {
        int128 twice = (rest < 0 ? -rest : rest) * 2;
        quotient += twice < (den < 0 ? -den : den) ? 0 : negative ? -1 : 1;
    } else if (!gj_str_is(args[3].as.text, "floor") && !gj_str_is(args[3].as.text, "ceil")) {
        return gj_error_value("muldiv() rounds \"half_up\", \"floor\" or \"ceil\"");
    }
    if (quotient > INT64_MAX || quotient < INT64_MIN) {
        return gj_error_value("int overflow: the result does not fit 64 bit");
    }
    return gj_int_value((int64_t)quotient);
}

#define ANY  GJ_V_UNKNOWN
#define STR  GJ_V_STRING
#define INT  GJ_V_INT
#define TIME GJ_V_TIMESTAMP
#define SPAN GJ_V_DURATION
#define LIST GJ_V_LIST

/* x.f(...), which looks at texts whole. */
#define MEMBER(name, usage, result, fn, count, ...)                    \
    {                                                                  \
        name, usage, false, true, count, {__VA_ARGS__}, result, 10, fn \
    }

/* A part of a moment: in UTC, or in a zone. */
#define PART(name, fn)                                                                          \
    {name, "timestamp." name "()", false, true, 1, {TIME}, &gj_type_int, 1, fn},                \
    {                                                                                           \
        name, "timestamp." name "(\"zone\")", false, true, 2, {TIME, STR}, &gj_type_int, 20, fn \
    }

const struct gj_builtin gj_builtins[] = {
    {"size", "size(string)", true, true, 1, {STR}, &gj_type_int, 10, gj_fn_size_of_string},
    {"size", "size(list)", true, true, 1, {GJ_V_LIST}, &gj_type_int, 1, size_of},
    {"size", "size(map)", true, true, 1, {GJ_V_MAP}, &gj_type_int, 1, size_of},
    {"startsWith",
     "string.startsWith(string)",
     false,
     true,
     2,
     {STR, STR},
     &gj_type_bool,
     10,
     gj_fn_starts_with},
    {"endsWith",
     "string.endsWith(string)",
     false,
     true,
     2,
     {STR, STR},
     &gj_type_bool,
     10,
     gj_fn_ends_with},
    {"contains",
     "string.contains(string)",
     false,
     true,
     2,
     {STR, STR},
     &gj_type_bool,
     10,
     gj_fn_contains},
    {"matches",
     "string.matches(\"pattern\")",
     true,
     true,
     2,
     {STR, STR},
     &gj_type_bool,
     100,
     gj_fn_matches},
    MEMBER("charAt", "string.charAt(int)", &gj_type_string, gj_fn_char_at, 2, STR, INT),
    MEMBER("indexOf", "string.indexOf(string)", &gj_type_int, gj_fn_index_of, 2, STR, STR),
    MEMBER("indexOf", "string.indexOf(string, from)", &gj_type_int, gj_fn_index_of, 3, STR, STR,
           INT),
    MEMBER("lastIndexOf", "string.lastIndexOf(string)", &gj_type_int, gj_fn_last_index_of, 2, STR,
           STR),
    MEMBER("lastIndexOf", "string.lastIndexOf(string, from)", &gj_type_int, gj_fn_last_index_of, 3,
           STR, STR, INT),
    MEMBER("substring", "string.substring(from)", &gj_type_string, gj_fn_substring, 2, STR, INT),
    MEMBER("substring", "string.substring(from, to)", &gj_type_string, gj_fn_substring, 3, STR, INT,
           INT),
    MEMBER("lowerAscii", "string.lowerAscii()", &gj_type_string, gj_fn_lower_ascii, 1, STR),
    MEMBER("upperAscii", "string.upperAscii()", &gj_type_string, gj_fn_upper_ascii, 1, STR),
    MEMBER("trim", "string.trim()", &gj_type_string, gj_fn_trim, 1, STR),
    MEMBER("reverse", "string.reverse()", &gj_type_string, gj_fn_reverse, 1, STR),
    MEMBER("split", "string.split(separator)", &gj_type_list_of_string, gj_fn_split, 2, STR, STR),
    MEMBER("split", "string.split(separator, most)", &gj_type_list_of_string, gj_fn_split, 3, STR,
           STR, INT),
    MEMBER("join", "list.join()", &gj_type_string, gj_fn_join, 1, LIST),
    MEMBER("join", "list.join(separator)", &gj_type_string, gj_fn_join, 2, LIST, STR),
    MEMBER("replace", "string.replace(old, new)", &gj_type_string, gj_fn_replace, 3, STR, STR, STR),
    MEMBER("replace", "string.replace(old, new, most)", &gj_type_string, gj_fn_replace, 4, STR, STR,
           STR, INT),
    MEMBER("format", "string.format(list)", &gj_type_string, gj_fn_format, 2, STR, LIST),
    {"strings.quote",
     "strings.quote(string)",
     true,
     false,
     1,
     {STR},
     &gj_type_string,
     10,
     gj_fn_quote},
    {"int", "int(int)", true, false, 1, {INT}, &gj_type_int, 1, same},
    {"int", "int(string)", true, false, 1, {STR}, &gj_type_int, 10, gj_fn_int_of_string},
    {"int", "int(timestamp)", true, false, 1, {TIME}, &gj_type_int, 1, gj_fn_int_of_timestamp},
    {"string", "string(string)", true, false, 1, {STR}, &gj_type_string, 1, same},
    {"string", "string(int)", true, false, 1, {INT}, &gj_type_string, 10, gj_fn_string_of_int},
    {"string",
     "string(bool)",
     true,
     false,
     1,
     {GJ_V_BOOL},
     &gj_type_string,
     1,
     gj_fn_string_of_bool},
    {"string",
     "string(timestamp)",
     true,
     false,
     1,
     {TIME},
     &gj_type_string,
     10,
     gj_fn_string_of_time},
    {"string",
     "string(duration)",
     true,
     false,
     1,
     {SPAN},
     &gj_type_string,
     10,
     gj_fn_string_of_time},
    {"bool", "bool(bool)", true, false, 1, {GJ_V_BOOL}, &gj_type_bool, 1, same},
    {"bool", "bool(string)", true, false, 1, {STR}, &gj_type_bool, 1, gj_fn_bool_of_string},
    {"timestamp", "timestamp(timestamp)", true, false, 1, {TIME}, &gj_type_timestamp, 1, same},
    {"timestamp",
     "timestamp(string)",
     true,
     false,
     1,
     {STR},
     &gj_type_timestamp,
     10,
     gj_fn_timestamp_of_string},
    {"timestamp",
     "timestamp(int)",
     true,
     false,
     1,
     {INT},
     &gj_type_timestamp,
     1,
     gj_fn_timestamp_of_int},
    {"duration", "duration(duration)", true, false, 1, {SPAN}, &gj_type_duration, 1, same},
    {"duration",
     "duration(string)",
     true,
     false,
     1,
     {STR},
     &gj_type_duration,
     10,
     gj_fn_duration_of_string},
    {"dyn", "dyn(value)", true, false, 1, {ANY}, &gj_type_dyn, 1, same},
    {"type", "type(value)", true, false, 1, {ANY}, &gj_type_type, 1, type_of},
    {"muldiv",
     "muldiv(int, int, int, \"half_up\")",
     true,
     false,
     4,
     {INT, INT, INT, STR},
     &gj_type_int,
     5,
     muldiv},
    PART("getFullYear", gj_fn_year),
    PART("getMonth", gj_fn_month),
    PART("getDate", gj_fn_date),
    PART("getDayOfMonth", gj_fn_day_of_month),
    PART("getDayOfWeek", gj_fn_day_of_week),
    PART("getDayOfYear", gj_fn_day_of_year),
    PART("getHours", gj_fn_hours),
    {"getHours",
     "duration.getHours()",
     false,
     true,
     1,
     {SPAN},
     &gj_type_int,
     1,
     gj_fn_duration_hours},
    PART("getMinutes", gj_fn_minutes),
    {"getMinutes",
     "duration.getMinutes()",
     false,
     true,
     1,
     {SPAN},
     &gj_type_int,
     1,
     gj_fn_duration_minutes},
    PART("getSeconds", gj_fn_seconds),
    {"getSeconds",
     "duration.getSeconds()",
     false,
     true,
     1,
     {SPAN},
     &gj_type_int,
     1,
     gj_fn_duration_seconds},
    PART("getMilliseconds", gj_fn_milliseconds),
    {"getMilliseconds",
     "duration.getMilliseconds()",
     false,
     true,
     1,
     {SPAN},
     &gj_type_int,
     1,
     gj_fn_duration_milliseconds},
};

const size_t gj_builtin_count = sizeof gj_builtins / sizeof gj_builtins[0];

const struct gj_builtin *gj_builtin_find(struct gj_str name)
{
    for (size_t i = 0; i < gj_builtin_count; i++) {
        if (gj_str_is(name, gj_builtins[i].name)) {
            return &gj_builtins[i];
        }
    }
    return NULL;
}

struct gj_value gj_builtin_call(struct gj_eval *ev, const struct gj_node *node,
                                const struct gj_builtin *first, const struct gj_value *args,
                                unsigned count)
{
    const struct gj_builtin *end = gj_builtins + gj_builtin_count;
    for (const struct gj_builtin *row = first;
         row < end && (row == first || strcmp(row->name, first->name) == 0); row++) {
        bool fit = row->param_count == count;
        for (unsigned i = 0; fit && i < count; i++) {
            fit = row->params[i] == ANY || row->params[i] == args[i].kind;
        }
        if (fit) {
            return row->call(ev, node, args);
        }
    }
    return gj_no_overload(ev, first->name, args, count);
}
