/* Room sim: a folder of YAML to a plan. Documents are read by kind, not by place: what others name
 * comes first. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sort.h"
#include "sim/read.h"
#include "wire/json.h"

#define FILES_MAX      64
#define FILE_BYTES_MAX (4 << 20)
#define AGENTS_MAX     64 /* bits of a word */
#define PRODUCTS_MAX   9999

/* ---- parts ---- */

static struct gj_str escaped(struct sim_reader *r, struct gj_str text)
{
    struct gj_buf quoted;
    gj_buf_init(&quoted);
    gj_json_add_string(&quoted, text);
    struct gj_str inner = {quoted.ptr + 1, quoted.len - 2};
    struct gj_str made = quoted.failed ? (struct gj_str){0} : gj_arena_copy(&r->plan->arena, inner);
    r->failed |= made.ptr == NULL;
    gj_buf_release(&quoted);
    return made;
}

static void read_platforms(struct sim_reader *r, const struct gj_node *node)
{
    for (const struct gj_node *p = node->first; p != NULL; p = p->next) {
        if (r->plan->platform_count == SIM_PLATFORMS_MAX) {
            sim_complain(r, p, "there are more than 16 platforms");
            return;
        }
        r->plan->platforms[r->plan->platform_count++] = escaped(r, p->text);
    }
}

static void read_variables(struct sim_reader *r, const struct gj_node *node)
{
    static const char *const kinds[] = {"id", "int", "fen", "time", "agent", "product", "lines"};
    for (const struct gj_node *v = node->first; v != NULL; v = v->next) {
        const struct gj_node *prefix = v->kind == GJ_NODE_MAPPING ? v->first : NULL;
        struct gj_str kind = prefix == NULL ? v->text : prefix->key->text;
        struct sim_variable *variable = &r->plan->variables[r->plan->variable_count];
        size_t k = 0;
        while (k < sizeof kinds / sizeof kinds[0] && !gj_str_is(kind, kinds[k])) {
            k++;
        }
        if (k == sizeof kinds / sizeof kinds[0]) {
            sim_complain(r, v,
                         "a variable is {id: PREFIX}, {agent: PREFIX}, {product: PREFIX}, "
                         "int, fen, time or lines");
        } else if (r->plan->variable_count == SIM_VARIABLES_MAX) {
            sim_complain(r, v, "there are more than 40 variables");
            return;
        } else {
            *variable = (struct sim_variable){v->key->text, GJ_STR(""), (enum sim_kind)k};
            variable->prefix = prefix == NULL ? GJ_STR("") : escaped(r, prefix->text);
            if (variable->kind == SIM_PRODUCT) {
                r->plan->product_prefix = variable->prefix;
            }
            r->plan->variable_count++;
        }
    }
}

static void read_numbers(struct sim_reader *r, const struct gj_node *node, uint32_t *out,
                         size_t count)
{
    if (node == NULL) {
        return;
    }
    size_t i = 0;
    bool fits = true;
    for (const struct gj_node *n = node->first; n != NULL; n = n->next, i++) {
        struct sim_range range = {0, 0};
        sim_read_range(r, n, &range);
        if (i < count && range.low <= 10000) {
            out[i] = (uint32_t)range.low;
        } else {
            fits = false;
        }
    }
    if (!fits || i != count) {
        sim_complain(r, node, "wrong number of numbers: 24 hours, 7 weekdays, each up to 10000");
    }
}

/* A date of every year, as "11-11"; false when it is none. */
static bool read_date(const char *text, struct sim_peak *peak)
{
    char *dash = NULL, *end = NULL;
    long month = strtol(text, &dash, 10);
    long day = *dash == '-' ? strtol(dash + 1, &end, 10) : 0;
    peak->month = (int)month;
    peak->day = (int)day;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && *end == '\0';
}

static void read_rhythm(struct sim_reader *r, const struct gj_node *node)
{
    const struct gj_node *day = gj_node_get(node, "day"), *peaks = gj_node_get(node, "peaks");
    read_numbers(r, gj_node_get(node, "hours"), r->plan->hours, 24);
    read_numbers(r, gj_node_get(node, "weekdays"), r->plan->weekdays, 7);
    r->plan->hour_sum = 0;
    for (size_t i = 0; i < 24; i++) {
        r->plan->hour_sum += r->plan->hours[i];
    }
    if (day != NULL) {
        sim_read_range(r, day, &r->plan->day);
    }
    for (const struct gj_node *p = peaks == NULL ? NULL : peaks->first; p != NULL; p = p->next) {
        struct sim_peak *peak = sim_add(r, &r->peaks, sizeof *peak);
        struct sim_range percent = {100, 100};
        sim_read_range(r, p, &percent);
        if (peak != NULL && (!read_date(p->key->text.ptr, peak) || percent.low > 10000)) {
            sim_complain(r, p->key, "write month and day, and up to 10000 percent: \"11-11\": 600");
        } else if (peak != NULL) {
            peak->percent = (uint32_t)percent.low;
        }
    }
}

static void read_shop(struct sim_reader *r, const struct gj_node *node)
{
    const struct gj_node *agents = gj_node_get(node, "agents");
    const struct gj_node *products = gj_node_get(node, "products");
    struct sim_range range = {1, 1};
    if (agents != NULL) {
        sim_read_range(r, agents, &range);
        r->plan->agents = (uint32_t)(range.low < AGENTS_MAX ? range.low : AGENTS_MAX);
    }
    if (products != NULL) {
        sim_read_range(r, products, &range);
        r->plan->products = (uint32_t)(range.low < PRODUCTS_MAX ? range.low : PRODUCTS_MAX);
    }
}

static void read_goods(struct sim_reader *r, const struct gj_node *node)
{
    for (const struct gj_node *g = node->first; g != NULL; g = g->next) {
        const struct gj_node *name = gj_node_get(g, "name"), *price = gj_node_get(g, "price");
        const struct gj_node *category = gj_node_get(g, "category");
        const struct gj_node *special = gj_node_get(g, "special");
        struct sim_goods *goods = sim_add(r, &r->goods, sizeof *goods);
        if (goods == NULL || name == NULL || price == NULL || category == NULL) {
            sim_complain(r, g, "goods have name, category and price (fen), and perhaps special");
            continue;
        }
        goods->name = escaped(r, name->text);
        goods->category = escaped(r, category->text);
        goods->special = special != NULL && gj_str_is(special->text, "true");
        sim_read_range(r, price, &goods->price);
    }
}

/* ---- lists ---- */

static void add_texts(struct sim_reader *r, const struct gj_node *texts)
{
    for (const struct gj_node *t = texts == NULL ? NULL : texts->first; t != NULL; t = t->next) {
        struct sim_template made = sim_read_text(r, t);
        struct sim_template *text = sim_add(r, &r->texts, sizeof *text);
        if (text != NULL) {
            *text = made;
        }
    }
}

/* A platform misspelt would go without its texts. */
static void check_platforms(struct sim_reader *r, const struct gj_node *texts)
{
    for (; texts != NULL; texts = texts->next) {
        if (texts->key != NULL && !gj_str_is(texts->key->text, "any")) {
            sim_read_platform(r, texts->key);
        }
    }
}

/* A list is the same for all platforms, or {any: [...], PLATFORM: [...]}. */
static void read_list(struct sim_reader *r, const struct gj_node *node)
{
    struct sim_list list = {.name = node->key->text};
    for (uint32_t p = 0; p < r->plan->platform_count; p++) {
        if (p > 0 && node->kind == GJ_NODE_SEQUENCE) {
            list.first[p] = list.first[0];
            list.count[p] = list.count[0];
            continue;
        }
        list.first[p] = (uint32_t)r->texts.count;
        if (node->kind == GJ_NODE_SEQUENCE) {
            add_texts(r, node);
        } else {
            check_platforms(r, p == 0 ? node->first : NULL);
            add_texts(r, gj_node_get(node, "any"));
            add_texts(r, gj_node_get(node, r->plan->platforms[p].ptr));
        }
        list.count[p] = (uint32_t)r->texts.count - list.first[p];
    }
    struct sim_list *added = sim_add(r, &r->lists, sizeof *added);
    if (added != NULL) {
        *added = list;
    }
}

static void read_lists(struct sim_reader *r, const struct gj_node *node)
{
    for (const struct gj_node *list = node->first; list != NULL; list = list->next) {
        read_list(r, list);
    }
}

static void note_slots(struct sim_reader *r, const struct gj_node *node)
{
    r->slots = node;
}

/* ---- documents ---- */

static void read_documents(struct sim_reader *r)
{
    static const struct part {
        const char *key;
        void (*read)(struct sim_reader *r, const struct gj_node *node);
    } parts[] = {{"platforms", read_platforms}, {"variables", read_variables},
                 {"slots", note_slots},         {"shop", read_shop},
                 {"rhythm", read_rhythm},       {"goods", read_goods},
                 {"lists", read_lists},         {"story", NULL}};
    uint32_t story = 0;
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
        for (size_t f = 0; f < r->file_count; f++) {
            for (const struct gj_node *d = r->documents[f]; d != NULL; d = d->next) {
                const struct gj_node *node = gj_node_get(d, parts[p].key);
                if (node != NULL && parts[p].read != NULL) {
                    parts[p].read(r, node);
                } else if (node != NULL) {
                    sim_read_story_name(r, d);
                }
            }
        }
    }
    for (size_t f = 0; f < r->file_count && !r->failed; f++) {
        for (const struct gj_node *d = r->documents[f]; d != NULL; d = d->next) {
            if (gj_node_get(d, "story") != NULL) {
                sim_read_story(r, d, story++);
            }
        }
    }
}

/* ---- files ---- */

static struct gj_str read_file(struct gj_arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct gj_str text = {0};
    if (file == NULL) {
        return text;
    }
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *bytes = size < 0 || size > FILE_BYTES_MAX || fseek(file, 0, SEEK_SET) != 0
                      ? NULL
                      : gj_arena_alloc(arena, (size_t)size + 1);
    if (bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size) {
        text = (struct gj_str){bytes, (size_t)size};
    }
    fclose(file);
    return text;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct gj_file *)a)->path.ptr, ((const struct gj_file *)b)->path.ptr);
}

static int list_files(struct sim_reader *r, const char *dir)
{
    DIR *stream = opendir(dir);
    if (stream == NULL) {
        return gj_errors_add(r->errors, gj_str_of(dir), 0, 0, GJ_STR(""),
                             "cannot be opened (%s); name the simulation's folder",
                             strerror(errno));
    }
    int status = 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL && status == 0;
         entry = readdir(stream)) {
        char path[4096];
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] != '.' && gj_yaml_misnamed(entry->d_name)) {
            status = gj_errors_say(r->errors,
                                   "%s/%s is not read; let its name end in .yaml, or move "
                                   "it away",
                                   dir, entry->d_name);
        }
        if (entry->d_name[0] == '.' || len < 6 || strcmp(entry->d_name + len - 5, ".yaml") != 0) {
            continue;
        }
        if (snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path ||
            r->file_count == FILES_MAX) {
            status = gj_errors_say(r->errors, "%s holds more than %d files, or too long a path",
                                   dir, FILES_MAX);
            break;
        }
        struct gj_file *file = &r->files[r->file_count++];
        file->path = gj_arena_copy(&r->plan->arena, gj_str_of(path));
        file->text = read_file(&r->plan->arena, path);
        if (file->path.ptr == NULL || file->text.ptr == NULL) {
            status = gj_errors_say(r->errors, "%s cannot be read; check its permissions", path);
        }
    }
    closedir(stream);
    if (status == 0 && r->file_count == 0) {
        status = gj_errors_say(r->errors, "%s holds no .yaml file", dir);
    }
    return status;
}

static int parse_files(struct sim_reader *r)
{
    int status = 0;
    gj_sort(r->files, r->file_count, sizeof *r->files, by_path); /* folders are in no order */
    for (uint32_t i = 0; i < r->file_count; i++) {
        status |= gj_yaml_parse(&r->plan->arena, &r->files[i], i, &r->documents[i], r->errors);
    }
    return status;
}

/* ---- the whole ---- */

static void hand_over(struct sim_reader *r)
{
    struct sim_plan *plan = r->plan;
    plan->ops = r->ops.items;
    plan->choices = r->choices.items;
    plan->texts = r->texts.items;
    plan->lists = r->lists.items;
    plan->list_count = r->lists.count;
    plan->goods = r->goods.items;
    plan->goods_count = r->goods.count;
    plan->steps = r->steps.items;
    plan->options = r->options.items;
    plan->stories = r->stories.items;
    plan->starts = r->starts.items;
    plan->start_count = r->starts.count;
    plan->peaks = r->peaks.items;
    plan->peak_count = r->peaks.count;
}

static void check_whole(struct sim_reader *r, const char *dir)
{
    const struct sim_plan *plan = r->plan;
    if (plan->platform_count == 0 || plan->hour_sum == 0 || plan->goods_count == 0 ||
        plan->start_count == 0 || plan->agents == 0 || plan->products == 0) {
        gj_errors_say(r->errors, "%s: wants platforms, shop, rhythm, goods and stories that start",
                      dir);
    }
}

int sim_plan_read(struct sim_plan *plan, const char *dir, struct gj_errors *errors)
{
    struct gj_file files[FILES_MAX] = {0};
    struct gj_node *documents[FILES_MAX] = {0};
    struct sim_reader r = {.plan = plan, .errors = errors, .files = files, .documents = documents};
    size_t before = errors->count + errors->dropped;
    *plan = (struct sim_plan){.day = {8, 22}};
    gj_arena_init(&plan->arena);
    gj_buf_init(&r.pending);
    if (list_files(&r, dir) == 0 && parse_files(&r) == 0) {
        read_documents(&r);
        hand_over(&r);
        if (errors->count + errors->dropped == before) {
            check_whole(&r, dir);
        }
    }
    if (r.failed) {
        gj_errors_say(errors, "out of memory while reading %s", dir);
    }
    gj_buf_release(&r.pending);
    return errors->count + errors->dropped == before ? 0 : -1;
}

void sim_plan_release(struct sim_plan *plan)
{
    const void *parts[] = {plan->ops,   plan->choices, plan->texts,   plan->lists,  plan->goods,
                           plan->steps, plan->options, plan->stories, plan->starts, plan->peaks};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        free((void *)(uintptr_t)parts[i]);
    }
    gj_arena_release(&plan->arena);
}
