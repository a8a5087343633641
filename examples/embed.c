/* Guiju in a program of your own: judges one message and prints the verdict.
 *
 *   cc embed.c $(pkg-config --cflags --libs guiju) -o embed
 *   ./embed tmall '加我微信 abc12345'
 *
 * The rulebook is the installed one, ./rulebook, or what $GUIJU_RULEBOOK names. Exit status as that
 * of guiju check: 0 pass, 1 review or block, 2 an error. */
#include <guiju/guiju.h>
#include <stdio.h>
#include <string.h>

static void print_verdict(const gj_verdict *verdict)
{
    printf("%s\n", gj_suggestion_name(verdict->suggestion));
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        printf("  [%u, %u) %.*s\n    %s: %s\n    %s\n", hit->start, hit->end, (int)hit->matched_len,
               hit->matched, hit->rule, hit->title_zh, hit->clause);
        if (hit->cost.has_points) {
            printf("    -%lld\n", (long long)hit->cost.points);
        }
        if (hit->rewrite_zh[0] != '\0') {
            printf("    -> %s\n", hit->rewrite_zh);
        }
    }
}

/* NULL for the cache: the user's own, so that the next start takes milliseconds. */
static int judge(const char *platform, const char *text, gj_errors *errors)
{
    int status = 2;
    gj_rulebook *book = gj_rulebook_open(gj_rulebook_default_dir(), NULL, errors);
    gj_checker *checker = book == NULL ? NULL : gj_checker_new(book, errors);
    if (checker != NULL) {
        const gj_verdict *verdict = NULL;
        gj_message message = {.platform = platform, .text = text, .text_len = strlen(text)};
        if (gj_check(checker, &message, &verdict, errors) == GJ_OK) {
            print_verdict(verdict);
            status = verdict->suggestion == GJ_PASS ? 0 : 1;
        }
    }
    gj_checker_free(checker);
    gj_rulebook_free(book);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s PLATFORM TEXT\n", argv[0]);
        return 2;
    }
    gj_errors *errors = gj_errors_new();
    if (errors == NULL) {
        return 2;
    }
    int status = judge(argv[1], argv[2], errors);
    fputs(gj_errors_text(errors), stderr);
    gj_errors_free(errors);
    return status;
}
