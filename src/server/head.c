/* Room server: what a request's head says before anything is done (see head.h). */
#include "server/head.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

/* ---- language ---- */

/* The weight of a range in thousandths: `;q=0.8` is 800, none is 1000. */
static int weight_of(const char *range, size_t len)
{
    const char *q = memmem(range, len, "q=", 2);
    if (q == NULL) {
        return 1000;
    }
    int weight = 0, digit = 1000;
    for (q += 2; q < range + len && (*q == '.' || (*q >= '0' && *q <= '9')); q++) {
        if (*q != '.') {
            weight += digit * (*q - '0');
            digit /= 10;
        }
    }
    return weight > 1000 ? 1000 : weight;
}

/* Whether a range is the language `name`, or a kind of it ("en", "en-GB"). */
static bool is_language(const char *range, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(range, name, len) == 0 && strchr("-;, \t", range[len]) != NULL;
}

bool gj_language_is_english(const char *accepted)
{
    int best = 0; /* of the languages there are; the first of equals */
    bool english = false;
    for (const char *at = accepted == NULL ? "" : accepted; *at != '\0';) {
        size_t len = strcspn(at, ",");
        bool en = is_language(at, "en"), zh = is_language(at, "zh") || *at == '*';
        int weight = en || zh ? weight_of(at, len) : 0;
        if (weight > best) {
            best = weight;
            english = en;
        }
        at += len;
        at += strspn(at, ", \t");
    }
    return english;
}

/* ---- framing ---- */

struct framing {
    unsigned hosts, lengths, codings, proofs;
    bool chunked;
};

static enum MHD_Result count(void *context, enum MHD_ValueKind kind, const char *name,
                             const char *value)
{
    struct framing *f = context;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        f->hosts++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        f->lengths++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        f->codings++;
        f->chunked = value != NULL && strcasecmp(value, "chunked") == 0;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0) {
        f->proofs++;
    }
    return MHD_YES;
}

bool gj_framing_is_sure(struct gj_request *r)
{
    struct framing f = {0};
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, count, &f);
    if (f.hosts > 1 || f.proofs > 1 || f.lengths + f.codings > 1) {
        gj_problem(r, "bad-request",
                   "Host、Authorization、Content-Length、Transfer-Encoding "
                   "只能给一次，后两者不能并用",
                   "Host, Authorization, Content-Length and Transfer-Encoding may be given once, "
                   "and not both of the latter");
    } else if (f.codings == 1 && !f.chunked) {
        gj_problem(r, "not-implemented", "Transfer-Encoding 只支持 chunked",
                   "the one Transfer-Encoding understood is chunked");
    }
    return r->answer.status == 0;
}

const char *gj_target_path(const char *target)
{
    const char *host = strncasecmp(target, "http://", 7) == 0    ? target + 7
                       : strncasecmp(target, "https://", 8) == 0 ? target + 8
                                                                 : NULL;
    if (host == NULL) {
        return target;
    }
    const char *path = strchr(host, '/');
    return path == NULL ? "/" : path;
}
