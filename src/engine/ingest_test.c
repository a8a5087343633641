/* Room engine: the tests that stand beside an envelope's mapping (docs/envelopes.md): what a
 * request of the platform comes to, told beforehand. */
#include "book/build.h"
#include "engine/selftest.h"
#include "guiju/ingest.h"

struct suite {
    const gj_rulebook *rulebook;
    void (*each)(void *context, const gj_test_result *result);
    void *context;
    struct gj_json_parser *left, *right;
};

struct trial { /* one test */
    struct suite *suite;
    const struct gj_node *expected; /* what is still to come of `expect` */
    struct gj_buf got;              /* what came otherwise */
};

/* ---- YAML as JSON ---- */

/* A plain scalar that reads as a JSON number or word is one; all else is a text. */
static void write_scalar(struct suite *s, struct gj_buf *out, const struct gj_node *node)
{
    const char *why = NULL;
    const struct gj_json *json =
        node->plain && node->text.len > 0 ? gj_json_parse(s->right, node->text, 0, &why) : NULL;
    bool bare = json != NULL && json->kind <= GJ_JSON_DOUBLE;
    if (bare) {
        gj_buf_add_str(out, node->text);
    } else {
        gj_json_add_string(out, node->text);
    }
}

static void write_node(struct suite *s, struct gj_buf *out, const struct gj_node *node)
{
    if (node->kind == GJ_NODE_SCALAR) {
        write_scalar(s, out, node);
        return;
    }
    bool map = node->kind == GJ_NODE_MAPPING;
    gj_buf_add_char(out, map ? '{' : '[');
    for (const struct gj_node *n = node->first; n != NULL; n = n->next) {
        if (map) {
            gj_json_add_string(out, n->key->text);
            gj_buf_add_char(out, ':');
        }
        write_node(s, out, n);
        gj_buf_add_cstr(out, n->next != NULL ? "," : "");
    }
    gj_buf_add_char(out, map ? '}' : ']');
}

/* ---- comparing ---- */

static bool equal(struct suite *s, const struct gj_json *a, const struct gj_json *b);

static const struct gj_json *member(const struct gj_json_parser *parser, const struct gj_json *of,
                                    struct gj_str key)
{
    const struct gj_json *n = gj_json_first(parser, of);
    while (n != NULL && !gj_str_eq(n->key, key)) {
        n = gj_json_next(parser, n);
    }
    return n;
}

static bool equal_children(struct suite *s, const struct gj_json *a, const struct gj_json *b)
{
    const struct gj_json *y = gj_json_first(s->right, b);
    for (const struct gj_json *x = gj_json_first(s->left, a); x != NULL;
         x = gj_json_next(s->left, x)) {
        const struct gj_json *other = a->kind == GJ_JSON_OBJECT ? member(s->right, b, x->key) : y;
        if (other == NULL || !equal(s, x, other)) {
            return false;
        }
        y = y == NULL ? NULL : gj_json_next(s->right, y);
    }
    return true;
}

static bool equal(struct suite *s, const struct gj_json *a, const struct gj_json *b)
{
    return a->kind == b->kind && a->count == b->count && a->integer == b->integer &&
           gj_str_eq(a->text, b->text) && equal_children(s, a, b);
}

/* Whether what came has all that `wanted` says, `data` exactly. */
static bool matches(struct suite *s, const struct gj_node *wanted, const gj_ingested *came)
{
    struct gj_buf text;
    const char *why = NULL;
    gj_buf_init(&text);
    write_node(s, &text, wanted);
    const struct gj_json *a = gj_json_parse(s->left, gj_buf_str(&text), 0, &why);
    const struct gj_json *b =
        gj_json_parse(s->right, (struct gj_str){came->json, came->json_len}, 0, &why);
    bool good = a != NULL && b != NULL && a->kind == GJ_JSON_OBJECT;
    for (const struct gj_json *n = good ? gj_json_first(s->left, a) : NULL; n != NULL && good;
         n = gj_json_next(s->left, n)) {
        const struct gj_json *other = member(s->right, b, n->key);
        good = other != NULL && equal(s, n, other);
    }
    gj_buf_release(&text);
    return good;
}

/* {event: {...}}, {ignored: TOPIC} or {refused: part of the sentence}. */
static bool is_expected(struct suite *s, const struct gj_node *wanted, const gj_ingested *came)
{
    const struct gj_node *ignored = gj_node_get(wanted, "ignored"),
                         *refused = gj_node_get(wanted, "refused");
    if (ignored != NULL) {
        return came->kind == GJ_INGESTED_IGNORED && gj_str_is(ignored->text, came->topic);
    }
    if (refused != NULL) {
        return came->kind == GJ_INGESTED_REFUSED && strstr(came->why, refused->text.ptr) != NULL;
    }
    return came->kind == GJ_INGESTED_EVENT && matches(s, wanted, came);
}

static int take(void *context, const gj_ingested *came)
{
    struct trial *t = context;
    bool good = t->expected != NULL && is_expected(t->suite, t->expected, came);
    t->expected = t->expected == NULL ? NULL : t->expected->next;
    if (!good) {
        gj_buf_addf(&t->got, "%s%s %s%s", t->got.len > 0 ? "; " : "",
                    came->kind == GJ_INGESTED_IGNORED   ? "ignored"
                    : came->kind == GJ_INGESTED_REFUSED ? "refused"
                                                        : "event",
                    came->kind == GJ_INGESTED_EVENT ? came->json : came->topic,
                    came->kind == GJ_INGESTED_REFUSED ? came->why : "");
    }
    return 0;
}

/* ---- a test ---- */

static const char *text_in(const struct gj_node *test, const char *key)
{
    const struct gj_node *node = gj_node_get(test, key);
    return node == NULL ? NULL : node->text.ptr;
}

static int64_t receipt(const struct gj_node *test)
{
    int64_t at = 0;
    const struct gj_node *received = gj_node_get(test, "received");
    return received != NULL && gj_test_time(received->text, &at) == 0 ? at : 0;
}

static void run(struct suite *s, struct gj_str name, const struct gj_node *test, struct trial *t)
{
    struct gj_buf body;
    gj_header headers[GJ_TEST_HEADERS_MAX];
    const struct gj_node *given = gj_node_get(test, "given"), *list = gj_node_get(test, "headers");
    gj_ingest_request request = {.query = text_in(test, "query"),
                                 .content_type = text_in(test, "type"),
                                 .headers = headers,
                                 .app_key = text_in(test, "app_key"),
                                 .secret = text_in(test, "secret"),
                                 .received_at = receipt(test),
                                 .english = true};
    for (const struct gj_node *n = list == NULL ? NULL : list->first; n != NULL; n = n->next) {
        headers[request.header_count++] = (gj_header){n->key->text.ptr, n->text.ptr};
    }
    request.trusted = request.secret == NULL && gj_node_get(test, "refused") == NULL;
    gj_buf_init(&body);
    if (given != NULL && given->kind == GJ_NODE_SCALAR) {
        gj_buf_add_str(&body, given->text);
    } else if (given != NULL) {
        write_node(s, &body, given);
    }
    request.body = body.ptr;
    request.body_len = body.len;
    gj_errors *errors = gj_errors_new();
    if (errors != NULL && gj_ingest(s->rulebook, name.ptr, &request, take, t, errors) != GJ_OK) {
        const char *refused = text_in(test, "refused"), *why = gj_errors_text(errors);
        if (refused == NULL || strstr(why, refused) == NULL) {
            gj_buf_add(&t->got, why, strcspn(why, "\n"));
        }
    } else if (text_in(test, "refused") != NULL) {
        gj_buf_add_cstr(&t->got, "it was not refused");
    }
    gj_errors_free(errors);
    gj_buf_release(&body);
}

static void run_test(struct suite *s, const struct gj_node *entry, const char *name,
                     const struct gj_node *test)
{
    const struct gj_node *expect = gj_node_get(test, "expect");
    struct trial t = {.suite = s, .expected = expect == NULL ? NULL : expect->first};
    const char *say = text_in(test, "say");
    gj_buf_init(&t.got);
    uint32_t line = gj_envelope_test_form(test, &t.got);
    if (line == 0) {
        run(s, entry->first->text, test, &t);
    }
    if (t.got.len == 0 && t.expected != NULL) {
        gj_buf_add_cstr(&t.got, "less");
    }
    gj_test_result result = {.name = name,
                             .file = s->rulebook->book->files[entry->file].path.ptr,
                             .line = line != 0 ? line : test->line,
                             .passed = t.got.len == 0,
                             .say = say == NULL ? "" : say,
                             .expected = line != 0 ? "" : "what 'expect' says",
                             .got = t.got.ptr};
    s->each(s->context, &result);
    gj_buf_release(&t.got);
}

static void run_entry(struct suite *s, const struct gj_node *entry, const char *only)
{
    const struct gj_node *tests = gj_node_get(entry, "tests");
    struct gj_buf name;
    gj_buf_init(&name);
    gj_buf_addf(&name, "%s.envelope", entry->first->text.ptr);
    bool wanted = only == NULL || strncmp(name.ptr, only, strlen(only)) == 0;
    bool list = tests != NULL && tests->kind == GJ_NODE_SEQUENCE;
    for (const struct gj_node *t = wanted ? (list ? tests->first : tests) : NULL; t != NULL;
         t = list ? t->next : NULL) {
        run_test(s, entry, name.ptr, t);
    }
    gj_buf_release(&name);
}

int gj_ingest_test(const gj_rulebook *rulebook, const char *only,
                   void (*each)(void *context, const gj_test_result *result), void *context)
{
    struct suite s = {rulebook, each, context, gj_json_parser_new(), gj_json_parser_new()};
    int status = s.left == NULL || s.right == NULL ? GJ_ESYSTEM : GJ_OK;
    for (const struct gj_node *n = gj_entry_of(rulebook->book->event_entries, "envelope");
         n != NULL && status == GJ_OK; n = gj_entry_of(n->next, "envelope")) {
        run_entry(&s, n, only);
    }
    gj_json_parser_free(s.left);
    gj_json_parser_free(s.right);
    return status;
}
