/* Room expr: the examples of docs/expr.md are true. Each line of its ```cel blocks that holds
 * "// -> outcome" is evaluated. Run from the project's folder, or with GUIJU_SOURCE naming it. */
#include <stdio.h>
#include <stdlib.h>

#include "expr_support.h"

#define TEXT(literal)                                                    \
    {                                                                    \
        .kind = GJ_V_STRING, .as.text = { literal, sizeof(literal) - 1 } \
    }

static const struct gj_value reasons[] = {TEXT("late"), TEXT("broken")};
static const struct gj_entry extra[] = {{TEXT("gift"), {.kind = GJ_V_BOOL, .as.boolean = true}},
                                        {TEXT("note"), TEXT("急")}};

static const struct gj_expr_field fields[] = {
    FIELD("platform", &gj_type_string, 0),
    FIELD("message.sender", &gj_type_string, 1),
    FIELD("message.length", &gj_type_int, 2),
    FIELD("refund.amount_fen", &gj_type_int, 3),
    FIELD("refund.reasons", &gj_type_list_of_string, 4),
    FIELD("order.paid_at", &gj_type_timestamp, 5),
    FIELD("order.extra", &gj_type_dyn, 6),
    FIELD("shop.services.cod", &gj_type_bool, 7),
    FIELD("shop.services.free_shipping", &gj_type_bool, 8),
    FIELD("buyer.level", &gj_type_int, 9)};

static const struct gj_value values[] = {TEXT("tmall"),
                                         TEXT("agent"),
                                         {.kind = GJ_V_INT, .as.integer = 12},
                                         {.kind = GJ_V_INT, .as.integer = 1999},
                                         {.kind = GJ_V_LIST, .count = 2, .as.items = reasons},
                                         {.kind = GJ_V_TIMESTAMP, .as.instant = {1772330400, 0}},
                                         {.kind = GJ_V_MAP, .count = 2, .as.entries = extra},
                                         {.kind = GJ_V_UNKNOWN},
                                         {.kind = GJ_V_UNKNOWN},
                                         {.kind = GJ_V_UNKNOWN}};

static int prepare(void *env, const struct gj_expr_function *function, const struct gj_value *args,
                   uint32_t *handle, const struct gj_type **result, struct gj_buf *why)
{
    (void)function;
    (void)env;
    (void)result;
    (void)why;
    *handle = gj_str_is(args[0].as.text, "cod-denied") ? 1 : 0;
    return 0;
}

static struct gj_value hit(void *context, uint32_t handle, const struct gj_value *args,
                           struct gj_arena *arena)
{
    (void)context;
    (void)args;
    (void)arena;
    return (struct gj_value){.kind = GJ_V_BOOL, .as.boolean = handle == 1};
}

static const struct gj_expr_function functions[] = {
    {"hit", &gj_type_bool, {&gj_type_string}, 1, 5, prepare, hit}};

static FILE *open_docs(void)
{
    const char *root = getenv("GUIJU_SOURCE");
    char path[1024];
    snprintf(path, sizeof path, "%s/docs/expr.md", root == NULL ? "." : root);
    return fopen(path, "r");
}

Test(expr, the_examples_of_the_manual_are_true)
{
    struct world world = {fields, sizeof fields / sizeof fields[0], values, functions, 1, NULL, 0};
    FILE *docs = open_docs();
    cr_assert_not_null(docs, "docs/expr.md is not here: run from the project's folder");
    char line[1024];
    bool inside = false;
    int count = 0;
    while (fgets(line, sizeof line, docs) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "```", 3) == 0) {
            inside = strcmp(line, "```cel") == 0;
            continue;
        }
        char *arrow = inside ? strstr(line, "// -> ") : NULL;
        cr_assert(!inside || line[0] == '\0' || arrow != NULL, "no outcome: %s", line);
        if (arrow != NULL) {
            *arrow = '\0';
            expect_in(&world, line, arrow + 6);
            count++;
        }
    }
    fclose(docs);
    cr_assert_geq(count, 50);
}
