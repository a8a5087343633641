/* Fuzz target for masking: hostile bytes as a text, as an address and as JSON. What comes out of a
 * text is UTF-8, what comes out of JSON is JSON, and JSON is never refused. */
#include <stdlib.h>

#include "base/utf8.h"
#include "people/mask.h"
#include "text/mask.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void mask_text(struct gj_str text)
{
    struct gj_mask mask;
    struct gj_str out;
    gj_mask_init(&mask);
    for (int kind = GJ_MASK_TEXT; kind <= GJ_MASK_ADDRESS; kind++) {
        require(gj_mask_apply(&mask, (enum gj_mask_kind)kind, text, &out) == 0);
        require(gj_utf8_valid_prefix(out) == out.len);
    }
    gj_mask_release(&mask);
}

static void mask_json(struct gj_str json)
{
    struct gj_mask_json *mask = gj_mask_json_new();
    struct gj_json_parser *parser = gj_json_parser_new();
    struct gj_buf out;
    const char *why;
    gj_buf_init(&out);
    require(mask != NULL && parser != NULL);
    bool good = gj_json_parse(parser, json, 0, &why) != NULL;
    int status = gj_mask_json(mask, json, &out);
    require(!good || (status == 0 && gj_json_parse(parser, gj_buf_str(&out), 0, &why) != NULL));
    gj_buf_release(&out);
    gj_json_parser_free(parser);
    gj_mask_json_free(mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_str bytes = {(const char *)data, size};
    mask_json(bytes);
    bytes.len = gj_utf8_valid_prefix(bytes);
    mask_text(bytes);
    return 0;
}
