/* Room text: matches found from the text's end (see pattern.h). One pass backwards tells of each
 * place where the longest match that begins there ends: in time linear in the text, whatever the
 * pattern. pattern.c's search is faster where few states are live, but may look to the end of the
 * text behind match after match, as (a.*)?b does in a text of b; this is for such texts. */
#include <stdlib.h>

#include "text/pattern_internal.h"

/* Where the longest match that goes on in `state` at place `at` ends; 0: there is none. `here` has
 * that of states at the place, as far as it is known, and `behind` at the next. */
static uint32_t end_from(const struct gj_matcher *m, const struct gj_state *state,
                         const uint32_t *cps, size_t count, size_t at, const uint32_t *here,
                         const uint32_t *behind)
{
    switch (state->op) {
    case GJ_STATE_SPLIT:
        return here[state->a] > here[state->b] ? here[state->a] : here[state->b];
    case GJ_STATE_JUMP:
        return here[state->a];
    case GJ_STATE_BEGIN:
        return at == 0 ? here[state->b] : 0;
    case GJ_STATE_END:
        return at == count ? here[state->b] : 0;
    case GJ_STATE_MATCH:
        return (uint32_t)at;
    default:
        return at < count && gj_state_accepts(m, state, cps[at]) ? behind[state->b] : 0;
    }
}

int gj_matcher_run_far(const struct gj_matcher *matcher, const uint32_t *cps, size_t count,
                       size_t from, void (*each)(void *context, size_t from, size_t to),
                       void *context)
{
    size_t states = matcher->state_count;
    uint32_t *ends = calloc(count - from + 1 + 2 * states, sizeof *ends);
    if (ends == NULL) {
        return -1;
    }
    uint32_t *here = ends + (count - from + 1), *behind = here + states;
    for (size_t at = count + 1; at-- > from;) {
        memset(here, 0, states * sizeof *here);
        for (bool changed = true; changed;) { /* states mostly lead onwards: twice, as a rule */
            changed = false;
            for (size_t s = states; s-- > 0;) {
                uint32_t end = end_from(matcher, &matcher->states[s], cps, count, at, here, behind);
                changed |= end != here[s];
                here[s] = end;
            }
        }
        ends[at - from] = here[0];
        uint32_t *swapped = here;
        here = behind;
        behind = swapped;
    }
    for (size_t at = from; at < count;) {
        size_t end = ends[at - from];
        if (end > at) {
            each(context, at, end);
        }
        at = end > at ? end : at + 1;
    }
    free(ends);
    return 0;
}
