/* Room server: folders of rulebooks that came over HTTP, below `DB.rulebooks`: each is the folder
 * in force with some files in the place of its own. */
#ifndef GJ_SERVER_CANDIDATE_H
#define GJ_SERVER_CANDIDATE_H

#include "server/body.h"

/* Makes a folder of its own with the YAML files below `from`, changed by the body's `files`: an
 * object of paths, each with its text, or null: it is left out. Its path in *dir, to be freed.
 * NULL: answered. */
char *gj_candidate_make(const struct gj_body *body, const char *from);

/* Removes a folder that gj_candidate_make made. */
void gj_candidate_remove(const char *dir);

/* Names the folder by the rulebook's hash; the one of that name, if there is one, is as good. Its
 * path, to be freed; NULL: told. */
char *gj_candidate_keep(struct gj_server *server, const char *dir, const char *hash,
                        gj_errors *errors);

/* The folder in force is noted, so that a restart finds it; NULL: that of the settings again. 0, or
 * -1: told. */
int gj_candidate_note(struct gj_server *server, const char *dir, gj_errors *errors);

/* Removes folders that are no longer wanted: all but the one in force and the few that were so
 * last. `starting`: nobody makes any yet, so those that a killed server left half made go too. */
void gj_candidate_tidy(struct gj_server *server, bool starting);

/* The folder that was noted in *dir, to be freed; NULL: none. 0, or -1: told. */
int gj_candidate_noted(struct gj_server *server, char **dir, gj_errors *errors);

/* Takes the folder's own path from the errors' files. */
void gj_candidate_errors(gj_errors *errors, const char *dir);

#endif
