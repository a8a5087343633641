/* Room server: verdicts, judged or remembered (see verdicts.h).
 *
 * The same bytes get the same verdict as long as the rulebook is the same and none of its rules
 * and parameters begins or ends. The one part of a message that changes its answer and not its
 * verdict is its id, which senders choose anew each time: it is cut out of the key, and of the
 * answer that is kept.
 *
 *   key    language, tenant, where the id stood, the line without it
 *   value  suggestion, the answer from behind the id
 *
 * A line whose other bytes are those of one that was judged is the same JSON, as long as its id is
 * plain: a value that cannot be anything but one string or one integer, and is answered as it is
 * written. Ids written otherwise are left where they are, and such a line is judged each time. The
 * tenant is in the key so that nobody can tell by the time an answer takes what others write. */
#include "server/verdicts.h"

#include <stdlib.h>

#include "server/memo.h"

#define ID_BYTES_MAX     255 /* as the judge has it */
#define ID_DIGITS_MAX    18
#define NO_ID            UINT32_MAX
#define MESSAGE_KEPT_MAX ((size_t)16 << 10) /* bytes */

struct gj_verdicts {
    const gj_rulebook *book;
    gj_checker *checker;
    struct gj_memo *memo; /* NULL: nothing is remembered */
    int64_t from, until;  /* seconds: what it holds is right in this time */
    struct gj_buf key;    /* begins with what is of the request at hand */
    size_t request_len;
    struct gj_buf value; /* scratch */
};

struct gj_verdicts *gj_verdicts_new(const gj_rulebook *book, size_t memory)
{
    struct gj_verdicts *v = calloc(1, sizeof *v);
    if (v == NULL) {
        return NULL;
    }
    gj_buf_init(&v->key);
    gj_buf_init(&v->value);
    v->book = book;
    v->checker = gj_checker_new(book, NULL);
    v->memo = memory == 0 ? NULL : gj_memo_new(memory);
    if (v->checker == NULL || (memory > 0 && v->memo == NULL)) {
        gj_verdicts_free(v);
        return NULL;
    }
    return v;
}

void gj_verdicts_free(struct gj_verdicts *v)
{
    if (v != NULL) {
        gj_checker_free(v->checker);
        gj_memo_free(v->memo);
        gj_buf_release(&v->key);
        gj_buf_release(&v->value);
        free(v);
    }
}

void gj_verdicts_begin(struct gj_verdicts *v, struct gj_str tenant, bool english, int64_t now)
{
    gj_checker_json(v->checker, (gj_json_settings){.english = english, .now = now});
    if (v->memo == NULL) {
        return;
    }
    if (now < v->from || now >= v->until) { /* at the first call too */
        gj_memo_forget(v->memo);
        gj_rulebook_steady(v->book, now, &v->from, &v->until);
    }
    gj_buf_reset(&v->key);
    gj_buf_add_char(&v->key, english ? 'e' : 'c');
    gj_buf_add_str(&v->key, tenant);
    gj_buf_add_char(&v->key, '\0');
    v->request_len = v->key.len;
}

/* ---- ids ---- */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

/* The quote that ends the string whose text begins at `at`, or `end`. */
static const char *string_end(const char *at, const char *end)
{
    const char *from = at;
    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        const char *slash = at;
        while (slash > from && slash[-1] == '\\') {
            slash--;
        }
        if ((at - slash) % 2 == 0) {
            return at;
        }
        at++;
    }
    return end;
}

/* The plain string or integer at `at`, as it is written; empty when there is none. */
static struct gj_str plain_value(const char *at, const char *end)
{
    const char *to = at;
    if (to < end && *to == '"') {
        for (to++; to < end && *to != '"'; to++) {
            if ((unsigned char)*to < 0x20 || *to == '\\' || *to == 0x7F) {
                return GJ_STR("");
            }
        }
        return to < end && to + 1 - at <= ID_BYTES_MAX ? (struct gj_str){at, (size_t)(to + 1 - at)}
                                                       : GJ_STR("");
    }
    while (to < end && *to >= '0' && *to <= '9') {
        to++;
    }
    bool plain = to - at <= ID_DIGITS_MAX && (to - at < 2 || *at != '0');
    return plain ? (struct gj_str){at, (size_t)(to - at)} : GJ_STR("");
}

/* The plain value of the line's own member "id", as it is written; empty when there is none. Of a
 * line that is no JSON it may be anything in it. */
static struct gj_str find_id(struct gj_str line)
{
    const char *end = line.ptr + line.len;
    int depth = 0;
    for (const char *at = line.ptr; at < end; at++) {
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        if (*at != '"') {
            continue;
        }
        const char *text = at + 1;
        at = string_end(text, end);
        if (at == end) {
            break;
        }
        const char *colon = skip_blanks(at + 1, end);
        if (depth == 1 && at - text == 2 && memcmp(text, "id", 2) == 0 && colon < end &&
            *colon == ':') {
            return plain_value(skip_blanks(colon + 1, end), end);
        }
    }
    return GJ_STR("");
}

/* ---- remembering ---- */

static struct gj_str key_of(struct gj_verdicts *v, struct gj_str line, struct gj_str id)
{
    struct gj_str before =
        id.len == 0 ? line : (struct gj_str){line.ptr, (size_t)(id.ptr - line.ptr)};
    struct gj_str behind = {before.ptr + before.len + id.len, line.len - before.len - id.len};
    uint32_t place = id.len == 0 ? NO_ID : (uint32_t)before.len;
    gj_buf_cut(&v->key, v->request_len);
    gj_buf_add(&v->key, &place, sizeof place);
    gj_buf_add_str(&v->key, before);
    gj_buf_add_str(&v->key, behind);
    return gj_buf_str(&v->key);
}

static void answer(struct gj_buf *out, struct gj_str id, struct gj_str rest)
{
    gj_buf_add_char(out, '{');
    if (id.len > 0) {
        gj_buf_add_cstr(out, "\"id\":");
        gj_buf_add_str(out, id);
        gj_buf_add_char(out, ',');
    }
    gj_buf_add_str(out, rest);
}

/* The answer from behind the id that was cut out; empty when it is not answered as it was written.
 */
static struct gj_str behind_id(struct gj_str json, struct gj_str id)
{
    static const struct gj_str key = {"{\"id\":", 6};
    struct gj_str rest = {json.ptr + key.len, json.len < key.len ? 0 : json.len - key.len};
    if (id.len == 0) {
        return (struct gj_str){json.ptr + 1, json.len - 1};
    }
    bool same = gj_str_starts(json, key) && gj_str_starts(rest, id) && rest.len > id.len &&
                rest.ptr[id.len] == ',';
    return same ? (struct gj_str){rest.ptr + id.len + 1, rest.len - id.len - 1} : GJ_STR("");
}

static void keep(struct gj_verdicts *v, struct gj_str key, struct gj_str rest,
                 gj_suggestion suggestion)
{
    gj_buf_reset(&v->value);
    gj_buf_add_char(&v->value, (char)suggestion);
    gj_buf_add_str(&v->value, rest);
    if (rest.len > 0 && !v->key.failed && !v->value.failed) {
        gj_memo_keep(v->memo, key, gj_buf_str(&v->value));
    }
}

/* ---- judging ---- */

int gj_verdict_of(struct gj_verdicts *v, struct gj_str line, size_t padding, size_t number,
                  struct gj_buf *out, struct gj_judged *judged)
{
    bool remembers = v->memo != NULL && line.len <= MESSAGE_KEPT_MAX;
    struct gj_str id = remembers ? find_id(line) : GJ_STR("");
    struct gj_str key = remembers ? key_of(v, line, id) : GJ_STR("");
    struct gj_str known;
    if (remembers && !v->key.failed && gj_memo_find(v->memo, key, &known)) {
        *judged = (struct gj_judged){(gj_suggestion)known.ptr[0], true};
        answer(out, id, (struct gj_str){known.ptr + 1, known.len - 1});
        return GJ_OK;
    }
    const gj_verdict *verdict = NULL;
    struct gj_str json = {NULL, 0};
    int status = gj_check_json(v->checker, line.ptr, line.len, padding, number, &json.ptr,
                               &json.len, &verdict);
    gj_buf_add_str(out, json);
    if (status == GJ_OK) {
        *judged = (struct gj_judged){verdict->suggestion, false};
        if (remembers) {
            keep(v, key, behind_id(json, id), verdict->suggestion);
        }
    }
    return status;
}

const char *gj_verdicts_refusal(const struct gj_verdicts *v)
{
    return gj_checker_refusal(v->checker);
}
