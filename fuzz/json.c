/* Fuzz target of room judge: hostile bytes as a line of JSON, judged by a small rulebook that uses
 * every operator. Whatever comes in, one line of JSON goes out, and its hits lie in the text. */
#include "base/utf8.h"
#include "fuzz.h"
#include "judge/checker.h"

static const char rules[] =
    "fields:\n"
    "  platform: {type: string, values: [here, there]}\n"
    "  message.sender: {type: string, values: [agent, buyer], default: agent}\n"
    "  message.kind: {type: string, values: [message, title], default: message}\n"
    "  message.length: {type: int}\n"
    "  shop.authorised_hosts: {type: list(string), default: []}\n"
    "  shop.packs: {type: list(string), default: []}\n"
    "  shop.open: {type: bool}\n"
    "  shop.size: {type: int, default: 3}\n"
    "---\npacks: [house]\n---\nopeners: {\"标题：\": {message.kind: title}}\n---\n"
    "sources:\n  law: {title: {zh: 法, en: Law}, date: 2020-01-01}\n---\n"
    "negation: {words: [不], not_negating: [不好意思], question_ends: [吗], question_words: [是否],"
    " quote_leads: [您说的], fillers: [亲]}\n---\n"
    "shapes: {split: {加: [力口]}, look_alike: {微: [薇]}, emoji: {🐧: qq}}\n---\n"
    "hosts: own\nlist: [shop.com]\n---\n"
    "lexicon: a\nwords: [微信, qq, 加我]\npatterns: [\"票.{0,4}点\", \"[0-9]{6,}v\"]\n"
    "allow: [微信支付]\nfold: [homophone, split]\n---\n"
    "lexicon: b\nwords: [转账, 乙]\nfold: [homophone]\n---\n"
    "rule: here.a\ntitle: {zh: 名, en: n}\ncategory: message\ncites: [{source: law, place: x}]\n"
    "severity: major\nsuggest: block\napplies: message.sender == \"agent\"\n"
    "when: asserted(\"a\") && !quoted(\"a\") || near(\"a\", \"b\", 5) && shop.open\n---\n"
    "rule: house.b\ntitle: {zh: 名, en: n}\ncategory: message\ncites: [{source: law, place: x}]\n"
    "severity: minor\nsuggest: review\napplies: \"true\"\n"
    "when: before(\"b\", \"@phone\", 9) || same_clause(\"a\", \"@money\") || whole(\"b\") ||"
    " asked(\"b\") || url_outside(\"own\") || hit(\"@bank-card\") || message.length < shop.size\n";

static gj_errors *errors;
static gj_rulebook *book;
static gj_checker *checker;
static struct gj_json_parser *parser;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    errors = gj_errors_new();
    struct gj_book *loaded = gj_book_from_text((struct gj_str){rules, sizeof rules - 1}, errors);
    if (loaded == NULL) {
        fputs(gj_errors_text(errors), stderr);
        abort();
    }
    book = gj_rulebook_wrap(loaded, errors);
    checker = gj_checker_new(book, errors);
    parser = gj_json_parser_new();
    require(checker != NULL && parser != NULL);
    gj_checker_json(checker, (gj_json_settings){.default_platform = "here"});
    return 0;
}

static void check_hits(const gj_verdict *verdict, const gj_message *message)
{
    size_t points = gj_utf8_count((struct gj_str){message->text, message->text_len});
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        require(hit->start <= hit->end && hit->end <= points);
        require(hit->matched >= message->text &&
                hit->matched + hit->matched_len <= message->text + message->text_len);
        require(gj_utf8_count((struct gj_str){hit->matched, hit->matched_len}) ==
                hit->end - hit->start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *json = NULL, *why = NULL;
    size_t len = 0;
    const gj_verdict *verdict = NULL;
    int status = gj_check_json(checker, (const char *)data, size, 0, 1, &json, &len, &verdict);
    require(status == GJ_OK || status == GJ_EINPUT);
    require((status == GJ_OK) == (verdict != NULL));
    require(memchr(json, '\n', len) == NULL);
    if (verdict != NULL) {
        check_hits(verdict, gj_checker_message(checker));
        require(gj_checker_explain(checker, (size & 1) != 0) != NULL);
    }
    require(gj_json_parse(parser, (struct gj_str){json, len}, 0, &why) != NULL);
    return 0;
}
