/* Room text: the one-pass scan, over Vectorscan (see scan.h). Its pure literal interface takes any
 * bytes, so nothing is escaped; ends alone are reported, which costs less than starts. */
#include "text/scan.h"

#include <hs/hs.h>

#include "base/vec.h"

struct gj_scanner {
    hs_database_t *database; /* NULL: no literals */
};

struct gj_scan_scratch {
    hs_scratch_t *hs;
};

void gj_scanner_free(struct gj_scanner *scanner)
{
    if (scanner != NULL) {
        hs_free_database(scanner->database);
        free(scanner);
    }
}

static int compile(struct gj_scanner *scanner, const struct gj_str *literals, size_t count,
                   struct gj_errors *errors)
{
    const char **texts = calloc(count, sizeof *texts);
    size_t *lengths = calloc(count, sizeof *lengths);
    unsigned *flags = calloc(count, sizeof *flags), *ids = calloc(count, sizeof *ids);
    bool ready = texts != NULL && lengths != NULL && flags != NULL && ids != NULL;
    int status = ready ? 0 : gj_errors_say(errors, "out of memory while compiling the words");
    for (size_t i = 0; ready && i < count; i++) {
        texts[i] = literals[i].ptr;
        lengths[i] = literals[i].len;
        ids[i] = (unsigned)i;
    }
    hs_compile_error_t *why = NULL;
    if (status == 0 &&
        hs_compile_lit_multi(texts, flags, ids, lengths, (unsigned)count, HS_MODE_BLOCK, NULL,
                             &scanner->database, &why) != HS_SUCCESS) {
        status = gj_errors_say(errors, "the words cannot be compiled: %s", why->message);
        hs_free_compile_error(why);
    }
    free(texts);
    free(lengths);
    free(flags);
    free(ids);
    return status;
}

struct gj_scanner *gj_scanner_compile(const struct gj_str *literals, size_t count,
                                      struct gj_errors *errors)
{
    struct gj_scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL) {
        gj_errors_say(errors, "out of memory while compiling the words");
        return NULL;
    }
    if (count > 0 && compile(scanner, literals, count, errors) != 0) {
        gj_scanner_free(scanner);
        return NULL;
    }
    return scanner;
}

int gj_scanner_serialize(const struct gj_scanner *scanner, struct gj_buf *out)
{
    if (scanner->database == NULL) {
        return 0;
    }
    char *bytes = NULL;
    size_t len = 0;
    if (hs_serialize_database(scanner->database, &bytes, &len) != HS_SUCCESS) {
        return -1;
    }
    gj_buf_add(out, bytes, len);
    free(bytes);
    return out->failed ? -1 : 0;
}

struct gj_scanner *gj_scanner_deserialize(struct gj_str bytes)
{
    struct gj_scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner != NULL && bytes.len > 0 &&
        hs_deserialize_database(bytes.ptr, bytes.len, &scanner->database) != HS_SUCCESS) {
        gj_scanner_free(scanner);
        return NULL;
    }
    return scanner;
}

struct gj_scan_scratch *gj_scan_scratch_new(const struct gj_scanner *scanner)
{
    struct gj_scan_scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch != NULL && scanner->database != NULL &&
        hs_alloc_scratch(scanner->database, &scratch->hs) != HS_SUCCESS) {
        free(scratch);
        return NULL;
    }
    return scratch;
}

void gj_scan_scratch_free(struct gj_scan_scratch *scratch)
{
    if (scratch != NULL) {
        hs_free_scratch(scratch->hs);
        free(scratch);
    }
}

size_t gj_scanner_bytes(const struct gj_scanner *scanner)
{
    size_t bytes = 0;
    return scanner->database != NULL && hs_database_size(scanner->database, &bytes) == HS_SUCCESS
               ? bytes
               : 0;
}

struct relay {
    int (*each)(void *context, uint32_t literal, uint32_t end);
    void *context;
};

static int relay_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *context)
{
    (void)from;
    (void)flags;
    const struct relay *relay = context;
    return relay->each(relay->context, id, (uint32_t)to);
}

int gj_scan(const struct gj_scanner *scanner, struct gj_scan_scratch *scratch, struct gj_str folded,
            int (*each)(void *context, uint32_t literal, uint32_t end), void *context)
{
    if (scanner->database == NULL || folded.len == 0) {
        return 0;
    }
    struct relay relay = {each, context};
    hs_error_t status = hs_scan(scanner->database, folded.ptr, (unsigned)folded.len, 0, scratch->hs,
                                relay_match, &relay);
    return status == HS_SUCCESS || status == HS_SCAN_TERMINATED ? 0 : -1;
}
