/* Fuzz target of room book: hostile bytes as a rulebook. It is loaded or refused with errors that
 * are valid UTF-8; what loads judges a message and runs. */
#include "base/utf8.h"
#include "fuzz.h"
#include "judge/checker.h"

static void judge(gj_rulebook *book, gj_errors *errors)
{
    gj_checker *checker = gj_checker_new(book, errors);
    require(checker != NULL);
    static const char text[] = "亲，加我微信 abc123 聊，刷卡要加1%吗？ 13800138000 www.a.com";
    for (size_t i = 0; i < gj_rulebook_entry_count(book); i++) {
        gj_entry_info entry = gj_rulebook_entry(book, i);
        require(entry.id != NULL && entry.title_zh != NULL && entry.situation != NULL &&
                entry.reply_zh != NULL);
    }
    const struct gj_field *platform = &book->book->fields[GJ_FIELD_PLATFORM];
    for (size_t i = 0; i < platform->value_count && i < 3; i++) {
        const gj_verdict *verdict = NULL;
        gj_message message = {
            .platform = platform->values[i].ptr, .text = text, .text_len = sizeof text - 1};
        gj_errors_clear(errors);
        if (gj_check(checker, &message, &verdict, errors) == GJ_OK) {
            size_t len = 0;
            gj_verdict_json(checker, verdict, message.platform, &len);
            require(gj_checker_explain(checker, true) != NULL);
        }
    }
    gj_checker_free(checker);
}

/* libfyaml 0.7.12 itself loses 2 KB on a scalar of many doubled quotes ('''''''''''''); it is freed
 * nowhere that we could reach. Leaks of our own pass through our own functions. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gj_errors *errors = gj_errors_new();
    require(errors != NULL);
    struct gj_book *loaded = gj_book_from_text((struct gj_str){(const char *)data, size}, errors);
    require((loaded == NULL) == (gj_errors_count(errors) > 0));
    const char *told = gj_errors_text(errors);
    require(gj_utf8_valid_prefix(gj_str_of(told)) == strlen(told));
    if (loaded != NULL) {
        gj_rulebook *book = gj_rulebook_wrap(loaded, errors);
        require(book != NULL);
        judge(book, errors);
        gj_rulebook_free(book);
    }
    gj_errors_free(errors);
    return 0;
}
