/* Room server: one entity or event and its history, and entities by kind (see entities.c). */
#ifndef GJ_SERVER_ENTITIES_H
#define GJ_SERVER_ENTITIES_H

#include "server/server.h"

enum gj_handled gj_entities_get(struct gj_request *r);
enum gj_handled gj_entity_get(struct gj_request *r);
enum gj_handled gj_event_get(struct gj_request *r);

#endif
