/* Fuzz target of room server: hostile bytes as lines of messages, some of which were judged before.
 * Whoever remembers answers them with the same bytes as whoever judges each anew. */
#include "server/verdicts.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "judge/checker.h"
#include "server/parts.h"

#define NOW INT64_C(1700000000)

static const char rules[] =
    "fields:\n"
    "  platform: {type: string, values: [here, there]}\n"
    "  message.sender: {type: string, values: [agent, buyer], default: agent}\n"
    "  message.kind: {type: string, values: [message, title], default: message}\n"
    "  message.length: {type: int}\n"
    "  shop.authorised_hosts: {type: list(string), default: []}\n"
    "  shop.packs: {type: list(string), default: []}\n"
    "  shop.open: {type: bool}\n"
    "---\n"
    "sources: {law: {title: {zh: 法, en: The Law}}}\n"
    "---\n"
    "lexicon: secret\nwords: [secret]\n"
    "---\n"
    "rule: here.secret\ntitle: {zh: 名, en: name}\ncategory: message\n"
    "cites: [{source: law, place: art 1}]\nseverity: minor\nsuggest: block\n"
    "applies: platform == \"here\"\nwhen: hit(\"secret\") && shop.open\n";

static gj_rulebook *book;
static struct gj_verdicts *without;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    gj_errors *errors = gj_errors_new();
    struct gj_book *built = gj_book_from_text((struct gj_str){rules, sizeof rules - 1}, errors);
    require(built != NULL);
    book = gj_rulebook_wrap(built, errors);
    without = gj_verdicts_new(book, 0);
    require(book != NULL && without != NULL);
    gj_errors_free(errors);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gj_str rest = {(const char *)data, size};
    struct gj_verdicts *with = gj_verdicts_new(book, 1 << 16);
    struct gj_buf one, other;
    gj_buf_init(&one);
    gj_buf_init(&other);
    rest.len = gj_utf8_valid_prefix(rest);
    require(with != NULL);
    gj_verdicts_begin(with, GJ_STR("default"), false, NOW);
    gj_verdicts_begin(without, GJ_STR("default"), false, NOW);
    while (rest.len > 0) {
        struct gj_str line = gj_next_line(&rest);
        struct gj_judged a = {GJ_PASS, false}, b = a;
        gj_buf_reset(&one);
        gj_buf_reset(&other);
        int status = gj_verdict_of(with, line, 0, 1, &one, &a);
        require(gj_verdict_of(without, line, 0, 1, &other, &b) == status);
        require(gj_str_eq(gj_buf_str(&one), gj_buf_str(&other)));
        require(a.suggestion == b.suggestion && !b.remembered);
    }
    gj_buf_release(&one);
    gj_buf_release(&other);
    gj_verdicts_free(with);
    return 0;
}
