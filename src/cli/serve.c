/* Room cli: guiju serve: starts the program beside this one that is the server, so that what a
 * server needs of libraries slows no other command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define PROGRAM "guiju-serve"

/* Becomes the program in the folder of this one, or the one on the path. Returns only if there is
 * none. */
static void become(char **argv)
{
    char path[4096];
    if (cli_beside(PROGRAM, path, sizeof path) == 0) {
        execv(path, argv);
    }
    execvp(PROGRAM, argv);
}

int cli_serve(struct cli *cli, int argc, char **argv)
{
    char name[] = PROGRAM, why[160];
    char lang[] = "--lang", zh[] = "zh", en[] = "en"; /* the locale's, unless it is said */
    char **all = calloc((size_t)argc + 4, sizeof *all);
    if (all == NULL) {
        return EXIT_BAD;
    }
    all[0] = name;
    all[1] = lang;
    all[2] = cli->english ? en : zh;
    for (int i = 0; i < argc; i++) {
        all[i + 3] = argv[i];
    }
    become(all);
    fprintf(stderr, cli_say(cli, "guiju: 找不到 %s：%s\n", "guiju: %s cannot be started: %s\n"),
            PROGRAM, cli_reason(cli, why, sizeof why));
    free(all);
    return EXIT_BAD;
}
