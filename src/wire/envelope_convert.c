/* Room wire: a platform's values into ours (see envelope.h): money by its digits, times of four
 * kinds, enumerations by a table. */
#include "base/utf8.h"
#include "wire/envelope_unpack.h"

#define MILLIS_FROM       INT64_C(100000000000) /* a number of seconds this large: year 5138 */
#define FEN_DIGITS_MAX    17
#define DIGITS_MAX        40
#define SHOWN_BYTES_MAX   60u
#define WALL_TIME_AT_MOST 40u

const char *const gj_conversion_names[] = {"text",    "int",    "bool",    "fen",     "yuan",
                                           "seconds", "millis", "beijing", "rfc3339", "time",
                                           "texts",   "each",   NULL};

/* ---- refusals ---- */

static int refuse(struct gj_unpack *u, struct gj_str path, struct gj_str value,
                  const char *sentence)
{
    struct gj_str shown = {value.ptr, value.len < SHOWN_BYTES_MAX ? value.len : SHOWN_BYTES_MAX};
    shown.len = gj_utf8_valid_prefix(shown);
    gj_buf_addf(u->why, "'%.*s' is ", (int)path.len, path.ptr);
    gj_json_add_string(u->why, shown);
    gj_buf_addf(u->why, "%s; %s", shown.len < value.len ? "..." : "", sentence);
    return -1;
}

/* ---- numbers ---- */

static int read_int(struct gj_str text, int64_t *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    int64_t value = 0; /* below zero, where there is one number more */
    if (text.len == negative) {
        return -1;
    }
    for (size_t at = negative; at < text.len; at++) {
        int digit = text.ptr[at] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) {
            return -1;
        }
    }
    if (!negative && value == INT64_MIN) {
        return -1;
    }
    *out = negative ? value : -value;
    return 0;
}

struct decimal { /* 0.digits x 10^point */
    char digits[DIGITS_MAX];
    size_t count;
    int64_t point;
    bool negative;
};

static int read_decimal(struct gj_str text, struct decimal *d)
{
    size_t at = 0, seen = 0;
    bool fraction = false;
    int64_t exponent = 0;
    *d = (struct decimal){.negative = text.len > 0 && text.ptr[0] == '-'};
    for (at = d->negative; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9') {
            break;
        }
        seen++;
        bool leading = d->count == 0 && c == '0';
        d->point += !leading && !fraction ? 1 : leading && fraction ? -1 : 0;
        if (!leading && d->count < DIGITS_MAX) {
            d->digits[d->count++] = c;
        }
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        size_t plus = at + 1 < text.len && text.ptr[at + 1] == '+';
        struct gj_str rest = {text.ptr + at + 1 + plus, text.len - at - 1 - plus};
        if (rest.len > 4 || read_int(rest, &exponent) != 0) {
            return -1;
        }
        at = text.len;
    }
    d->point += exponent;
    return seen > 0 && at == text.len ? 0 : -1;
}

static char digit_at(const struct decimal *d, int64_t i)
{
    return i >= 0 && i < (int64_t)d->count ? d->digits[i] : '0';
}

int gj_fen_of_yuan(struct gj_str text, int64_t *fen)
{
    struct decimal d;
    if (read_decimal(text, &d) != 0) {
        return -1;
    }
    int64_t end = d.count == 0 ? 0 : d.point + 2, value = 0; /* digits before `end` are whole fen */
    if (end > FEN_DIGITS_MAX) {
        return -1;
    }
    for (int64_t i = 0; i < end; i++) {
        value = value * 10 + (digit_at(&d, i) - '0');
    }
    bool whole = true, zeros = true, nines = true;
    for (int64_t i = end; i < (int64_t)d.count; i++) {
        whole &= digit_at(&d, i) == '0';
    }
    for (int64_t i = end; i < end + 4; i++) {
        zeros &= digit_at(&d, i) == '0';
        nines &= digit_at(&d, i) == '9';
    }
    if (!whole && !zeros && !nines) {
        return -1;
    }
    value += nines;
    *fen = d.negative ? -value : value;
    return 0;
}

/* ---- times ---- */

static int read_wall(struct gj_str text, struct gj_instant *out)
{
    char full[WALL_TIME_AT_MOST + 8];
    if (text.len < 19 || text.len > WALL_TIME_AT_MOST ||
        (text.ptr[10] != ' ' && text.ptr[10] != 'T')) {
        return -1;
    }
    memcpy(full, text.ptr, text.len);
    memcpy(full + text.len, "+08:00", 6);
    full[10] = 'T';
    return gj_timestamp_parse((struct gj_str){full, text.len + 6}, out);
}

static int of_epoch(int64_t value, bool millis, struct gj_instant *out)
{
    int64_t unit = millis ? 1000 : 1, rest = value % unit;
    *out = (struct gj_instant){value / unit, (int32_t)(rest * 1000000)};
    return value > 0 && gj_timestamp_in_range(*out) ? 0 : -1;
}

static int read_time(struct gj_str text, enum gj_conversion as, struct gj_instant *out)
{
    int64_t value = 0;
    bool number = read_int(text, &value) == 0;
    switch (as) {
    case GJ_AS_SECONDS:
    case GJ_AS_MILLIS:
        return number ? of_epoch(value, as == GJ_AS_MILLIS, out) : -1;
    case GJ_AS_BEIJING:
        return read_wall(text, out);
    case GJ_AS_RFC3339:
        return gj_timestamp_parse(text, out);
    default:
        return number                               ? of_epoch(value, value >= MILLIS_FROM, out)
               : gj_timestamp_parse(text, out) == 0 ? 0
                                                    : read_wall(text, out);
    }
}

static const char *time_remedy(enum gj_conversion as)
{
    static const char *const remedies[GJ_CONVERSIONS] = {
        [GJ_AS_SECONDS] = "seconds since 1970 are expected",
        [GJ_AS_MILLIS] = "milliseconds since 1970 are expected",
        [GJ_AS_BEIJING] = "Beijing time as 2026-03-01 10:00:00 is expected",
        [GJ_AS_RFC3339] = "a time as 2026-03-01T10:00:00+08:00 is expected",
        [GJ_AS_TIME] = "a time is expected, as 1772330400 or 2026-03-01 10:00:00"};
    return remedies[as];
}

int gj_time_convert(struct gj_unpack *u, const struct gj_paths *paths, enum gj_conversion as,
                    struct gj_spot here, struct gj_instant *out)
{
    struct gj_str text = {"", 0};
    int64_t number = 1;
    struct gj_spot spot = gj_spot_any(u, paths, here);
    bool there = spot.json != NULL, readable = there && gj_spot_text(u, spot, &text);
    if (!there || (readable && read_int(text, &number) == 0 && number == 0)) {
        return 0;
    }
    return readable && read_time(text, as, out) == 0
               ? 1
               : refuse(u, paths->text, text, time_remedy(as));
}

static int convert_time(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                        struct gj_buf *out)
{
    struct gj_instant at;
    int status = gj_time_convert(u, &field->paths, field->as, here, &at);
    if (status == 1) {
        gj_buf_add_char(out, '"');
        gj_timestamp_format(at, out);
        gj_buf_add_char(out, '"');
    }
    return status;
}

/* ---- texts ---- */

static int choose(struct gj_unpack *u, const struct gj_map_field *field, struct gj_str *text)
{
    struct gj_buf known;
    for (size_t i = 0; i < field->choice_count; i++) {
        if (gj_str_eq(field->choices[i].from, *text)) {
            *text = field->choices[i].to;
            return 1;
        }
    }
    if (field->rest.len > 0) {
        *text = field->rest;
        return 1;
    }
    gj_buf_init(&known);
    gj_buf_add_cstr(&known, "the mapping knows ");
    for (size_t i = 0; i < field->choice_count; i++) {
        gj_buf_add_cstr(&known, i > 0 ? ", " : "");
        gj_buf_add_str(&known, field->choices[i].from);
    }
    gj_buf_add_cstr(&known, ": add what it means to the rulebook's envelope");
    int status = refuse(u, field->paths.text, *text, known.ptr);
    gj_buf_release(&known);
    return status;
}

/* What stands in for a value that is not there. */
static int use_other(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                     struct gj_str *out)
{
    struct gj_buf text;
    gj_buf_init(&text);
    bool filled = field->otherwise.count > 0 && gj_template_fill(u, &field->otherwise, here, &text);
    if (filled) {
        *out = gj_arena_copy(u->arena, gj_buf_str(&text));
        u->why->failed |= out->ptr == NULL || text.failed;
    } else if (field->required) {
        gj_buf_addf(u->why, "'%.*s' is missing, of which '%.*s' is made; send it",
                    (int)field->paths.text.len, field->paths.text.ptr, (int)field->name.len,
                    field->name.ptr);
    }
    gj_buf_release(&text);
    return filled && !u->why->failed ? 1 : field->required ? -1 : 0;
}

static int read_scalar(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot spot,
                       struct gj_str *text)
{
    if (!gj_spot_text(u, spot, text)) {
        return refuse(u, field->paths.text, GJ_STR("a list or an object"),
                      "a single value is expected");
    }
    return field->choice_count > 0 ? choose(u, field, text) : 1;
}

int gj_field_text(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                  struct gj_str *out)
{
    struct gj_spot spot = gj_spot_any(u, &field->paths, here);
    return spot.json == NULL ? use_other(u, field, here, out) : read_scalar(u, field, spot, out);
}

/* ---- single values ---- */

static int convert_int(struct gj_unpack *u, const struct gj_map_field *field, struct gj_str text,
                       struct gj_buf *out)
{
    int64_t value = 0;
    bool yuan = field->as == GJ_AS_YUAN;
    if (yuan ? gj_fen_of_yuan(text, &value) != 0 : read_int(text, &value) != 0) {
        return refuse(u, field->paths.text, text,
                      yuan ? "an amount in yuan with at most two digits behind the point is "
                             "expected"
                      : field->as == GJ_AS_FEN ? "a whole number of fen is expected"
                                               : "a whole number is expected");
    }
    gj_buf_add_int(out, value);
    return 1;
}

static int convert_bool(struct gj_unpack *u, const struct gj_map_field *field, struct gj_str text,
                        struct gj_buf *out)
{
    bool yes = gj_str_is(text, "true") || gj_str_is(text, "1");
    if (!yes && !gj_str_is(text, "false") && !gj_str_is(text, "0")) {
        return refuse(u, field->paths.text, text, "true, false, 1 or 0 is expected");
    }
    gj_buf_add_cstr(out, yes ? "true" : "false");
    return 1;
}

/* A constant, a choice or a text, as the field's type is written. */
static void add_text(const struct gj_map_field *field, struct gj_str text, struct gj_buf *out)
{
    if (field->bare) {
        gj_buf_add_str(out, text);
    } else {
        gj_json_add_string(out, text);
    }
}

static int convert_scalar(struct gj_unpack *u, const struct gj_map_field *field,
                          struct gj_spot spot, struct gj_buf *out)
{
    struct gj_str text = {"", 0};
    if (read_scalar(u, field, spot, &text) < 0) {
        return -1;
    }
    bool number = field->as == GJ_AS_INT || field->as == GJ_AS_FEN || field->as == GJ_AS_YUAN;
    if (field->choice_count == 0 && number) {
        return convert_int(u, field, text, out);
    }
    if (field->choice_count == 0 && field->as == GJ_AS_BOOL) {
        return convert_bool(u, field, text, out);
    }
    add_text(field, text, out);
    return 1;
}

/* ---- lists ---- */

int gj_object_convert(struct gj_unpack *u, const struct gj_map_field *fields, size_t count,
                      struct gj_spot here, struct gj_buf *out)
{
    bool first = true;
    gj_buf_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        size_t before = out->len;
        gj_buf_add_cstr(out, first ? "" : ",");
        gj_json_add_string(out, fields[i].name);
        gj_buf_add_char(out, ':');
        int status = gj_field_convert(u, &fields[i], here, out);
        if (status < 0) {
            return -1;
        }
        if (status == 0) {
            gj_buf_cut(out, before);
        }
        first &= status == 0;
    }
    gj_buf_add_char(out, '}');
    return 1;
}

static int convert_item(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot spot,
                        struct gj_buf *out)
{
    struct gj_str text = {"", 0};
    if (field->as == GJ_AS_EACH) {
        return gj_object_convert(u, field->inner, field->inner_count, spot, out);
    }
    if (!gj_spot_text(u, spot, &text)) {
        return refuse(u, field->paths.text, GJ_STR("a list of lists or objects"),
                      "a list of texts is expected");
    }
    gj_json_add_string(out, text);
    return 1;
}

static int convert_list(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot spot,
                        struct gj_buf *out)
{
    struct gj_spot held =
        spot.json->kind == GJ_JSON_STRING ? gj_spot_enter(u, spot.json->text) : spot;
    spot = held.json != NULL ? held : spot;
    if (spot.json->kind != GJ_JSON_ARRAY) {
        gj_buf_add_char(out, '[');
        int status = convert_item(u, field, spot, out);
        gj_buf_add_char(out, ']');
        return status;
    }
    gj_buf_add_char(out, '[');
    for (const struct gj_json *n = gj_json_first(spot.parser, spot.json); n != NULL;) {
        if (convert_item(u, field, (struct gj_spot){spot.parser, n}, out) < 0) {
            return -1;
        }
        n = gj_json_next(spot.parser, n);
        gj_buf_add_cstr(out, n != NULL ? "," : "");
    }
    gj_buf_add_char(out, ']');
    return 1;
}

/* ---- a field ---- */

int gj_field_convert(struct gj_unpack *u, const struct gj_map_field *field, struct gj_spot here,
                     struct gj_buf *out)
{
    int status = 0;
    struct gj_str text = {"", 0};
    struct gj_spot spot = gj_spot_any(u, &field->paths, here);
    if (field->as >= GJ_AS_SECONDS && field->as <= GJ_AS_TIME) {
        status = convert_time(u, field, here, out);
    } else if (spot.json != NULL) {
        status = field->as == GJ_AS_TEXTS || field->as == GJ_AS_EACH
                     ? convert_list(u, field, spot, out)
                     : convert_scalar(u, field, spot, out);
    }
    if (status != 0) {
        return status;
    }
    status = use_other(u, field, here, &text);
    if (status == 1) {
        add_text(field, text, out);
    }
    return status;
}
