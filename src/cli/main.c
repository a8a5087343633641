/* Room cli: the command table, help. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct command {
    const char *name, *zh, *en, *usage;
    int (*run)(struct cli *cli, int argc, char **argv);
} commands[] = {
    {"check", "检查要发送的消息", "judge messages before they are sent",
     "guiju check -p PLATFORM [-s SENDER] [-k KIND] [--context JSON] TEXT\n"
     "guiju check -f FILE|- [-p PLATFORM] [--format text|json] [--report]\n"
     "  --explain  --packs LIST (any,shop; -shop; \"\")  --at DATE\n",
     cli_check},
    {"rules", "列出、显示、搜索规则，查看覆盖", "list, show and search rules; coverage",
     "guiju rules list | show ID | search WORD | coverage [--format json]\n", cli_rules},
    {"explain", "说明订单、售后、客服等的来龙去脉", "tell why an order, a case, an agent stands so",
     "guiju explain KIND ID [FILE] [--db FILE] [--shop SOURCE] [--until TIME]\n"
     "  [--format text|json]\n"
     "guiju explain event ID [FILE] [--db FILE] [--shop SOURCE]   (JSON)\n",
     cli_explain},
    {"draw", "把流程画成图", "draw a flow as a picture",
     "guiju draw FLOW [-o FILE.svg|.png|.pdf|.dot|.mmd]\n", cli_draw},
    {"ingest", "把平台推送的消息译成事件", "turn what a platform pushed into events",
     "guiju ingest PLATFORM FILE|- [--app-key KEY] [--secret SECRET] [--header 'NAME: VALUE']\n"
     "  --query STRING  --type CONTENT-TYPE  (without a secret, signatures are not checked)\n",
     cli_ingest},
    {"replay", "回放事件流，得到状态、时限、金额和指标",
     "apply a stream of events: states, deadlines, money, metrics",
     "guiju replay FILE|- [--db FILE] [--until TIME] [--refused] [--format text|json]\n",
     cli_replay},
    {"report", "店铺一天的报告：指标、时限、发现、扣分、金额",
     "a shop's day: metrics, deadlines, findings, points, money",
     "guiju report [--db FILE] [--shop SOURCE] [--day DATE] [--format text|html|json]\n"
     "  -o FILE  --xlsx FILE  --within 24h  --days N (of history)\n",
     cli_report},
    {"deadlines", "即将到期的时限", "what runs out next",
     "guiju deadlines [--db FILE] [--within 2h] [--shop SOURCE] [--at TIME] [--format text|json]\n",
     cli_deadlines},
    {"serve", "启动服务（HTTP 接口、实时时限）", "serve the HTTP API and watch deadlines",
     "guiju serve [--listen 127.0.0.1:8787] [--db FILE] [--rulebook DIR] [--config FILE]\n"
     "  --threads N  --connections N  --body-max BYTES  --warn 24h,2h,15m\n"
     "  --secure-cookies (TLS is a proxy's)  --behind-proxy (which says who asks, "
     "X-Forwarded-For)\n"
     "  --header-seconds N  --body-seconds N  --ahead-seconds N  --allow-private-hooks\n"
     "  --remember MIB\n"
     "  --application 'PLATFORM KEY SECRET [TENANT]'\n",
     cli_serve},
    {"test", "运行规则自带的测试", "run the rulebook's own tests",
     "guiju test [--only PREFIX] [-v]\n", cli_test},
    {"lint", "检查规则库", "check the rulebook", "guiju lint\n", cli_lint},
    {"expr", "计算条件表达式", "evaluate an expression of the condition language",
     "guiju expr 'EXPR' [--with '{\"x\": 1}']\n", cli_expr},
    {"eval", "在语料上测量", "measure on corpora", "guiju eval DIR [--samples N] [-p PLATFORM]\n",
     cli_eval},
    {"rebuild", "由日志重建数据库并比对", "derive a database anew from its log and compare",
     "guiju rebuild --db FILE [--anyway]\n", cli_rebuild},
    {"fsck", "检查数据库（不改动它）", "check a database without touching it",
     "guiju fsck --db FILE\n", cli_fsck},
    {"backtest", "用另一版规则重放，看哪里不同", "replay a database's log under another rulebook",
     "guiju backtest --db FILE --rulebook DIR [--format text|json]\n", cli_backtest},
    {"simulate", "模拟店铺的事件流", "write the events of simulated shops",
     "guiju simulate [--seed N] [--shops N] [--days N] [--orders N] [-p PLATFORM]\n"
     "  --from DATE  --late N --duplicates N (per 1,000)  -o FILE  --simulation DIR\n",
     cli_simulate},
    {"user", "服务的用户", "users of the server",
     "guiju user add NAME --role ROLE[,ROLE] [--shop /PLATFORM/SHOP,...] [--agent ID]\n"
     "guiju user list [--format json] | disable NAME | enable NAME | passwd NAME\n"
     "  --db FILE  --tenant NAME\n"
     "  ROLE: admin rule_editor inspector supervisor agent auditor service\n",
     cli_user},
    {"token", "服务的 API 令牌", "API tokens of the server",
     "guiju token add NAME --role ROLE[,ROLE] [--shop /PLATFORM/SHOP,...] [--agent ID]\n"
     "  [--expires 90d|never]\n"
     "guiju token list [--format json] | revoke ID\n"
     "  --db FILE  --tenant NAME\n",
     cli_token},
    {"tenant", "服务的租户", "tenants of the server",
     "guiju tenant add NAME | list [--format json]\n"
     "  --db FILE\n",
     cli_tenant},
    {"audit", "服务的审计日志", "the server's audit log",
     "guiju audit verify [--head SEQ:HASH] | list [--tenant NAME] [--format text|json]\n"
     "  --db FILE\n",
     cli_audit},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

/* ---- help ---- */

static void print_help(const struct cli *cli, FILE *out)
{
    fprintf(out, "%s\n\n",
            cli_say(cli, "规矩：电商客服规则，发送之前先检查。",
                    "Guiju: rules of customer service, checked before you send."));
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(out, "  guiju %-9s %s\n", commands[i].name,
                cli_say(cli, commands[i].zh, commands[i].en));
    }
    fprintf(out, "  guiju help [%s]   guiju version\n\n", cli_say(cli, "命令", "COMMAND"));
    fprintf(out, "%s\n", cli_say(cli, "通用选项：", "Common options:"));
    fprintf(out,
            "  --rulebook DIR  --cache DIR (\"\": %s)  --lang zh|en  --color always|never|auto\n",
            cli_say(cli, "不缓存", "none"));
    fprintf(out, "%s\n",
            cli_say(cli, "退出码：0 通过，1 有发现，2 用法或输入有误。",
                    "Exit status: 0 pass, 1 something found, 2 usage or input."));
}

static int no_command(const struct cli *cli, const char *name)
{
    fprintf(stderr, "guiju: %s '%s'\n", cli_say(cli, "没有这个命令", "there is no command"), name);
    print_help(cli, stderr);
    return EXIT_BAD;
}

static int help(const struct cli *cli, const char *name)
{
    for (size_t i = 0; name != NULL && i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            printf("%s\n\n%s", cli_say(cli, commands[i].zh, commands[i].en), commands[i].usage);
            return EXIT_CLEAN;
        }
    }
    if (name != NULL) {
        return no_command(cli, name);
    }
    print_help(cli, stdout);
    return EXIT_CLEAN;
}

static bool reads_chinese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0;
        }
    }
    return false;
}

/* --lang wherever it stands: what is wrong with other options is told in that language. */
static void look_for_language(struct cli *cli, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value = strncmp(argv[i], "--lang=", 7) == 0              ? argv[i] + 7
                            : strcmp(argv[i], "--lang") == 0 && i + 1 < argc ? argv[i + 1]
                                                                             : "";
        if (strcmp(value, "zh") == 0 || strcmp(value, "en") == 0) {
            cli->english = value[0] == 'e';
        }
    }
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Moves common options that stand before the command behind it: guiju --lang en rules list. What is
 * none of them stays where it is, to be told as unknown. */
static void shift_options(int argc, char **argv)
{
    static const char *const common[] = {"--rulebook", "--cache", "--lang", "--color"};
    int at = 1;
    for (bool taken = true; at < argc && taken;) {
        taken = false;
        for (size_t i = 0; i < sizeof common / sizeof common[0] && !taken; i++) {
            size_t len = strlen(common[i]);
            bool whole = strcmp(argv[at], common[i]) == 0;
            taken = whole || (strncmp(argv[at], common[i], len) == 0 && argv[at][len] == '=');
            at += taken ? 1 + whole : 0;
        }
    }
    if (at > 1 && at < argc &&
        (argv[at][0] != '-' || is_help(argv[at]) || strcmp(argv[at], "--version") == 0)) {
        char *command = argv[at];
        memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof *argv);
        argv[1] = command;
    }
}

/* `guiju user --help`, `guiju user add --lang zh --help`: not where it may be another option's
 * value. */
static bool asks_help(int argc, char **argv)
{
    int words = 0, at = 0;
    while (at < argc && !is_help(argv[at])) {
        bool lang = strcmp(argv[at], "--lang") == 0 || strncmp(argv[at], "--lang=", 7) == 0;
        if (!lang && (argv[at][0] == '-' || ++words > 2)) {
            return false;
        }
        at += lang && argv[at][6] == '\0' ? 2 : 1;
    }
    return at < argc;
}

static int run(struct cli *cli, int argc, char **argv)
{
    look_for_language(cli, argc, argv);
    shift_options(argc, argv);
    cli->usage = "guiju help\n";
    bool help_wanted = argc > 1 && (strcmp(argv[1], "help") == 0 || is_help(argv[1]));
    if (help_wanted) {
        int left = cli_options(cli, argc - 2, argv + 2, NULL);
        return left < 0 ? EXIT_BAD : help(cli, left > 0 ? argv[2] : NULL);
    }
    if (argc < 2 || (argv[1][0] == '-' && strcmp(argv[1], "--version") != 0)) {
        if (cli_options(cli, argc - 1, argv + 1, NULL) >= 0) { /* else it has told what is wrong */
            print_help(cli, stderr);
        }
        return EXIT_BAD;
    }
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
        printf("guiju %s\n", GJ_VERSION);
        return EXIT_CLEAN;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            cli->usage = commands[i].usage;
            return asks_help(argc - 2, argv + 2) ? help(cli, argv[1])
                                                 : commands[i].run(cli, argc - 2, argv + 2);
        }
    }
    return no_command(cli, argv[1]);
}

int main(int argc, char **argv)
{
    const char *no_colour = getenv("NO_COLOR");
    struct cli cli = {.rulebook = gj_rulebook_default_dir(),
                      .english = !reads_chinese(),
                      .colour =
                          isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0'),
                      .errors = gj_errors_new()};
    if (cli.errors == NULL) {
        fputs("guiju: out of memory\n", stderr);
        return EXIT_BAD;
    }
    int status = run(&cli, argc, argv);
    cli_complain(&cli);
    gj_errors_free(cli.errors);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_unwritable(&cli, NULL);
        status = EXIT_BAD;
    }
    return status;
}
