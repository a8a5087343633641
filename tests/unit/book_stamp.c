/* Room book: stamps of files and the note kept beside the cache. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "book_support.h"

#include "book/book.h"
#include "book/build.h"

#define SECOND INT64_C(1000000000)

Test(book_stamp, settles_by_the_tick_of_its_clock)
{
    int64_t now = 1000 * SECOND + 7;
    struct gj_stamp fine = {.written = now - SECOND / 5, .changed = now - SECOND / 5};
    cr_expect(gj_stamp_settled(&fine, now));
    fine.changed = now - SECOND / 50;
    cr_expect(!gj_stamp_settled(&fine, now), "just changed");
    fine = (struct gj_stamp){.written = now + SECOND, .changed = now - SECOND / 5};
    cr_expect(!gj_stamp_settled(&fine, now), "written in the future");
    struct gj_stamp coarse = {.written = 999 * SECOND, .changed = 999 * SECOND};
    cr_expect(!gj_stamp_settled(&coarse, now), "whole seconds: a tick may take two");
    cr_expect(gj_stamp_settled(&coarse, now + 2 * SECOND));
}

struct place {
    char top[64], dir[80], file[100], cache[80], note[160];
};

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    cr_assert_eq(fclose(file), 0);
}

static struct place place_new(const char *text)
{
    struct place p = {.top = "/tmp/guiju-test-XXXXXX"};
    struct stat about;
    cr_assert_not_null(mkdtemp(p.top));
    snprintf(p.dir, sizeof p.dir, "%s/book", p.top);
    snprintf(p.file, sizeof p.file, "%s/a.yaml", p.dir);
    snprintf(p.cache, sizeof p.cache, "%s/cache", p.top);
    cr_assert_eq(mkdir(p.dir, 0700), 0);
    put(p.file, text);
    cr_assert_eq(stat(p.dir, &about), 0);
    snprintf(p.note, sizeof p.note, "%s/%llx-%llx.note", p.cache, (unsigned long long)about.st_dev,
             (unsigned long long)about.st_ino);
    return p;
}

static void place_remove(const struct place *p)
{
    char command[120];
    snprintf(command, sizeof command, "rm -rf '%s'", p->top);
    cr_assert_eq(system(command), 0);
}

/* Waits until what was written so far has settled. */
static void settle(void)
{
    const struct timespec time = {.tv_sec = 2, .tv_nsec = 200000000};
    nanosleep(&time, NULL);
}

static void load(const struct place *p, char *hash)
{
    gj_errors *errors = gj_errors_new();
    struct gj_book *book =
        gj_book_load(p->dir, (struct gj_book_options){.cache_dir = p->cache}, errors);
    cr_assert(book != NULL, "%s", gj_errors_text(errors));
    cr_expect_eq(book->rule_count, 1);
    memcpy(hash, book->hash, sizeof book->hash);
    gj_book_free(book);
    gj_errors_free(errors);
}

static void book_path(const struct place *p, const char *hash, char *out, size_t size)
{
    snprintf(out, size, "%s/%s.book", p->cache, hash);
}

static void flip(const char *path, off_t at)
{
    char byte = 0;
    int file = open(path, O_RDWR);
    cr_assert(file >= 0 && pread(file, &byte, 1, at) == 1);
    byte = (char)(byte ^ 0x5A);
    cr_assert_eq(pwrite(file, &byte, 1, at), 1);
    close(file);
}

Test(book_stamp, a_note_knows_what_has_settled)
{
    struct place p = place_new(SMALL_BOOK SECRET_RULE);
    struct gj_folder_note note = {0};
    char hash[33], again[33];
    load(&p, hash);
    load(&p, hash);
    cr_expect_eq(gj_folder_note_read(p.note, &note), -1, "nothing has settled");
    settle();
    load(&p, again);
    cr_expect_str_eq(again, hash);
    cr_assert_eq(gj_folder_note_read(p.note, &note), 0);
    cr_expect_str_eq(note.hash, hash);
    cr_expect_gt(note.image.size, 0, "found right");
    load(&p, again);
    cr_expect_str_eq(again, hash);
    place_remove(&p);
}

/* Settled or not, no change of the rules is missed: not of one byte, with the times set back. */
Test(book_stamp, changes_of_files_that_are_known_are_seen)
{
    struct place p = place_new(SMALL_BOOK SECRET_RULE "# one\n");
    struct stat about;
    char first[33], second[33], third[33];
    load(&p, first);
    settle();
    load(&p, first);
    cr_assert_eq(access(p.note, R_OK), 0);
    cr_assert_eq(stat(p.file, &about), 0);
    put(p.file, SMALL_BOOK SECRET_RULE "# two\n");
    const struct timespec times[2] = {about.st_atim, about.st_mtim};
    cr_assert_eq(utimensat(AT_FDCWD, p.file, times, 0), 0);
    load(&p, second);
    cr_expect_str_neq(first, second);
    char more[120];
    snprintf(more, sizeof more, "%s/b.yaml", p.dir);
    put(more, "# nothing\n");
    load(&p, third);
    cr_expect_str_neq(second, third, "another file");
    cr_assert_eq(unlink(more), 0);
    load(&p, third);
    cr_expect_str_eq(second, third);
    place_remove(&p);
}

Test(book_stamp, a_cache_that_was_right_and_is_scribbled_on_is_made_anew)
{
    struct place p = place_new(SMALL_BOOK SECRET_RULE);
    struct gj_folder_note note;
    struct stat about;
    char hash[33], path[160];
    load(&p, hash);
    settle();
    load(&p, hash);
    cr_assert(gj_folder_note_read(p.note, &note) == 0 && note.image.size > 0);
    book_path(&p, hash, path, sizeof path);
    cr_assert_eq(stat(path, &about), 0);
    for (off_t at = 0; at < about.st_size; at += about.st_size / 40 + 1) {
        struct stat now;
        cr_assert_eq(stat(path, &now), 0);
        const struct timespec times[2] = {now.st_atim, now.st_mtim};
        flip(path, at);
        cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
        load(&p, hash);
    }
    cr_assert_eq(truncate(path, about.st_size / 2), 0);
    load(&p, hash);
    cr_assert(stat(path, &about) == 0 && (uint64_t)about.st_size == note.image.size);
    place_remove(&p);
}

Test(book_stamp, a_broken_note_is_passed_over)
{
    struct place p = place_new(SMALL_BOOK SECRET_RULE);
    struct gj_folder_note note;
    char hash[33], again[33];
    load(&p, hash);
    settle();
    load(&p, hash);
    for (off_t at = 0; at < 112; at += 5) {
        flip(p.note, at);
        cr_expect_eq(gj_folder_note_read(p.note, &note), -1, "byte %ld", (long)at);
        load(&p, again);
        cr_expect_str_eq(hash, again);
        cr_assert_eq(gj_folder_note_read(p.note, &note), 0, "written anew");
    }
    cr_assert_eq(truncate(p.note, 20), 0);
    load(&p, again);
    cr_expect_str_eq(hash, again);
    char path[160];
    book_path(&p, hash, path, sizeof path);
    cr_assert_eq(unlink(path), 0);
    load(&p, again); /* known by name, but gone */
    cr_expect_str_eq(hash, again);
    cr_expect_eq(access(path, R_OK), 0);
    place_remove(&p);
}
