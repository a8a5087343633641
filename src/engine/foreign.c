/* Room engine: files that are no lines of text, known by their first bytes. */
#include <string.h>

#include "guiju/guiju.h"

const char *gj_foreign_form(const char *bytes, size_t len)
{
    static const struct {
        const char *begins;
        size_t len;
        const char *form;
    } forms[] = {{"\x1F\x8B", 2, "gzip"},
                 {"PK\x03\x04", 4, "zip (or a workbook)"},
                 {"\x28\xB5\x2F\xFD", 4, "zstd"},
                 {"\xFD"
                  "7zXZ",
                  5, "xz"},
                 {"BZh", 3, "bzip2"},
                 {"\xFF\xFE", 2, "UTF-16"},
                 {"\xFE\xFF", 2, "UTF-16"},
                 {"SQLite format 3", 16, "an SQLite database"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (len >= forms[i].len && memcmp(bytes, forms[i].begins, forms[i].len) == 0) {
            return forms[i].form;
        }
    }
    return NULL;
}
