/* Room judge: for how long messages are judged alike: until a rule or a parameter next begins or
 * ends. */
#include "judge/checker.h"

/* Narrows [*from, *until), which holds `at`, by an instant at which something changes. */
static void narrow(int64_t change, int64_t at, int64_t *from, int64_t *until)
{
    if (change <= at && change > *from) {
        *from = change;
    } else if (change > at && change < *until) {
        *until = change;
    }
}

void gj_rulebook_steady(const gj_rulebook *rulebook, int64_t at, int64_t *from, int64_t *until)
{
    const struct gj_book *book = rulebook->book;
    *from = INT64_MIN;
    *until = INT64_MAX;
    for (size_t i = 0; i < book->rule_count; i++) {
        narrow(book->rules[i].from, at, from, until);
        narrow(book->rules[i].until, at, from, until);
    }
    for (size_t i = 0; i < book->param_count; i++) {
        for (size_t v = 0; v < book->params[i].value_count; v++) {
            narrow(book->params[i].values[v].from, at, from, until);
        }
    }
}
