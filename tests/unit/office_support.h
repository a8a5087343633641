/* Tests of the office and of people: an office in a folder of its own, gone at the end. */
#ifndef GJ_OFFICE_SUPPORT_H
#define GJ_OFFICE_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/office.h"

#define S(text)  gj_str_of(text)
#define ACT(now) (&(struct gj_office_act){S("cli:test"), (now)})
#define SECOND   INT64_C(1000000)

struct office_test {
    char dir[40], path[60];
    struct gj_errors errors;
    struct gj_office *office;
};

static inline void office_begin(struct office_test *t)
{
    snprintf(t->dir, sizeof t->dir, "/tmp/guiju-office-XXXXXX");
    cr_assert_not_null(mkdtemp(t->dir));
    snprintf(t->path, sizeof t->path, "%s/x.office", t->dir);
    gj_errors_init(&t->errors);
    t->office = gj_office_open(t->path, &t->errors);
    cr_assert_not_null(t->office);
}

static inline void office_reopen(struct office_test *t)
{
    gj_office_close(t->office);
    t->office = gj_office_open(t->path, &t->errors);
    cr_assert_not_null(t->office);
}

static inline void office_end(struct office_test *t)
{
    static const char *const behind[] = {"", "-wal", "-shm", ".head"};
    gj_office_close(t->office);
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", t->path, behind[i]);
        unlink(name);
    }
    rmdir(t->dir);
    gj_errors_release(&t->errors);
}

/* The last error so far, "" when there is none; they are forgotten. */
static inline const char *office_said(struct office_test *t)
{
    static char said[1024];
    struct gj_str last =
        t->errors.count == 0 ? S("") : t->errors.items[t->errors.count - 1].message;
    snprintf(said, sizeof said, "%.*s", (int)last.len, last.ptr);
    gj_errors_release(&t->errors);
    gj_errors_init(&t->errors);
    return said;
}

#define SAYS(t, part)                                              \
    do {                                                           \
        const char *said_ = office_said(t);                        \
        cr_assert(strstr(said_, part) != NULL, "said: %s", said_); \
    } while (0)

#endif
