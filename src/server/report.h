/* Room server: the engine's reports as lists: what runs out, how metrics stand, what was booked. */
#ifndef GJ_SERVER_REPORT_H
#define GJ_SERVER_REPORT_H

#include "server/server.h"

enum gj_handled gj_deadlines_get(struct gj_request *r); /* deadlines.c */
enum gj_handled gj_report_shops(struct gj_request *r);
enum gj_handled gj_report_metrics(struct gj_request *r);
enum gj_handled gj_report_ledger(struct gj_request *r);
enum gj_handled gj_report_measures(struct gj_request *r);

#endif
