/* Test of the public headers: they compile alone, strictly, as C11. */
#include "guiju/guiju.h"
#include "guiju/ingest.h"
#include "guiju/mask.h"

int header_compiles(void);

int header_compiles(void)
{
    gj_message message = {.platform = "x", .text = "", .text_len = 0};
    return message.fact_count == 0 && GJ_HITS_MAX > 0 && GJ_JSON_PADDING > 0;
}
