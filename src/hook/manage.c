/* Room hook: what owners do with their hooks: JSON in, JSON out (see hook.h). */
#include <sodium.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "hook/internal.h"
#include "hook/sign.h"

#define NAME_MAX_POINTS  100 /* code points of a hook's name */
#define SECRET_MAX       128 /* bytes of a robot's secret */
#define LIST_ENTRIES_MAX 100 /* of types, of sources */
#define SOURCE_MAX       200 /* bytes */
#define PAGE_MAX         200 /* deliveries in an answer */
#define PAGE_DEFAULT     50
#define TEST_NOTICE      "hook.test"

typedef const struct gj_hook_fault *fault;

#define FAULT(name, status, code, member, zh, en) \
    static const struct gj_hook_fault name = {status, code, member, zh, en}

FAULT(no_hook, 404, "hook-not-found", NULL, "没有这个通知地址", "there is no such hook");
FAULT(no_office, 500, "office-failed", NULL, "数据库暂时不可写，请稍后重试",
      "the office database cannot be used now; try again later, see the server's log");
FAULT(not_object, 422, "hook-not-an-object", NULL, "请求体应为 JSON 对象",
      "the body is to be a JSON object");
FAULT(unknown_member, 422, "hook-unknown-member", NULL,
      "只能有这些字段：url、kind、name、types、sources、lang、secret",
      "the members are url, kind, name, types, sources, lang and secret");
FAULT(too_many, 409, "hook-too-many", NULL, "通知地址已达上限，请先删除不用的",
      "there are as many hooks as may be; remove one first");
FAULT(bad_url, 422, "hook-url", "url", "url 不是合法网址（最长 2048 字节，只含 ASCII）",
      "url is no URL (at most 2048 bytes of ASCII, without blanks)");
FAULT(bad_scheme, 422, "hook-url-scheme", "url", "url 须以 https:// 开头",
      "url has to be https://");
FAULT(bad_credentials, 422, "hook-url-credentials", "url", "url 中不能带用户名或密码",
      "url may not hold a user name or password");
FAULT(bad_fragment, 422, "hook-url-fragment", "url", "url 中不能带 # 片段",
      "url may not hold a #fragment");
FAULT(bad_address, 422, "hook-url-address", "url",
      "url 指向内网、本机或保留地址；确需如此，请在服务器配置中放行",
      "url leads to a private, local or reserved address; the server's configuration can allow it");
FAULT(bad_kind, 422, "hook-kind", "kind", "kind 应为 webhook、dingtalk、wecom 或 feishu",
      "kind is webhook, dingtalk, wecom or feishu");
FAULT(bad_name, 422, "hook-name", "name", "name 应为不超过 100 字的文本",
      "name is a text of at most 100 characters");
FAULT(bad_lang, 422, "hook-lang", "lang", "lang 应为 zh 或 en", "lang is zh or en");
FAULT(
    bad_types, 422, "hook-types", "types",
    "types 应为通知类型的数组，如 [\"deadline\", \"finding\"]，最多 100 个；类型见 docs/server.md",
    "types is an array of at most 100 types of notices, as [\"deadline\", \"finding\"]; "
    "docs/server.md lists them");
FAULT(bad_sources, 422, "hook-sources", "sources",
      "sources 应为店铺来源的数组，形如 \"/平台/店铺\"，最多 100 个",
      "sources is an array of at most 100 shops, each \"/platform/shop\"");
FAULT(bad_secret, 422, "hook-secret", "secret",
      "secret 是机器人安全设置中的加签密钥（可见 ASCII，最长 128 字节）；webhook "
      "的密钥由服务器生成，企业微信机器人没有密钥",
      "secret is the signing secret of a robot (printable ASCII, at most 128 bytes); a webhook's "
      "is made by the server, and WeCom's robots have none");
FAULT(bad_state, 400, "delivery-state", "state", "state 应为 waiting、delivered 或 dead",
      "state is waiting, delivered or dead");
FAULT(no_dead_letter, 404, "delivery-not-dead", NULL, "没有这封死信",
      "there is no such dead letter of this hook");
FAULT(not_active, 409, "hook-not-active", NULL, "该通知地址已停用，请先启用",
      "the hook is not active; switch it on first");

/* What the office's status says. */
static fault fault_of(struct gj_hooks *hooks, int status, struct gj_errors *errors, fault none)
{
    gj_hooks_complain(hooks, errors);
    gj_errors_release(errors);
    return status == 0 ? NULL : status == 1 ? none : &no_office;
}

/* ---- requests ---- */

struct wanted {
    struct gj_hook_row row; /* strings in the request or below */
    struct gj_buf types, sources;
    char id[GJ_HOOK_ID_SIZE], secret[GJ_HOOK_SECRET_SIZE];
};

static bool printable(struct gj_str text, const char *without)
{
    bool ok = true;
    for (size_t i = 0; ok && i < text.len; i++) {
        ok = text.ptr[i] > ' ' && text.ptr[i] < 0x7f && strchr(without, text.ptr[i]) == NULL;
    }
    return ok;
}

/* "/platform/shop" */
static bool source_ok(struct gj_str source)
{
    const char *slash = source.len > 2 ? memchr(source.ptr + 2, '/', source.len - 2) : NULL;
    bool ok = slash != NULL && slash + 1 < source.ptr + source.len && source.len <= SOURCE_MAX &&
              source.ptr[0] == '/' && source.ptr[1] != '/';
    for (size_t i = 0; ok && i < source.len; i++) {
        ok = (unsigned char)source.ptr[i] > ' ' && source.ptr[i] != 0x7f;
    }
    return ok;
}

/* An array of texts as lines; false: it is none. */
static bool read_list(const struct gj_json_parser *parser, const struct gj_json *list,
                      bool (*entry_ok)(struct gj_str), struct gj_buf *out)
{
    bool ok = list->kind == GJ_JSON_ARRAY && list->count <= LIST_ENTRIES_MAX;
    const struct gj_json *at = ok ? gj_json_first(parser, list) : NULL;
    for (; ok && at != NULL; at = gj_json_next(parser, at)) {
        ok = at->kind == GJ_JSON_STRING && entry_ok(at->text);
        gj_buf_add_cstr(out, out->len > 0 ? "\n" : "");
        gj_buf_add_str(out, at->text);
    }
    return ok;
}

static bool name_ok(struct gj_str name)
{
    return gj_utf8_count(name) <= NAME_MAX_POINTS && strlen(name.ptr) == name.len;
}

static fault read_text(const struct gj_json *at, struct gj_hook_row *row)
{
    bool text = at->kind == GJ_JSON_STRING;
    if (gj_str_is(at->key, "url")) {
        row->url = at->text;
        return text && at->text.len > 0 && strlen(at->text.ptr) == at->text.len ? NULL : &bad_url;
    }
    if (gj_str_is(at->key, "kind")) {
        row->kind = at->text;
        return text && (gj_str_is(at->text, "webhook") || gj_robot_find(at->text) != NULL)
                   ? NULL
                   : &bad_kind;
    }
    if (gj_str_is(at->key, "name")) {
        row->name = at->text;
        return text && name_ok(at->text) ? NULL : &bad_name;
    }
    if (gj_str_is(at->key, "lang")) {
        row->lang = at->text;
        return text && (gj_str_is(at->text, "zh") || gj_str_is(at->text, "en")) ? NULL : &bad_lang;
    }
    if (gj_str_is(at->key, "secret")) {
        row->secret = at->text;
        return text && at->text.len > 0 && at->text.len <= SECRET_MAX && printable(at->text, "")
                   ? NULL
                   : &bad_secret;
    }
    return &unknown_member;
}

static fault read_members(const struct gj_json_parser *parser, const struct gj_json *request,
                          struct wanted *wanted)
{
    if (request == NULL || request->kind != GJ_JSON_OBJECT) {
        return &not_object;
    }
    fault wrong = NULL;
    const struct gj_json *at = gj_json_first(parser, request);
    for (; wrong == NULL && at != NULL; at = gj_json_next(parser, at)) {
        if (gj_str_is(at->key, "types")) {
            wrong = read_list(parser, at, gj_notice_type_known, &wanted->types) ? NULL : &bad_types;
        } else if (gj_str_is(at->key, "sources")) {
            wrong = read_list(parser, at, source_ok, &wanted->sources) ? NULL : &bad_sources;
        } else {
            wrong = read_text(at, &wanted->row);
        }
    }
    return wrong;
}

static fault check_url(const struct gj_hook_guard *guard, struct gj_str url)
{
    static const fault faults[] = {[GJ_HOOK_URL_OK] = NULL,
                                   [GJ_HOOK_URL_BAD] = &bad_url,
                                   [GJ_HOOK_URL_SCHEME] = &bad_scheme,
                                   [GJ_HOOK_URL_CREDENTIALS] = &bad_credentials,
                                   [GJ_HOOK_URL_FRAGMENT] = &bad_fragment,
                                   [GJ_HOOK_URL_ADDRESS] = &bad_address};
    return url.len == 0 ? &bad_url : faults[gj_hook_guard_url(guard, url.ptr)];
}

static fault check_secret(struct gj_str kind, struct gj_str secret)
{
    const struct gj_robot *robot = gj_robot_find(kind);
    bool may = robot != NULL && gj_robot_signs(robot);
    return secret.len > 0 && !may ? &bad_secret : NULL;
}

/* ---- answers ---- */

static void add_member(struct gj_buf *out, const char *name, struct gj_str value)
{
    gj_buf_addf(out, ",\"%s\":", name);
    gj_json_add_string(out, value);
}

static void add_time_member(struct gj_buf *out, const char *name, int64_t micros)
{
    if (micros != 0 && micros != GJ_NEVER) {
        gj_buf_addf(out, ",\"%s\":\"", name);
        gj_hook_add_time(out, micros);
        gj_buf_add_char(out, '"');
    }
}

static void add_lines(struct gj_buf *out, const char *name, struct gj_str list)
{
    gj_buf_addf(out, ",\"%s\":[", name);
    for (size_t at = 0; at < list.len;) {
        const char *end = memchr(list.ptr + at, '\n', list.len - at);
        size_t len = end == NULL ? list.len - at : (size_t)(end - list.ptr) - at;
        gj_buf_add_cstr(out, at > 0 ? "," : "");
        gj_json_add_string(out, (struct gj_str){list.ptr + at, len});
        at += len + 1;
    }
    gj_buf_add_char(out, ']');
}

/* What stands in a query, and in a robot's path, is a key: it is not shown again. */
static void add_url(struct gj_buf *out, const struct gj_hook_row *hook)
{
    size_t len = strcspn(hook->url.ptr, "?");
    if (gj_robot_find(hook->kind) != NULL) {
        const char *host = strstr(hook->url.ptr, "//");
        size_t scheme = host == NULL ? 0 : (size_t)(host - hook->url.ptr) + 2;
        len = scheme + strcspn(hook->url.ptr + scheme, "/?");
    }
    struct gj_buf shown;
    gj_buf_init(&shown);
    gj_buf_add(&shown, hook->url.ptr, len);
    gj_buf_add_cstr(&shown, len < hook->url.len ? "…" : "");
    add_member(out, "url", gj_buf_str(&shown));
    out->failed |= shown.failed;
    gj_buf_release(&shown);
}

/* Without its closing brace. */
static void add_hook(struct gj_buf *out, const struct gj_hook_row *hook)
{
    gj_buf_add_cstr(out, "{\"id\":");
    gj_json_add_string(out, hook->id);
    add_member(out, "kind", hook->kind);
    add_member(out, "name", hook->name);
    add_url(out, hook);
    add_lines(out, "types", hook->types);
    add_lines(out, "sources", hook->sources);
    add_member(out, "lang", hook->lang);
    add_member(out, "state", hook->state);
    add_time_member(out, "created", hook->created);
}

/* ---- hooks ---- */

static fault add(struct gj_hooks *hooks, struct wanted *wanted, struct gj_buf *out)
{
    struct gj_hook_row *row = &wanted->row;
    unsigned char random[8];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    snprintf(wanted->id, sizeof wanted->id, "hk_%s",
             sodium_bin2hex(hex, sizeof hex, random, sizeof random));
    row->id = gj_str_of(wanted->id);
    bool webhook = gj_robot_find(row->kind) == NULL;
    if (webhook) {
        gj_hook_secret_new(wanted->secret);
        row->secret = gj_str_of(wanted->secret);
    }
    row->types = gj_buf_str(&wanted->types);
    row->sources = gj_buf_str(&wanted->sources);
    row->created = gj_hooks_now();
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = wanted->types.failed || wanted->sources.failed
                     ? -1
                     : gj_office_hook_add(hooks->office, row, hooks->settings.hooks_max, &errors);
    fault wrong = fault_of(hooks, status, &errors, &too_many);
    if (wrong == NULL) {
        gj_hooks_told(hooks, row->tenant, row->cursor);
        gj_hooks_look(hooks);
        add_hook(out, row);
        if (webhook) {
            add_member(out, "secret", row->secret);
        }
        gj_buf_add_char(out, '}');
    }
    return wrong;
}

fault gj_hooks_add(struct gj_hooks *hooks, struct gj_str tenant,
                   const struct gj_json_parser *parser, const struct gj_json *request,
                   int64_t after, struct gj_buf *out)
{
    struct wanted wanted = {.row = {.tenant = tenant,
                                    .kind = GJ_STR("webhook"),
                                    .name = GJ_STR(""),
                                    .url = GJ_STR(""),
                                    .secret = GJ_STR(""),
                                    .lang = GJ_STR("zh"),
                                    .state = GJ_STR("active"),
                                    .cursor = after}};
    gj_buf_init(&wanted.types);
    gj_buf_init(&wanted.sources);
    fault wrong = read_members(parser, request, &wanted);
    wrong = wrong != NULL ? wrong : check_url(&hooks->settings.guard, wanted.row.url);
    wrong = wrong != NULL ? wrong : check_secret(wanted.row.kind, wanted.row.secret);
    wrong = wrong != NULL ? wrong : add(hooks, &wanted, out);
    sodium_memzero(wanted.secret, sizeof wanted.secret);
    gj_buf_release(&wanted.types);
    gj_buf_release(&wanted.sources);
    return wrong;
}

static int list_hook(void *context, const struct gj_hook_row *hook)
{
    struct gj_buf *out = context;
    gj_buf_add_cstr(out, out->ptr[out->len - 1] == '[' ? "" : ",");
    add_hook(out, hook);
    gj_buf_addf(out, ",\"waiting\":%lld,\"dead\":%lld}", (long long)hook->waiting,
                (long long)hook->dead);
    return 0;
}

fault gj_hooks_list(struct gj_hooks *hooks, struct gj_str tenant, struct gj_buf *out)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_buf_add_cstr(out, "{\"items\":[");
    int status = gj_office_hooks(hooks->office, tenant, list_hook, out, &errors);
    gj_buf_add_cstr(out, "],\"next\":null}");
    return fault_of(hooks, status, &errors, &no_hook);
}

/* ---- one hook ---- */

struct kind_of {
    struct gj_str id;
    bool found, active;
    const struct gj_robot *robot;
};

static int look_at(void *context, const struct gj_hook_row *hook)
{
    struct kind_of *of = context;
    if (gj_str_eq(hook->id, of->id)) {
        of->found = true;
        of->active = gj_str_is(hook->state, "active");
        of->robot = gj_robot_find(hook->kind);
    }
    return 0;
}

static fault find(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                  struct kind_of *of)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    *of = (struct kind_of){.id = id};
    int status = gj_office_hooks(hooks->office, tenant, look_at, of, &errors);
    return fault_of(hooks, status == 0 && !of->found ? 1 : status, &errors, &no_hook);
}

static fault read_new_secret(const struct kind_of *of, const struct gj_json_parser *parser,
                             const struct gj_json *request, struct wanted *wanted)
{
    if (of->robot == NULL && request == NULL) {
        return NULL;
    }
    fault wrong = read_members(parser, request, wanted);
    if (wrong != NULL) {
        return wrong;
    }
    bool given = request->count == 1 && wanted->row.secret.len > 0;
    bool right = of->robot == NULL ? request->count == 0 : given && gj_robot_signs(of->robot);
    return right ? NULL : &bad_secret;
}

/* `fresh`: a robot's new secret, given by its owner; empty: a webhook's is made. */
static fault rotate(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                    struct gj_str fresh, struct gj_buf *out)
{
    bool webhook = fresh.len == 0;
    char secret[GJ_HOOK_SECRET_SIZE] = "";
    int64_t until = 0;
    if (webhook) {
        gj_hook_secret_new(secret);
        fresh = gj_str_of(secret);
        until = gj_hooks_now() + hooks->settings.overlap_ms * 1000;
    }
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_hook_rotate(hooks->office, tenant, id, fresh, until, &errors);
    fault wrong = fault_of(hooks, status, &errors, &no_hook);
    if (wrong == NULL) {
        gj_hooks_look(hooks);
        gj_buf_add_cstr(out, "{\"id\":");
        gj_json_add_string(out, id);
        if (webhook) {
            add_member(out, "secret", fresh);
            add_time_member(out, "old_valid_until", until);
        }
        gj_buf_add_char(out, '}');
    }
    sodium_memzero(secret, sizeof secret);
    return wrong;
}

fault gj_hooks_rotate(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                      const struct gj_json_parser *parser, const struct gj_json *request,
                      struct gj_buf *out)
{
    struct kind_of of;
    struct wanted wanted = {.row = {.secret = GJ_STR("")}};
    gj_buf_init(&wanted.types);
    gj_buf_init(&wanted.sources);
    fault wrong = find(hooks, tenant, id, &of);
    wrong = wrong != NULL ? wrong : read_new_secret(&of, parser, request, &wanted);
    wrong = wrong != NULL ? wrong : rotate(hooks, tenant, id, wanted.row.secret, out);
    gj_buf_release(&wanted.types);
    gj_buf_release(&wanted.sources);
    return wrong;
}

fault gj_hooks_switch(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id, bool on,
                      int64_t after)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_hook_switch(hooks->office, tenant, id, on, after, &errors);
    gj_hooks_told(hooks, tenant, on && status == 0 ? after : -1);
    gj_hooks_look(hooks);
    return fault_of(hooks, status, &errors, &no_hook);
}

fault gj_hooks_remove(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id)
{
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_hook_remove(hooks->office, tenant, id, &errors);
    gj_hooks_look(hooks);
    return fault_of(hooks, status, &errors, &no_hook);
}

/* ---- deliveries ---- */

fault gj_hooks_test(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                    struct gj_buf *out)
{
    struct kind_of of;
    fault wrong = find(hooks, tenant, id, &of);
    if (wrong != NULL || !of.active) {
        return wrong != NULL ? wrong : &not_active;
    }
    char message[GJ_HOOK_MESSAGE_SIZE];
    unsigned char random[16];
    randombytes_buf(random, sizeof random);
    const struct gj_str piece = {(const char *)random, sizeof random};
    gj_hook_message_id(&piece, 1, message);
    int64_t now = gj_hooks_now();
    const struct gj_delivery_row row = {
        .message = gj_str_of(message),
        .at = now,
        .source = GJ_STR(""),
        .type = GJ_STR(TEST_NOTICE),
        .body = GJ_STR("{\"title\":{\"zh\":\"规矩的通知会发到这里\",\"en\":\"notices of Guiju "
                       "will arrive here\"}}"),
        .next = now};
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_delivery_add(hooks->office, id, &row, &errors);
    gj_hooks_look(hooks);
    gj_buf_add_cstr(out, "{\"message\":");
    gj_json_add_string(out, row.message);
    gj_buf_add_char(out, '}');
    return fault_of(hooks, status, &errors, &no_hook);
}

struct listing {
    struct gj_buf *out;
    size_t count, limit;
    int64_t last;
};

static int list_delivery(void *context, const struct gj_delivery_row *row)
{
    struct listing *list = context;
    struct gj_buf *out = list->out;
    if (list->count++ == list->limit) { /* one more was asked for, to know of a next page */
        return 0;
    }
    list->last = row->id;
    gj_buf_addf(out, "%s{\"id\":%lld", list->count == 1 ? "" : ",", (long long)row->id);
    add_member(out, "message", row->message);
    add_member(out, "type", row->type);
    add_member(out, "source", row->source);
    gj_buf_addf(out, ",\"seq\":%lld,\"attempts\":%lld", (long long)row->seq,
                (long long)row->attempts);
    add_time_member(out, "at", row->at);
    add_member(out, "state", row->state);
    add_time_member(out, "next", row->next);
    add_time_member(out, "done", row->done);
    if (row->status != 0) {
        gj_buf_addf(out, ",\"status\":%lld", (long long)row->status);
    }
    if (row->error.len > 0) {
        add_member(out, "error", row->error);
    }
    gj_buf_add_char(out, '}');
    return 0;
}

fault gj_hooks_deliveries(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                          struct gj_str state, int64_t before, size_t limit, struct gj_buf *out)
{
    if (state.len > 0 && !gj_str_is(state, "waiting") && !gj_str_is(state, "delivered") &&
        !gj_str_is(state, "dead")) {
        return &bad_state;
    }
    limit = limit == 0 ? PAGE_DEFAULT : limit > PAGE_MAX ? PAGE_MAX : limit;
    struct listing list = {.out = out, .limit = limit};
    struct gj_errors errors;
    gj_errors_init(&errors);
    gj_buf_add_cstr(out, "{\"items\":[");
    int status =
        gj_office_deliveries(hooks->office, tenant, id, state, before <= 0 ? GJ_NEVER : before,
                             limit + 1, list_delivery, &list, &errors);
    if (list.count > limit) {
        gj_buf_addf(out, "],\"next\":\"%lld\"}", (long long)list.last);
    } else {
        gj_buf_add_cstr(out, "],\"next\":null}");
    }
    return fault_of(hooks, status, &errors, &no_hook);
}

fault gj_hooks_resend(struct gj_hooks *hooks, struct gj_str tenant, struct gj_str id,
                      int64_t delivery, struct gj_buf *out)
{
    int64_t count = 0;
    struct gj_errors errors;
    gj_errors_init(&errors);
    int status = gj_office_delivery_resend(hooks->office, tenant, id, delivery, gj_hooks_now(),
                                           &count, &errors);
    gj_hooks_look(hooks);
    if (status == 0 && delivery > 0 && count == 0) {
        gj_errors_release(&errors);
        return &no_dead_letter;
    }
    gj_buf_addf(out, "{\"resent\":%lld}", (long long)count);
    return fault_of(hooks, status, &errors, &no_hook);
}
