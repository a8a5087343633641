/* Room wire: a request's bytes into a document: proven, decrypted, parsed (see envelope.h). */
#include <strings.h>

#include "wire/envelope_unpack.h"

/* ---- proof ---- */

static bool is_proven(struct gj_unpack *u, const struct gj_signature *signature, bool *given)
{
    const struct gj_spot nowhere = {u->parser, NULL};
    struct gj_spot spot = gj_spot_find(u, &signature->in, nowhere);
    struct gj_str text = {"", 0};
    struct gj_buf over;
    if (spot.json == NULL || !gj_spot_text(u, spot, &text)) {
        return false;
    }
    *given = true;
    gj_buf_init(&over);
    bool proven = gj_template_fill(u, &signature->over, nowhere, &over) && !over.failed &&
                  gj_digest_matches(signature->scheme, u->request->secret, gj_buf_str(&over), text);
    u->why->failed |= over.failed;
    gj_buf_release(&over);
    return proven;
}

static int prove(struct gj_unpack *u)
{
    const struct gj_envelope *e = u->envelope;
    bool given = false;
    if (e->signature_count == 0 || u->request->trusted) {
        return 0;
    }
    if (u->request->secret.len == 0) {
        gj_buf_add_cstr(u->why, "the signature cannot be checked without the application's secret; "
                                "configure it for this platform");
        return -1;
    }
    for (size_t i = 0; i < e->signature_count; i++) {
        if (is_proven(u, &e->signatures[i], &given)) {
            return 0;
        }
    }
    gj_buf_add_cstr(u->why, given ? "the signature does not match; check the application's key and "
                                    "secret, and that the body arrives unchanged"
                                  : "the signature is missing");
    if (!given) {
        gj_buf_addf(u->why, "; it is expected in the %s '%.*s'",
                    e->signatures[0].in.root == GJ_AT_HEADER ? "header" : "query's",
                    (int)e->signatures[0].in.steps[0].len, e->signatures[0].in.steps[0].ptr);
    }
    return -1;
}

/* ---- forms ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void decode(struct gj_str text, struct gj_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = text.ptr[i] == '%' && i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        if (low >= 0) {
            gj_buf_add_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            gj_buf_add_char(out, text.ptr[i] == '+' ? ' ' : text.ptr[i]);
        }
    }
}

/* Takes what stands before `mark` off `rest`. */
static struct gj_str take(struct gj_str *rest, char mark)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, mark, rest->len);
    struct gj_str part = {rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr)};
    size_t gone = part.len + (end != NULL);
    *rest = (struct gj_str){rest->ptr + gone, rest->len - gone};
    return part;
}

#define FORM_FIELDS_MAX 256u /* those given twice counted twice: each is looked for in all */

/* Whether a name stands among those decoded already; all of them end in a NUL. */
static bool is_known(const struct gj_buf *names, struct gj_str name)
{
    for (size_t at = 0; at < names->len; at += strlen(names->ptr + at) + 1) {
        if (gj_str_is(name, names->ptr + at)) {
            return true;
        }
    }
    return false;
}

const char *gj_form_to_json(struct gj_str form, struct gj_buf *out)
{
    struct gj_buf names, name, value;
    gj_buf_init(&names);
    gj_buf_init(&name);
    gj_buf_init(&value);
    size_t count = 0;
    const char *fault = NULL;
    gj_buf_add_char(out, '{');
    while (form.len > 0 && fault == NULL) {
        struct gj_str part = take(&form, '&'), key = take(&part, '=');
        gj_buf_reset(&name);
        gj_buf_reset(&value);
        decode(key, &name);
        decode(part, &value);
        out->failed |= name.failed || value.failed;
        if (!gj_json_is_utf8(gj_buf_str(&name)) || !gj_json_is_utf8(gj_buf_str(&value))) {
            fault = "it is not UTF-8; encode it so";
        } else if (name.len == 0 || memchr(name.ptr, '\0', name.len) != NULL) {
            continue;
        } else if (count++ == FORM_FIELDS_MAX) {
            fault = "it has more than 256 fields; send fewer";
        } else if (!is_known(&names, gj_buf_str(&name))) {
            gj_buf_add(&names, name.ptr, name.len + 1);
            gj_json_add_comma(out);
            gj_json_add_string(out, gj_buf_str(&name));
            gj_buf_add_char(out, ':');
            gj_json_add_string(out, gj_buf_str(&value));
        }
    }
    gj_buf_add_char(out, '}');
    out->failed |= names.failed;
    gj_buf_release(&names);
    gj_buf_release(&name);
    gj_buf_release(&value);
    return out->failed ? GJ_JSON_NO_MEMORY : fault;
}

/* ---- the document ---- */

static bool is_form(const struct gj_envelope_request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    return request->content_type.len >= sizeof form - 1 &&
           strncasecmp(request->content_type.ptr, form, sizeof form - 1) == 0;
}

/* "the body cannot be read: it is too large", or that memory ran out. */
static int say_fault(struct gj_unpack *u, const char *what, const char *fault)
{
    gj_buf_addf(u->why, "%s%s", what, fault);
    u->why->failed |= strcmp(fault, GJ_JSON_NO_MEMORY) == 0;
    return -1;
}

static int parse(struct gj_unpack *u, struct gj_json_parser *parser, struct gj_str bytes,
                 const char *what, struct gj_spot *out)
{
    const char *fault = NULL;
    *out = (struct gj_spot){parser, gj_json_parse(parser, bytes, 0, &fault)};
    return out->json != NULL ? 0 : say_fault(u, what, fault);
}

static int read_query(struct gj_unpack *u)
{
    static const char what[] = "the query cannot be read: ";
    const char *fault = gj_form_to_json(u->request->query, &u->query_json);
    return fault != NULL ? say_fault(u, what, fault)
                         : parse(u, u->query_parser, gj_buf_str(&u->query_json), what, &u->query);
}

static int open_body(struct gj_unpack *u, struct gj_str *bytes)
{
    const struct gj_envelope_request *r = u->request;
    const char *fault = NULL, *what = "";
    *bytes = r->body;
    if (u->envelope->encrypted && !(r->trusted && r->secret.len == 0)) {
        fault = r->secret.len == 0 ? "the body is encrypted; configure the message key of this "
                                     "platform"
                                   : gj_aes_cbc_open(r->body, r->secret, &u->opened);
        *bytes = gj_buf_str(&u->opened);
    } else if (is_form(r)) {
        what = "the body cannot be read: ";
        fault = gj_form_to_json(r->body, &u->opened);
        *bytes = gj_buf_str(&u->opened);
    }
    return fault == NULL ? 0 : say_fault(u, what, fault);
}

int gj_unpack_body(struct gj_unpack *u)
{
    struct gj_str bytes;
    return read_query(u) != 0 || prove(u) != 0 || open_body(u, &bytes) != 0
               ? -1
               : parse(u, u->parser, bytes,
                       u->envelope->encrypted ? "the body, decrypted, cannot be read: "
                                              : "the body cannot be read: ",
                       &u->body);
}
