/* Room cli: verdicts and summaries for people. */
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/day.h"

#define RESET "\033[0m"

static const char *paint(const struct cli *cli, const char *code)
{
    return cli->colour ? code : "";
}

static const char *tone(const struct cli *cli, gj_suggestion suggestion)
{
    static const char *const codes[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    return paint(cli, codes[suggestion]);
}

static const char *word_for(const struct cli *cli, gj_suggestion suggestion)
{
    static const char *const zh[] = {"通过", "复核", "拦截"};
    static const char *const en[] = {"pass", "review", "BLOCK"};
    return cli->english ? en[suggestion] : zh[suggestion];
}

/* ---- one verdict ---- */

static bool is_whole(const gj_message *message, const gj_hit *hit)
{
    return hit->matched == message->text && hit->matched_len == message->text_len;
}

/* The text with marked words: underlined in colour, else in 【】. A hit that is the whole text is
 * marked only where it is told in full (`worst`) and words within it would be marked without it. */
static void print_marked(const struct cli *cli, FILE *out, const gj_message *message,
                         const gj_verdict *verdict, const gj_hit *worst)
{
    const char *at = message->text, *end = message->text + message->text_len;
    size_t hit = 0;
    const char *open_until = NULL;
    bool parts = false;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        parts |= !is_whole(message, &verdict->hits[i]);
    }
    if (parts && is_whole(message, worst)) {
        fputs(cli->colour ? "\033[1;4;31m" : "【", out);
        open_until = end;
    }
    for (; at < end; at++) {
        if (open_until == at) {
            fputs(cli->colour ? RESET : "】", out);
            open_until = NULL;
        }
        while (hit < verdict->hit_count && verdict->hits[hit].matched <= at) {
            const gj_hit *h = &verdict->hits[hit++];
            bool whole = is_whole(message, h);
            if (h->matched == at && open_until == NULL && !whole) {
                fputs(cli->colour ? "\033[1;4;31m" : "【", out);
                open_until = at + h->matched_len;
            } else if (open_until != NULL && h->matched + h->matched_len > open_until && !whole) {
                open_until = h->matched + h->matched_len;
            }
        }
        cli_plain(out, at, 1);
    }
    if (open_until != NULL) {
        fputs(cli->colour ? RESET : "】", out);
    }
}

static void print_cost(const struct cli *cli, FILE *out, const gj_cost *cost)
{
    bool any = cost->has_points || cost->has_fine || cost->measure_count > 0;
    if (!any) {
        return;
    }
    const char *separator = "";
    fprintf(out, "    %s", cli_say(cli, "代价：", "cost: "));
    if (cost->has_points) {
        const char *class_ =
            strcmp(cost->points_class, "serious") == 0   ? cli_say(cli, "严重违规", "serious ")
            : strcmp(cost->points_class, "general") == 0 ? cli_say(cli, "一般违规", "general ")
                                                         : "";
        fprintf(out, cli_say(cli, "%s扣 %lld 分", "%s%lld points"), class_,
                (long long)cost->points);
        separator = cli_say(cli, "，", ", ");
    }
    if (cost->has_fine) {
        const char *payee =
            strcmp(cost->payee, "consumer") == 0 ? cli_say(cli, "赔付消费者", " to the consumer")
            : strcmp(cost->payee, "shop") == 0   ? cli_say(cli, "由客服承担", " by the agent")
                                                 : cli_say(cli, "罚款", " fine");
        if (cli->english) {
            fprintf(out, "%s%lld.%02lld yuan%s", separator, (long long)(cost->fine_fen / 100),
                    (long long)(cost->fine_fen % 100), payee);
        } else {
            fprintf(out, "%s%s %lld.%02lld 元", separator, payee, (long long)(cost->fine_fen / 100),
                    (long long)(cost->fine_fen % 100));
        }
        separator = cli_say(cli, "，", ", ");
    }
    for (size_t i = 0; i < cost->measure_count; i++) {
        char words[100];
        fprintf(out, "%s%s", separator, day_measures(cli, cost->measures[i], words, sizeof words));
        separator = cli_say(cli, "、", ", ");
    }
    const char *note = cli->english ? cost->note_en : cost->note_zh;
    if (note[0] != '\0') {
        fprintf(out, cli_say(cli, "（%s）", " (%s)"), note);
    }
    fputc('\n', out);
}

static bool said_before(const gj_verdict *verdict, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(verdict->hits[i].rule, verdict->hits[index].rule) == 0) {
            return true;
        }
    }
    return false;
}

static void print_hit(const struct cli *cli, FILE *out, const gj_hit *hit)
{
    char transforms[200];
    fprintf(out, "  %s%s%s %s%s%s  %s\n", tone(cli, hit->suggestion),
            word_for(cli, hit->suggestion), paint(cli, RESET), paint(cli, "\033[1m"),
            cli->english ? hit->title_en : hit->title_zh, paint(cli, RESET), hit->rule);
    fprintf(out, "    %s", cli_say(cli, "命中：", "found: "));
    cli_plain(out, hit->matched, hit->matched_len);
    if (hit->transforms != 0) {
        fprintf(out, cli_say(cli, "（还原：%s）", " (read through: %s)"),
                cli_transforms(cli, hit->transforms, transforms, sizeof transforms));
    }
    fprintf(out, "\n    %s%s\n", cli_say(cli, "依据：", "clause: "), hit->clause);
    if (hit->depends_on[0] != '\0') {
        fprintf(out, "    %s%s\n", cli_say(cli, "取决于：", "depends on: "), hit->depends_on);
    }
    print_cost(cli, out, &hit->cost);
    const char *rewrite = cli->english && hit->rewrite_en[0] != '\0' ? hit->rewrite_en : NULL;
    if (hit->rewrite_zh[0] != '\0') {
        fprintf(out, "    %s%s%s%s\n", cli_say(cli, "改说：", "say:   "), paint(cli, "\033[36m"),
                hit->rewrite_zh, paint(cli, RESET));
    }
    if (rewrite != NULL) {
        fprintf(out, "           %s\n", rewrite);
    }
}

/* The hit told in full: the one with the gravest suggestion, then severity, then cost. */
static const gj_hit *worst_of(const gj_verdict *verdict)
{
    const gj_hit *worst = NULL;
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        int64_t weight = (int64_t)hit->suggestion * 100 + (int64_t)hit->severity * 10 +
                         (hit->cost.has_fine || hit->cost.has_points);
        int64_t most = worst == NULL
                           ? -1
                           : (int64_t)worst->suggestion * 100 + (int64_t)worst->severity * 10 +
                                 (worst->cost.has_fine || worst->cost.has_points);
        worst = weight > most ? hit : worst;
    }
    return worst;
}

void cli_print_verdict(const struct cli *cli, FILE *out, const gj_message *message,
                       const gj_verdict *verdict)
{
    const gj_hit *worst = worst_of(verdict);
    fprintf(out, "%s%-4s%s %s", tone(cli, verdict->suggestion), word_for(cli, verdict->suggestion),
            paint(cli, RESET), message->platform);
    if (message->agent_id != NULL) {
        fputc('/', out);
        cli_plain(out, message->agent_id, strlen(message->agent_id));
    }
    fputc(' ', out);
    if (message->sender != NULL && strcmp(message->sender, "agent") != 0) {
        fprintf(out, "[%s] ", message->sender);
    }
    print_marked(cli, out, message, verdict, worst);
    fputc('\n', out);
    if (worst != NULL) {
        print_hit(cli, out, worst);
    }
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        if (worst != NULL && !said_before(verdict, i) && strcmp(hit->rule, worst->rule) != 0) {
            fprintf(out, "  %s%s%s %s  %s\n", tone(cli, hit->suggestion),
                    word_for(cli, hit->suggestion), paint(cli, RESET),
                    cli->english ? hit->title_en : hit->title_zh, hit->rule);
        }
    }
    if (verdict->hits_dropped > 0) {
        fprintf(out, cli_say(cli, "  另有 %zu 处命中未列出\n", "  %zu more hits not listed\n"),
                verdict->hits_dropped);
    }
}

/* ---- summary ---- */

struct tally {
    char *name;
    size_t total, blocked, reviewed;
    int64_t points, fine_fen; /* at risk */
};

struct tallies {
    void *by_name; /* tree of tsearch */
    struct tally **items;
    size_t count, capacity;
};

struct cli_summary {
    struct tallies rules, agents;
    size_t messages, blocked, reviewed;
};

struct cli_summary *cli_summary_new(void)
{
    return calloc(1, sizeof(struct cli_summary));
}

static void free_tally(void *tally)
{
    free(((struct tally *)tally)->name);
    free(tally);
}

static void free_tallies(struct tallies *list)
{
    tdestroy(list->by_name, free_tally);
    free(list->items);
}

void cli_summary_free(struct cli_summary *summary)
{
    if (summary != NULL) {
        free_tallies(&summary->rules);
        free_tallies(&summary->agents);
        free(summary);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->name, ((const struct tally *)b)->name);
}

/* NULL: out of memory. */
static struct tally *tally_of(struct tallies *list, const char *name)
{
    struct tally wanted = {.name = (char *)(uintptr_t)name};
    struct tally *const *known = tfind(&wanted, &list->by_name, by_name);
    if (known != NULL) {
        return *known;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        struct tally **items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL) {
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    struct tally *added = calloc(1, sizeof *added);
    if (added == NULL || (added->name = strdup(name)) == NULL ||
        tsearch(added, &list->by_name, by_name) == NULL) {
        free(added == NULL ? NULL : added->name);
        free(added);
        return NULL;
    }
    return list->items[list->count++] = added;
}

static void count(struct tally *tally, gj_suggestion suggestion)
{
    if (tally != NULL) {
        tally->total++;
        tally->blocked += suggestion == GJ_BLOCK;
        tally->reviewed += suggestion == GJ_REVIEW;
    }
}

void cli_summary_add(struct cli_summary *summary, const gj_message *message,
                     const gj_verdict *verdict)
{
    char name[200];
    summary->messages++;
    summary->blocked += verdict->suggestion == GJ_BLOCK;
    summary->reviewed += verdict->suggestion == GJ_REVIEW;
    bool agents = (message->sender == NULL || strcmp(message->sender, "agent") == 0) &&
                  (message->kind == NULL || strcmp(message->kind, "message") == 0);
    snprintf(name, sizeof name, "%s/%s", message->platform,
             message->agent_id == NULL ? "?" : message->agent_id);
    struct tally *agent = agents ? tally_of(&summary->agents, name) : NULL;
    count(agent, verdict->suggestion);
    for (size_t i = 0; i < verdict->hit_count; i++) {
        const gj_hit *hit = &verdict->hits[i];
        if (said_before(verdict, i)) {
            continue;
        }
        struct tally *rule = tally_of(&summary->rules, hit->rule);
        count(rule, hit->suggestion);
        if (rule != NULL && hit->cost.has_points) {
            rule->points += hit->cost.points;
        }
        if (rule != NULL && hit->cost.has_fine) {
            rule->fine_fen += hit->cost.fine_fen;
        }
    }
}

static int by_total(const void *a, const void *b)
{
    const struct tally *x = *(const struct tally *const *)a, *y = *(const struct tally *const *)b;
    if (x->blocked != y->blocked) {
        return x->blocked > y->blocked ? -1 : 1;
    }
    if (x->total != y->total) {
        return x->total > y->total ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static void sort(const struct tallies *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof *list->items, by_total);
    }
}

void cli_summary_print(const struct cli *cli, FILE *out, const struct cli_summary *summary)
{
    fprintf(out, "\n%s%s%s\n", paint(cli, "\033[1m"), cli_say(cli, "── 汇总 ──", "-- Summary --"),
            paint(cli, RESET));
    fprintf(out,
            cli_say(cli, "消息 %zu 条：拦截 %zu，复核 %zu，通过 %zu\n\n",
                    "%zu messages: %zu blocked, %zu to review, %zu passed\n\n"),
            summary->messages, summary->blocked, summary->reviewed,
            summary->messages - summary->blocked - summary->reviewed);
    sort(&summary->rules);
    sort(&summary->agents);
    fputs(cli_say(
              cli, "按规则（拦截 / 复核；所涉扣分、金额；一条消息可涉及多条规则）\n",
              "By rule (blocked / review; points and yuan at risk; a message may break several)\n"),
          out);
    for (size_t i = 0; i < summary->rules.count; i++) {
        const struct tally *t = summary->rules.items[i];
        fprintf(out, "  %4zu / %-4zu %-44s", t->blocked, t->reviewed, t->name);
        if (t->points > 0) {
            fprintf(out, cli_say(cli, "  %lld 分", "  %lld points"), (long long)t->points);
        }
        if (t->fine_fen > 0) {
            fprintf(out, cli_say(cli, "  %lld 元", "  %lld yuan"), (long long)(t->fine_fen / 100));
        }
        fputc('\n', out);
    }
    fputs(cli_say(cli, "\n按客服（拦截 / 复核 / 消息数）\n",
                  "\nBy agent (blocked / review / messages)\n"),
          out);
    for (size_t i = 0; i < summary->agents.count; i++) {
        const struct tally *t = summary->agents.items[i];
        fprintf(out, "  %4zu / %zu / %-6zu ", t->blocked, t->reviewed, t->total);
        cli_plain(out, t->name, strlen(t->name));
        fputc('\n', out);
    }
}
