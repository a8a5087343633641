/* Room engine, inside: what selftest.c, ingest_test.c and selftest_form.c share. */
#ifndef GJ_ENGINE_SELFTEST_H
#define GJ_ENGINE_SELFTEST_H

#include "engine/inside.h"

/* "2026-03-01", "2026-03-01T10:00" or with seconds, a zone of its own or China's. 0, or -1: it is
 * none. */
int gj_test_time(struct gj_str text, int64_t *out);

/* What is wrong with the form of a test, before it runs: keys that nothing reads, values of another
 * shape, names that the rulebook does not know. Without it such a test would pass, having looked at
 * nothing. `flow` is the flow that the test stands beside, GJ_NO_INDEX for another entry. Adds
 * sentences to `wrong`; returns the line of the first mistake, 0: there is none. */
uint32_t gj_test_form(const struct gj_engine *e, uint32_t flow, const struct gj_node *test,
                      struct gj_buf *wrong);

/* The same of a test that stands beside an envelope. */
uint32_t gj_envelope_test_form(const struct gj_node *test, struct gj_buf *wrong);

#define GJ_TEST_HEADERS_MAX 16

#endif
