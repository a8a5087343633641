/* Room server: rows of the engine's reports in JSON, in the caller's language. */
#ifndef GJ_SERVER_ROW_H
#define GJ_SERVER_ROW_H

#include "base/buf.h"
#include "guiju/guiju.h"

void gj_row_deadline(struct gj_buf *out, const gj_deadline_row *row, int64_t now, bool english);
void gj_row_metric(struct gj_buf *out, const gj_metric_row *row, bool english);
void gj_row_ledger(struct gj_buf *out, const gj_ledger_row *row, bool english);
void gj_row_measure(struct gj_buf *out, const gj_measure_info *row, bool english);
/* Without the closing brace: what people said of it follows. */
void gj_row_finding(struct gj_buf *out, const gj_finding_row *row, bool english);

#endif
