/* Room cli: finds the writer of workbooks. It (day_xlsx.c) is a module, loaded when a workbook is
 * asked for: what it needs of libraries would slow the start of every other command. */
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "cli/day.h"

#define MODULE "guiju-xlsx.so"

typedef int write_days(const struct cli *cli, const char *path, const struct day *days,
                       size_t count);

/* Beside the program, as it is built, or where it was installed. The module stays loaded. */
static void *load(void)
{
    char path[4096];
    bool beside = cli_beside(MODULE, path, sizeof path) == 0 && access(path, R_OK) == 0;
    void *module = beside ? dlopen(path, RTLD_NOW) : NULL;
    return module != NULL ? module : dlopen(GJ_MODULE_DIR "/" MODULE, RTLD_NOW);
}

int day_workbook(const struct cli *cli, const char *path, const struct day *days, size_t count)
{
    write_days *write = NULL;
    void *module = load(), *symbol = module == NULL ? NULL : dlsym(module, "day_xlsx");
    if (symbol == NULL) {
        fprintf(stderr,
                cli_say(cli, "guiju: 写表格的模块装不上：%s；请重新安装 guiju\n",
                        "guiju: the module that writes workbooks cannot be loaded: %s; install "
                        "guiju again\n"),
                dlerror());
        return -1;
    }
    memcpy(&write, &symbol, sizeof write); /* ISO C knows no cast between the two */
    return write(cli, path, days, count);
}
