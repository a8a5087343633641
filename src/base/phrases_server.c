/* Room base: what the server says to whom starts it, in Chinese (see phrase.h). */
#include "base/phrase.h"

const struct gj_phrase gj_phrases_server[] = {
    /* ---- settings ---- */
    {"%s is a number from %s to %s, not '%s'", "%1 是 %2 到 %3 的整数，不能是 '%4'"},
    {"%s is true or false, not '%s'", "%1 只能是 true 或 false，不能是 '%2'"},
    {"warn takes durations such as 24h,2h,15m", "warn 应为时长，如 24h,2h,15m"},
    {"lang takes zh or en, not '%s'", "lang 只能是 zh 或 en，不能是 '%1'"},
    {"at most %s applications may be named", "最多写 %1 个 application"},
    {"an application is PLATFORM KEY SECRET [TENANT]", "application 应为：平台 KEY SECRET [租户]"},
    {"one application of %s may be named", "%1 只能写一个 application"},
    {"a setting is empty; leave it out, or name a value", "设置是空的；请删去，或写上值"},
    {"no setting is called so; see guiju serve --help", "没有这个设置；见 guiju serve --help"},
    {"%s: cannot be read (%s)", "%1：无法读取（%2）"},
    {"%s needs a value", "%1 后面要有值"},
    {"unknown option %s", "没有选项 %1"},
    {"'%s' is one too many", "多了 '%1'"},

    /* ---- starting ---- */
    {"--listen %s: give an address and a port, as 127.0.0.1:8787",
     "--listen %1：请写地址和端口，如 127.0.0.1:8787"},
    {"--listen %s: a port is a number up to 65535", "--listen %1：端口是不超过 65535 的数"},
    {"--listen %s: %s", "--listen %1：%2"},
    {"%s: %s; is another server there?", "%1：%2；那里是否已有服务在运行？"},
    {"nobody has been added, and %s can be reached from elsewhere; add a token first: guiju token "
     "add NAME --role admin --db %s",
     "还没有添加任何人，而 %1 可以从外部访问；请先添加令牌：guiju token add NAME --role admin "
     "--db %2"},
    {"application of %s: there is no tenant %s; see `guiju tenant list`",
     "%1 的 application：没有租户 %2；见 guiju tenant list"},
    {"out of memory while starting the server", "启动服务时内存不足"},
    {"out of memory while starting the hooks", "启动推送时内存不足"},
    {"out of memory or threads while starting the hooks", "启动推送时内存或线程不足"},
    {"%s: cannot be opened (%s); check that the folder exists and may be written",
     "%1：无法打开（%2）；请检查目录是否存在、可否写入"},
    {"out of memory while opening %s", "打开 %1 时内存不足"},
    {"out of memory while users and tokens were read", "读取用户和令牌时内存不足"},
    {"%s: which rulebook is in force cannot be read; remove it to begin with the one of the "
     "settings",
     "%1：无法读取当前生效的是哪个规则库；删除它，就从设置中的规则库开始"},
    {"%s was put in force by POST /v1/rulebook; mend it, or remove %s.rulebooks/current to begin "
     "with %s",
     "%1 由 POST /v1/rulebook 启用；请修好它，或删除 %2.rulebooks/current，从 %3 开始"},

    /* ---- running ---- */
    {"http://%s (%s threads, rulebook %s)", "http://%1（%2 个线程，规则库 %3）"},
    {"http://%s (%s threads, rulebook %s); nobody has been added yet: whoever is on this machine "
     "may do all",
     "http://%1（%2 个线程，规则库 %3）；还没有添加任何人：在本机上的人什么都能做"},
    {"%s: an old rulebook cannot be removed (%s)", "%1：旧的规则库无法删除（%2）"},
    {"%s: deadlines wait, the database failed: %s", "%1：数据库出错，期限暂未执行：%2"},
    {"the rulebook was loaded anew", "规则库已重新载入"},
    {"the rulebook has errors; the one before stays in force", "规则库有错误，原来的继续生效"},
    {NULL, NULL},
};
