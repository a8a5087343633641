/* Room server: what the operator is told while it runs (see server.h). */
#include <stdio.h>

#include "server/server.h"

void gj_server_complain(void *server, const char *sentence)
{
    const struct gj_server *s = server;
    char *chinese = s->settings.chinese ? gj_in_chinese(sentence) : NULL;
    fprintf(stderr, "guiju: %s\n", chinese == NULL ? sentence : chinese);
    gj_string_free(chinese);
}
