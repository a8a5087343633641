/* Room base: time zones, without the process-wide TZ: "UTC", fixed offsets as "+08:00", and names
 * of the IANA database as "Asia/Shanghai", read from the system's compiled files (RFC 8536). */
#ifndef GJ_BASE_ZONE_H
#define GJ_BASE_ZONE_H

#include "base/arena.h"

struct gj_zone;

/* Loads a zone into `arena`. "+08:00", "-02:30", "08:00" are fixed; UTC needs no file; where the
 * system has no zone files, Asia/Shanghai (PRC, Asia/Chongqing) is a fixed +08:00, which holds
 * since 1991-09-15. NULL: unknown or broken zone, or out of memory. */
const struct gj_zone *gj_zone_load(struct gj_arena *arena, struct gj_str name);

/* Seconds that local time is ahead of UTC at that moment. Here and below, NULL: China's time. */
int32_t gj_zone_offset(const struct gj_zone *zone, int64_t seconds);

/* The local day of that moment, in days since 1970-01-01; and the moment at which a day begins: at
 * 00:00, or, where clocks pass over that, when they do. A day has 23 or 25 hours when they change.
 */
int64_t gj_zone_day(const struct gj_zone *zone, int64_t seconds);
int64_t gj_zone_midnight(const struct gj_zone *zone, int64_t day);

#endif
