/* Room server: Graphviz in a process of its own (see dot.h). */
#include "server/dot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define LOOK_MS 5

/* The text as a file without a name, read from its beginning. -1: told. */
static int file_of(const char *text, struct gj_errors *errors)
{
    size_t len = strlen(text), done = 0;
    int file = memfd_create("dot", MFD_CLOEXEC);
    while (file >= 0 && done < len) {
        ssize_t wrote = write(file, text + done, len - done);
        if (wrote < 0 && errno != EINTR) {
            close(file);
            file = -1;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (file < 0 || lseek(file, 0, SEEK_SET) < 0) {
        gj_errors_say(errors, "the picture's source cannot be handed to dot (%s)", strerror(errno));
    }
    return file;
}

/* Signals are as in a fresh process: the server's threads block some, which would be inherited. */
static int start(const char *form, int in, int out, pid_t *child)
{
    char type[8], dot[] = "dot";
    char *arguments[] = {dot, type, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    snprintf(type, sizeof type, "-T%s", form);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    int failed = posix_spawnp(child, dot, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* Waits for it, until its time is up. */
static int wait_for(pid_t child, int seconds, struct gj_errors *errors)
{
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    int status = 0;
    for (int left = seconds * 1000; left > 0; left -= LOOK_MS) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0
                       ? 0
                       : gj_errors_say(errors, "dot failed; try another form, as .mmd");
        }
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return gj_errors_say(errors, "dot took more than %d s and was ended; take its source, as .mmd",
                         seconds);
}

int gj_dot(const char *form, const char *source, int out, int seconds, struct gj_errors *errors)
{
    pid_t child = 0;
    int in = file_of(source, errors);
    if (in < 0) {
        return -1;
    }
    int failed = start(form, in, out, &child);
    close(in);
    return failed == 0 ? wait_for(child, seconds, errors)
                       : gj_errors_say(errors,
                                       "pictures are drawn by Graphviz's dot (%s); install "
                                       "graphviz, or take .mmd",
                                       strerror(failed));
}
