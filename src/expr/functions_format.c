/* Room expr: string.format(list) and strings.quote(string) of CEL's strings extension. There are no
 * doubles, so what is written for them (%f, %e) takes none of our values and is an error. */
#include "base/sort.h"
#include "expr/internal.h"

/* A text that is put together; every byte counts as a step. */
struct writer {
    struct gj_eval *ev;
    struct gj_buf *out;
};

static void add(struct writer *w, struct gj_str s)
{
    if (gj_eval_spend(w->ev, 1 + s.len / 8)) {
        gj_buf_add_str(w->out, s);
    }
}

static void add_value(struct writer *w, const struct gj_value *value);

static void add_list(struct writer *w, const struct gj_value *list)
{
    add(w, GJ_STR("["));
    for (uint32_t i = 0; i < list->count; i++) {
        add(w, i > 0 ? GJ_STR(", ") : GJ_STR(""));
        add_value(w, &list->as.items[i]);
    }
    add(w, GJ_STR("]"));
}

struct named { /* an entry of a map with its key as text */
    struct gj_str key;
    const struct gj_value *value;
};

static int by_key(const void *a, const void *b)
{
    struct gj_str x = ((const struct named *)a)->key;
    struct gj_str y = ((const struct named *)b)->key;
    int order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static struct gj_str key_text(struct writer *w, const struct gj_value *key)
{
    struct gj_buf text;
    struct writer inner = {w->ev, &text};
    gj_buf_init(&text);
    add_value(&inner, key);
    struct gj_value kept = gj_eval_text(w->ev, gj_buf_str(&text));
    w->out->failed |= text.failed || kept.kind != GJ_V_STRING;
    gj_buf_release(&text);
    return kept.kind == GJ_V_STRING ? kept.as.text : GJ_STR("");
}

/* In the order of the keys as texts, so that equal maps look equal. */
static void add_map(struct writer *w, const struct gj_value *map)
{
    struct named *entries = gj_eval_alloc(w->ev, map->count, sizeof *entries);
    if (entries == NULL) {
        w->out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        const struct gj_entry *entry = &map->as.entries[i];
        entries[i] = (struct named){key_text(w, &entry->key), &entry->value};
    }
    gj_sort(entries, map->count, sizeof *entries, by_key);
    add(w, GJ_STR("{"));
    for (uint32_t i = 0; i < map->count; i++) {
        add(w, i > 0 ? GJ_STR(", ") : GJ_STR(""));
        add(w, entries[i].key);
        add(w, GJ_STR(": "));
        add_value(w, entries[i].value);
    }
    add(w, GJ_STR("}"));
}

static void add_value(struct writer *w, const struct gj_value *value)
{
    switch (value->kind) {
    case GJ_V_STRING:
    case GJ_V_TYPE:
        add(w, value->as.text);
        break;
    case GJ_V_LIST:
        add_list(w, value);
        break;
    case GJ_V_MAP:
        add_map(w, value);
        break;
    case GJ_V_TIMESTAMP:
        gj_timestamp_format(value->as.instant, w->out);
        break;
    case GJ_V_DURATION:
        gj_duration_format(value->as.instant, w->out);
        break;
    default: /* null, true, -5: as in JSON */
        gj_value_json(value, w->out);
    }
}

/* ---- clauses ---- */

static void add_number(struct writer *w, int64_t value, unsigned base, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char text[66];
    char *at = text + sizeof text;
    do {
        *--at = digits[rest % base];
        rest /= base;
    } while (rest > 0);
    if (value < 0) {
        *--at = '-';
    }
    add(w, (struct gj_str){at, (size_t)(text + sizeof text - at)});
}

static void add_hex_text(struct writer *w, struct gj_str s, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        char pair[2] = {digits[byte >> 4], digits[byte & 15]};
        add(w, (struct gj_str){pair, 2});
    }
}

/* One clause, by its letter; false when the value is not of its kind. */
static bool add_clause(struct writer *w, char clause, const struct gj_value *value)
{
    bool integer = value->kind == GJ_V_INT;
    bool hex = clause == 'x' || clause == 'X';
    if (clause == 's') {
        add_value(w, value);
    } else if (integer && clause != 'f' && clause != 'e') {
        unsigned base = clause == 'b' ? 2 : clause == 'o' ? 8 : clause == 'd' ? 10 : 16;
        add_number(w, value->as.integer, base, clause == 'X');
    } else if (value->kind == GJ_V_BOOL && clause == 'b') {
        add(w, value->as.boolean ? GJ_STR("1") : GJ_STR("0"));
    } else if (value->kind == GJ_V_STRING && hex) {
        add_hex_text(w, value->as.text, clause == 'X');
    } else {
        return false;
    }
    return true;
}

/* Behind a %: skips the precision of a double, which takes no part in what we write. */
static char clause_at(struct gj_str s, size_t *at)
{
    size_t i = *at;
    if (i < s.len && s.ptr[i] == '.') {
        i++;
        while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9') {
            i++;
        }
    }
    *at = i + 1;
    return i < s.len ? s.ptr[i] : '\0';
}

static struct gj_value no_clause(struct gj_eval *ev, struct gj_str s, size_t at)
{
    struct gj_str rest = gj_shown((struct gj_str){s.ptr + at, s.len - at});
    return gj_errorf(ev,
                     "format(): unknown clause '%.*s'; there are %%s %%d %%b %%o %%x %%X, and %%%% "
                     "for the sign itself",
                     (int)rest.len, rest.ptr);
}

/* Writes s with its clauses filled; what went wrong, or null. */
static struct gj_value fill(struct writer *w, struct gj_str s, const struct gj_value *values)
{
    uint32_t used = 0;
    for (size_t at = 0; at < s.len && gj_eval_spend(w->ev, 1);) {
        const char *sign = memchr(s.ptr + at, '%', s.len - at);
        size_t from = sign == NULL ? s.len : (size_t)(sign - s.ptr);
        add(w, (struct gj_str){s.ptr + at, from - at});
        at = from + 1;
        if (sign == NULL) {
            break;
        }
        char clause = clause_at(s, &at);
        if (clause == '%' && at == from + 2) {
            add(w, GJ_STR("%"));
        } else if (clause == '\0' || strchr("sdboxXfe", clause) == NULL) {
            return no_clause(w->ev, s, from);
        } else if (used >= values->count) {
            return gj_errorf(w->ev, "format(): index %u out of range, of %u values", used,
                             values->count);
        } else if (!add_clause(w, clause, &values->as.items[used++])) {
            char what[] = "format() with %?";
            what[sizeof what - 2] = clause;
            return gj_no_overload(w->ev, what, &values->as.items[used - 1], 1);
        }
    }
    return (struct gj_value){.kind = GJ_V_NULL};
}

struct gj_value gj_fn_format(struct gj_eval *ev, const struct gj_node *node,
                             const struct gj_value *args)
{
    struct gj_buf out;
    struct writer w = {ev, &out};
    (void)node;
    gj_buf_init(&out);
    struct gj_value result = fill(&w, args[0].as.text, &args[1]);
    if (out.failed) {
        result = gj_error_value("out of memory");
    } else if (result.kind == GJ_V_NULL) {
        result = gj_eval_text(ev, gj_buf_str(&out));
    }
    gj_buf_release(&out);
    return result;
}

struct gj_value gj_fn_quote(struct gj_eval *ev, const struct gj_node *node,
                            const struct gj_value *args)
{
    static const char plain[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    struct gj_str s = args[0].as.text;
    char *out = gj_eval_alloc(ev, s.len * 2 + 2, 1);
    (void)node;
    if (out == NULL) {
        return gj_error_value("out of memory");
    }
    size_t len = 0;
    out[len++] = '"';
    for (size_t i = 0; i < s.len; i++) {
        const char *known = s.ptr[i] == '\0' ? NULL : strchr(plain, s.ptr[i]);
        if (known != NULL) {
            out[len++] = '\\';
        }
        out[len++] = known == NULL ? s.ptr[i] : letters[known - plain];
    }
    out[len++] = '"';
    return gj_string_value((struct gj_str){out, len});
}
