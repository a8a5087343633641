/* Room engine: what the judge says of an event's text (see inside.h). Agents repeat themselves: a
 * text in which nothing was found is remembered together with all that its verdict depends on, and
 * not judged again. */
#include <stdlib.h>

#include "engine/inside.h"

struct facts {     /* what the shop's configuration tells the judge */
    gj_fact *list; /* of the arena */
    size_t count;
};

/* A list of strings. */
static void add_strings(struct gj_arena *arena, gj_fact *fact, const struct gj_value *value)
{
    const char **strings = gj_arena_alloc(arena, (value->count + 1) * sizeof *strings);
    fact->strings = strings;
    for (uint32_t i = 0; strings != NULL && i < value->count; i++) {
        strings[fact->string_count++] = value->as.items[i].as.text.ptr;
    }
}

static void add_fact(struct gj_arena *arena, struct facts *facts, struct gj_str name,
                     const struct gj_value *value)
{
    gj_fact *fact = &facts->list[facts->count];
    *fact = (gj_fact){.name = name.ptr};
    if (value->kind == GJ_V_BOOL) {
        fact->kind = GJ_FACT_BOOL;
        fact->boolean = value->as.boolean;
    } else if (value->kind == GJ_V_INT) {
        fact->kind = GJ_FACT_INT;
        fact->integer = value->as.integer;
    } else if (value->kind == GJ_V_LIST) {
        fact->kind = GJ_FACT_STRINGS;
        add_strings(arena, fact, value);
    } else {
        return;
    }
    facts->count++;
}

static void gather_facts(struct gj_engine *e, const struct gj_shop *shop, struct facts *facts)
{
    const struct gj_kind_plan *kind = &e->plan->kinds[e->plan->events->shop_kind];
    const struct gj_entity *config = shop->setting.shop;
    size_t most = config == NULL ? 0 : e->plan->fact_count;
    *facts = (struct facts){.list = gj_arena_alloc(&e->arena, (most + 1) * sizeof(gj_fact))};
    for (size_t i = 0; facts->list != NULL && i < most; i++) {
        const struct gj_memory *memory = &kind->memories[e->plan->facts[i]];
        add_fact(&e->arena, facts, memory->full, &config->memory[memory->kept]);
    }
}

/* ---- texts in which nothing was found ---- */

#define CLEAN_MAX       1024 /* a place is taken over by whoever comes */
#define CLEAN_BYTES_MAX 1024 /* of a text and what goes with it */

struct gj_clean {
    struct gj_buf keys[CLEAN_MAX];
    gj_verdict verdict; /* of all of them */
};

struct gj_clean *gj_clean_new(void)
{
    struct gj_clean *clean = calloc(1, sizeof *clean);
    for (size_t i = 0; clean != NULL && i < CLEAN_MAX; i++) {
        gj_buf_init(&clean->keys[i]);
    }
    return clean;
}

void gj_clean_free(struct gj_clean *clean)
{
    for (size_t i = 0; clean != NULL && i < CLEAN_MAX; i++) {
        gj_buf_release(&clean->keys[i]);
    }
    free(clean);
}

/* All that the verdict depends on. Rules and parameters change with the day in
 * China and not within it. */
static struct gj_str key_of(struct gj_engine *e, const gj_message *message)
{
    struct gj_buf *key = &e->scratch;
    int64_t local = message->at + GJ_CHINA_OFFSET_SECONDS;
    int64_t day = local / GJ_SECONDS_PER_DAY - (local % GJ_SECONDS_PER_DAY < 0);
    gj_buf_reset(key);
    gj_buf_add(key, &e->rulebook_id, sizeof e->rulebook_id);
    gj_buf_add(key, &day, sizeof day);
    gj_buf_add(key, message->platform, strlen(message->platform) + 1);
    for (size_t i = 0; i < message->fact_count; i++) {
        const gj_fact *fact = &message->facts[i];
        gj_buf_add(key, &fact->name, sizeof fact->name); /* the rulebook's own string */
        gj_buf_add_char(key, (char)fact->boolean);
        gj_buf_add(key, &fact->integer, sizeof fact->integer);
        gj_buf_add(key, &fact->string_count, sizeof fact->string_count);
        for (size_t s = 0; s < fact->string_count; s++) {
            gj_buf_add(key, fact->strings[s], strlen(fact->strings[s]) + 1);
        }
    }
    gj_buf_add_char(key, '\0');
    gj_buf_add(key, message->text, message->text_len);
    return gj_buf_str(key);
}

static struct gj_buf *place_of(struct gj_clean *clean, struct gj_str key)
{
    uint64_t hash = gj_str_hash(key);
    return &clean->keys[(hash ^ hash >> 32) % CLEAN_MAX];
}

static void remember_clean(struct gj_buf *place, struct gj_str key)
{
    if (key.len <= CLEAN_BYTES_MAX) {
        gj_buf_reset(place);
        gj_buf_add_str(place, key);
        if (place->failed) {
            gj_buf_release(place);
        }
    }
}

static int judge(struct gj_engine *e, const gj_message *message, const gj_verdict **verdict)
{
    struct gj_str key = key_of(e, message);
    struct gj_buf *place = place_of(e->clean, key);
    if (!e->scratch.failed && gj_str_eq(gj_buf_str(place), key)) {
        e->clean->verdict.rulebook = e->book->hash;
        *verdict = &e->clean->verdict;
        return GJ_OK;
    }
    int status = gj_check(e->checker, message, verdict, e->errors);
    if (status == GJ_OK && (*verdict)->hit_count == 0 && !e->scratch.failed) {
        remember_clean(place, key);
    }
    return status;
}

/* ---- events ---- */

int gj_engine_judge(struct gj_engine *e, struct gj_shop *shop, const struct gj_event *event,
                    const gj_verdict **verdict)
{
    *verdict = NULL;
    if (!e->plan->events->types[event->type].judged) {
        return 0;
    }
    struct gj_value said = gj_engine_datum(e, event, GJ_DATUM_TEXT);
    struct gj_value sender = gj_engine_datum(e, event, GJ_DATUM_SENDER);
    struct gj_value kind = gj_engine_datum(e, event, GJ_DATUM_KIND);
    if (said.kind != GJ_V_STRING || said.as.text.len == 0 || sender.kind != GJ_V_STRING ||
        !gj_str_is(sender.as.text, "agent") ||
        (kind.kind == GJ_V_STRING && !gj_str_is(kind.as.text, "text"))) {
        return 0;
    }
    struct facts facts;
    gather_facts(e, shop, &facts);
    gj_message message = {.platform = shop->platform.ptr,
                          .sender = "agent",
                          .kind = "message", /* however its text opens */
                          .text = said.as.text.ptr,
                          .text_len = said.as.text.len,
                          .at = event->time.seconds,
                          .facts = facts.list,
                          .fact_count = facts.count};
    size_t before = e->errors->count;
    int status = judge(e, &message, verdict);
    if (status == GJ_ESYSTEM) {
        return -1;
    }
    if (status != GJ_OK) {
        /* a text that cannot be judged (beyond 2 MiB) is an event all the same */
        *verdict = NULL;
        e->errors->count = before;
    }
    return 0;
}
