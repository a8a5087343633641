/* Room engine: words for people (see words.h). */
#include "engine/words.h"

const char *gj_words_copy(struct gj_arena *arena, struct gj_str s)
{
    struct gj_str copy = s.len == 0 ? GJ_STR("") : gj_arena_copy(arena, s);
    return copy.ptr == NULL ? "" : copy.ptr;
}

static char digit(int32_t value)
{
    return (char)('0' + value % 10);
}

void gj_words_time(const struct gj_shop *shop, int64_t at, struct gj_buf *out)
{
    int32_t zone = gj_zone_offset(shop->zone, gj_instant_of(at).seconds);
    struct gj_instant local = gj_instant_of(at + zone * GJ_MICROS);
    size_t start = out->len;
    gj_timestamp_format(local, out);
    if (!out->failed && out->len > start && out->ptr[out->len - 1] == 'Z') {
        out->len--; /* "Z" gives way to the offset */
        int32_t minutes = (zone < 0 ? -zone : zone) / 60;
        char text[] = {zone < 0 ? '-' : '+',     digit(minutes / 600), digit(minutes / 60), ':',
                       digit(minutes % 60 / 10), digit(minutes)};
        gj_buf_add(out, text, sizeof text);
    }
}

void gj_words_duration(int64_t seconds, bool english, struct gj_buf *out)
{
    static const struct {
        int64_t seconds, most; /* the unit is used up to `most` seconds */
        const char *zh, *one, *many;
    } units[] = {{1, 60, "秒", "second", "seconds"},
                 {60, 3600, "分钟", "minute", "minutes"},
                 {3600, 72 * 3600, "小时", "hour", "hours"},
                 {86400, INT64_MAX, "天", "day", "days"}};
    size_t u = 0;
    while (u < 3 && (seconds % units[u].seconds == 0 && seconds % units[u + 1].seconds == 0) &&
           (seconds > units[u].most || seconds >= units[u + 1].seconds) &&
           !(u == 2 && seconds <= units[u].most)) {
        u++;
    }
    int64_t count = seconds / units[u].seconds;
    gj_buf_add_int(out, count);
    gj_buf_addf(out, " %s", !english ? units[u].zh : count == 1 ? units[u].one : units[u].many);
}

static void add_value(const struct gj_value *value, bool english, struct gj_buf *out)
{
    if (value->kind == GJ_V_DURATION) {
        gj_words_duration(value->as.instant.seconds, english, out);
    } else {
        gj_value_json(value, out);
    }
}

/* The number of `hours(48)` and its like; -1: it is no plain one. */
static int64_t plain_number(struct gj_str inside)
{
    int64_t value = 0;
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.ptr[i] < '0' || inside.ptr[i] > '9' || i > 8) {
            return -1;
        }
        value = value * 10 + (inside.ptr[i] - '0');
    }
    return inside.len == 0 ? -1 : value;
}

/* The latest value of the parameter that `param("ID")` reads; NULL: there is none. */
static const struct gj_value *latest(const struct gj_book *book, struct gj_str name,
                                     struct gj_str inside)
{
    if (!gj_str_is(name, "param") || inside.len <= 2) {
        return NULL;
    }
    struct gj_str id = {inside.ptr + 1, inside.len - 2};
    uint32_t at = gj_map_get(&book->param_ids, id);
    const struct gj_param *param = at == GJ_MAP_NONE ? NULL : &book->params[at];
    return param == NULL || param->value_count == 0 ? NULL
                                                    : &param->values[param->value_count - 1].value;
}

/* A call that says a duration or a parameter in words; false: it is none. */
static bool say_call(const struct gj_book *book, struct gj_str name, struct gj_str inside,
                     bool english, struct gj_buf *out)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"minutes", 60}, {"hours", 3600}, {"days", 86400}};
    const struct gj_value *value = latest(book, name, inside);
    if (value != NULL) {
        add_value(value, english, out);
        return true;
    }
    for (size_t u = 0; u < 3; u++) {
        int64_t number = gj_str_is(name, units[u].name) ? plain_number(inside) : -1;
        if (number >= 0) {
            gj_words_duration(number * units[u].seconds, english, out);
            return true;
        }
    }
    return false;
}

/* The name that begins at `at`, "" for none; *inside: what stands between its parentheses where it
 * is called, else its ptr is NULL. */
static struct gj_str name_at(struct gj_str source, size_t at, struct gj_str *inside)
{
    size_t end = at;
    while (end < source.len && gj_words_is_name(source.ptr[end])) {
        end++;
    }
    const char *close = end > at && end < source.len && source.ptr[end] == '('
                            ? memchr(source.ptr + end, ')', source.len - end)
                            : NULL;
    *inside = (struct gj_str){NULL, 0};
    if (close != NULL) {
        *inside = (struct gj_str){source.ptr + end + 1, (size_t)(close - source.ptr) - end - 1};
    }
    return (struct gj_str){source.ptr + at, end - at};
}

void gj_words_expr(const struct gj_book *book, struct gj_str source, bool english,
                   struct gj_buf *out)
{
    for (size_t i = 0; i < source.len;) {
        struct gj_str inside, name = name_at(source, i, &inside);
        if (inside.ptr != NULL && say_call(book, name, inside, english, out)) {
            i += name.len + inside.len + 2;
            continue;
        }
        if (name.len > 0) {
            gj_buf_add_str(out, name);
            i += name.len;
            continue;
        }
        bool blank = source.ptr[i] == '\n' || source.ptr[i] == ' ';
        if (!blank || (out->len > 0 && out->ptr[out->len - 1] != ' ')) {
            gj_buf_add_char(out, blank ? ' ' : source.ptr[i]);
        }
        i++;
    }
}

/* Whether the list "48 小时, 72 小时" has this item; "8 小时" is none of it. */
static bool has_item(struct gj_str list, struct gj_str item)
{
    for (size_t at = 0; at <= list.len; at++) {
        const char *end = memmem(list.ptr + at, list.len - at, ", ", 2);
        size_t len = end == NULL ? list.len - at : (size_t)(end - list.ptr) - at;
        if (gj_str_eq((struct gj_str){list.ptr + at, len}, item)) {
            return true;
        }
        at += len + 1;
    }
    return false;
}

void gj_words_durations(const struct gj_book *book, struct gj_str source, bool english,
                        struct gj_buf *out)
{
    struct gj_buf one;
    gj_buf_init(&one);
    for (size_t i = 0; i < source.len; i++) {
        struct gj_str inside, call = name_at(source, i, &inside);
        const struct gj_value *param = inside.ptr == NULL ? NULL : latest(book, call, inside);
        bool other = param != NULL && param->kind != GJ_V_DURATION; /* a number of something */
        if (inside.ptr != NULL && !other && !gj_str_is(call, "has")) {
            gj_buf_reset(&one);
            bool known = say_call(book, call, inside, english, &one) &&
                         !has_item(gj_buf_str(out), gj_buf_str(&one));
            gj_buf_addf(out, "%s%s", known && out->len > 0 ? ", " : "", known ? one.ptr : "");
        }
        i += call.len > 0 ? call.len - 1 : 0;
    }
    gj_buf_release(&one);
}
