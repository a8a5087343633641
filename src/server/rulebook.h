/* Room server: the rulebook in force, told, changed while running, tried on the log. */
#ifndef GJ_SERVER_RULEBOOK_H
#define GJ_SERVER_RULEBOOK_H

#include "server/server.h"

/* At the start: the rulebook that was put in force last, else that of the settings. NULL: told. */
struct gj_edition *gj_rulebook_first(struct gj_server *server, gj_errors *errors);

enum gj_handled gj_rulebook_get(struct gj_request *r);
enum gj_handled gj_rulebook_post(struct gj_request *r);

/* ---- backtest.c ---- */

struct gj_backtests *gj_backtests_new(void); /* NULL: out of memory */
/* Waits for the one that runs; none begins any more. Before the desk is stopped. */
void gj_backtests_stop(struct gj_backtests *backtests);
void gj_backtests_free(struct gj_backtests *backtests);

enum gj_handled gj_backtest_post(struct gj_request *r);

#endif
