/* Room hook: where hooks may be sent (see guard.h). */
#include "hook/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>

#define MAPPED(a, b, c, d)                                   \
    {                                                        \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d \
    }
#define V4(a, b, c, d, n)            \
    {                                \
        MAPPED(a, b, c, d), 96 + (n) \
    }

/* What is refused as a rule: the special-purpose registries of IANA (RFC 6890). An address that
 * carries an IPv4 address is judged by that one (see carried). */
static const struct {
    struct gj_cidr range;
    const char *what;
} refused[] = {
    {V4(0, 0, 0, 0, 8), "unspecified"},
    {V4(10, 0, 0, 0, 8), "private"},
    {V4(100, 64, 0, 0, 10), "private (carrier-grade NAT)"},
    {V4(127, 0, 0, 0, 8), "loopback"},
    {V4(169, 254, 0, 0, 16), "link-local"}, /* 169.254.169.254: metadata of clouds */
    {V4(172, 16, 0, 0, 12), "private"},
    {V4(192, 0, 0, 0, 24), "reserved"},
    {V4(192, 0, 2, 0, 24), "reserved for documentation"},
    {V4(192, 88, 99, 0, 24), "a 6to4 relay"},
    {V4(192, 168, 0, 0, 16), "private"},
    {V4(198, 18, 0, 0, 15), "reserved for benchmarks"},
    {V4(198, 51, 100, 0, 24), "reserved for documentation"},
    {V4(203, 0, 113, 0, 24), "reserved for documentation"},
    {V4(224, 0, 0, 0, 4), "multicast"},
    {V4(240, 0, 0, 0, 4), "reserved"}, /* with 255.255.255.255: broadcast */
    {{{0}, 128}, "unspecified"},
    {{{[15] = 1}, 128}, "loopback"},
    {{{0xfc}, 7}, "private"},
    {{{0xfe, 0x80}, 10}, "link-local"},
    {{{0xfe, 0xc0}, 10}, "site-local"},
    {{{0xff}, 8}, "multicast"},
    {{{0x20, 0x01, 0x0d, 0xb8}, 32}, "reserved for documentation"},
    {{{0x3f, 0xff}, 20}, "reserved for documentation"},
    {{{0x20, 0x01, 0x00}, 23}, "reserved"}, /* with Teredo and ORCHID */
};

static bool inside(const unsigned char address[16], const struct gj_cidr *range)
{
    unsigned bytes = range->bits / 8, rest = range->bits % 8;
    return memcmp(address, range->address, bytes) == 0 &&
           (rest == 0 || ((address[bytes] ^ range->address[bytes]) >> (8 - rest)) == 0);
}

static bool is_v4(const unsigned char address[16])
{
    static const struct gj_cidr mapped = V4(0, 0, 0, 0, 0);
    return inside(address, &mapped);
}

/* The IPv4 address that `address` carries, as NAT64 (64:ff9b::/96) or 6to4 (2002::/16). */
static bool carried(const unsigned char address[16], unsigned char out[16])
{
    static const struct gj_cidr nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96},
                                six_to_four = {{0x20, 0x02}, 16};
    const unsigned char *v4 = inside(address, &nat64)         ? address + 12
                              : inside(address, &six_to_four) ? address + 2
                                                              : NULL;
    if (v4 != NULL) {
        memset(out, 0, 10);
        memset(out + 10, 0xff, 2);
        memmove(out + 12, v4, 4);
    }
    return v4 != NULL;
}

static const char *judge(const unsigned char address[16])
{
    unsigned char v4[16];
    if (carried(address, v4)) {
        return judge(v4);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (inside(address, &refused[i].range)) {
            return refused[i].what;
        }
    }
    /* of IPv6, 2000::/3 alone is global */
    return is_v4(address) || (address[0] & 0xe0) == 0x20 ? NULL : "not global";
}

static const char *judge_unless_allowed(const struct gj_hook_guard *guard,
                                        const unsigned char address[16])
{
    for (size_t i = 0; i < guard->allowed_count; i++) {
        if (inside(address, &guard->allowed[i])) {
            return NULL;
        }
    }
    return guard->all ? NULL : judge(address);
}

const char *gj_hook_guard_address(const struct gj_hook_guard *guard, const struct sockaddr *address)
{
    unsigned char bytes[16] = MAPPED(0, 0, 0, 0);
    if (address->sa_family == AF_INET) {
        memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else {
        return "neither IPv4 nor IPv6";
    }
    return judge_unless_allowed(guard, bytes);
}

/* ---- text ---- */

static int parse_address(const char *text, unsigned char out[16], unsigned *width)
{
    static const unsigned char mapped[16] = MAPPED(0, 0, 0, 0);
    memcpy(out, mapped, 16);
    *width = 32;
    if (inet_pton(AF_INET, text, out + 12) == 1) {
        return 0;
    }
    *width = 128;
    return inet_pton(AF_INET6, text, out) == 1 ? 0 : -1;
}

int gj_cidr_parse(struct gj_str text, struct gj_cidr *out)
{
    char copy[64];
    if (text.len == 0 || text.len >= sizeof copy) {
        return -1;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    char *slash = strchr(copy, '/');
    if (slash != NULL) {
        *slash++ = '\0';
    }
    struct gj_cidr cidr;
    unsigned width = 0;
    if (strlen(copy) + (slash == NULL ? 0 : strlen(slash) + 1) != text.len ||
        parse_address(copy, cidr.address, &width) != 0) {
        return -1;
    }
    unsigned long bits = width;
    if (slash != NULL) {
        char *end = NULL;
        bits = strtoul(slash, &end, 10);
        if (*slash < '0' || *slash > '9' || *end != '\0' || bits > width) {
            return -1;
        }
    }
    cidr.bits = 128 - width + (unsigned)bits;
    *out = cidr;
    return 0;
}

/* ---- URLs ---- */

static bool plain(const char *url)
{
    size_t len = strlen(url);
    bool ok = len > 0 && len <= GJ_HOOK_URL_MAX;
    for (size_t i = 0; ok && i < len; i++) {
        ok = url[i] > ' ' && url[i] < 0x7f && strchr("\"<>\\^`{|}", url[i]) == NULL;
    }
    const char *slashes = strstr(url, "://"); /* libcurl takes "https:///x" for "https://x" */
    return ok && slashes != NULL && slashes[3] != '/';
}

static bool has(CURLU *url, CURLUPart part)
{
    char *value = NULL;
    bool there = curl_url_get(url, part, &value, 0) == CURLUE_OK;
    curl_free(value);
    return there;
}

/* A host in figures, in any of the forms that the resolver takes ("0x7f.1", "2130706433"). */
static bool refused_figures(const struct gj_hook_guard *guard, char *host)
{
    size_t len = strlen(host);
    if (len > 1 && host[0] == '[') {
        host[len - 1] = '\0';
        host++;
    }
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        return false; /* a name */
    }
    bool bad = gj_hook_guard_address(guard, found->ai_addr) != NULL;
    freeaddrinfo(found);
    return bad;
}

static enum gj_hook_url check_parts(const struct gj_hook_guard *guard, CURLU *parts)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    enum gj_hook_url status = GJ_HOOK_URL_OK;
    if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0') {
        status = GJ_HOOK_URL_BAD;
    } else if (strcmp(scheme, "https") != 0 && !(guard->http && strcmp(scheme, "http") == 0)) {
        status = GJ_HOOK_URL_SCHEME;
    } else if (has(parts, CURLUPART_USER) || has(parts, CURLUPART_PASSWORD) ||
               has(parts, CURLUPART_OPTIONS)) {
        status = GJ_HOOK_URL_CREDENTIALS;
    } else if (has(parts, CURLUPART_FRAGMENT)) {
        status = GJ_HOOK_URL_FRAGMENT;
    } else if (refused_figures(guard, host)) {
        status = GJ_HOOK_URL_ADDRESS;
    } else if (curl_url_get(parts, CURLUPART_PORT, &port, 0) == CURLUE_OK &&
               strcmp(port, "0") == 0) {
        status = GJ_HOOK_URL_BAD;
    }
    curl_free(port);
    curl_free(scheme);
    curl_free(host);
    return status;
}

enum gj_hook_url gj_hook_guard_url(const struct gj_hook_guard *guard, const char *url)
{
    CURLU *parts = plain(url) ? curl_url() : NULL;
    if (parts == NULL) {
        return GJ_HOOK_URL_BAD;
    }
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    enum gj_hook_url status = code == CURLUE_OK ? check_parts(guard, parts) : GJ_HOOK_URL_BAD;
    curl_url_cleanup(parts);
    return status;
}
