/* Fuzz target for room text: hostile bytes are folded, collapsed and searched by the extractors.
 * From the first byte on that is not valid UTF-8 they are cut off, as the doors refuse them. Checks
 * what other rooms rely on: folding is idempotent, places are in order, finds do not overlap. */
#include "base/utf8.h"
#include "fuzz.h"
#include "text/extract.h"

static void check_units(const struct gj_text *text)
{
    for (size_t i = 1; i < text->unit_count; i++) {
        require(text->units[i].begin >= text->units[i - 1].begin);
        require(text->units[i].index >= text->units[i - 1].index);
    }
    require(text->unit_count == 0 || text->units[text->unit_count - 1].begin < text->original.len);
    for (size_t i = 0; i < text->folded_len; i++) {
        require(text->unit_of[i] < text->unit_count);
    }
}

static void check_finds(const struct gj_text *text, const struct gj_extracts *finds)
{
    for (size_t i = 0; i < finds->count; i++) {
        const struct gj_extract *find = &finds->items[i];
        require(find->first_unit <= find->last_unit && find->last_unit < text->unit_count);
        require(i == 0 || find->first_unit > finds->items[i - 1].last_unit);
        struct gj_str slice = gj_text_slice(text, find->first_unit, find->last_unit);
        require(slice.len > 0 && slice.ptr >= text->original.ptr &&
                slice.ptr + slice.len <= text->original.ptr + text->original.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_text text, other;
    struct gj_extracts finds;
    struct gj_buf word;
    struct gj_str original = {(const char *)data, size};
    original.len = gj_utf8_valid_prefix(original);
    gj_text_init(&text);
    gj_text_init(&other);
    gj_extracts_init(&finds);
    gj_buf_init(&word);
    require(gj_text_fold(&text, original) == 0);
    check_units(&text);
    require(gj_extract(&finds, &text) == 0);
    check_finds(&text, &finds);
    require(gj_text_collapse(&other, &text) == 0);
    require(!other.has_run);
    check_units(&other);
    require(gj_extract(&finds, &other) == 0);
    check_finds(&other, &finds);
    gj_text_spell(&text, &word);
    require(!word.failed && gj_text_fold(&other, gj_buf_str(&word)) == 0);
    require(other.folded_len == text.folded_len &&
            (text.folded_len == 0 ||
             memcmp(other.folded, text.folded, text.folded_len * sizeof *text.folded) == 0));
    gj_buf_reset(&word);
    gj_text_fold_word(original, &word);
    require(!word.failed && gj_utf8_valid_prefix(gj_buf_str(&word)) == word.len);
    require(text.length <= text.unit_count);
    gj_buf_release(&word);
    gj_extracts_release(&finds);
    gj_text_release(&other);
    gj_text_release(&text);
    return 0;
}
