/* Room hook: HTTP requests to others (see send.h). */
#include "hook/send.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADER_BYTES_MAX 65536 /* of an answer; more breaks it off */

struct request {
    struct gj_sender *sender;
    CURL *easy;
    struct curl_slist *headers;
    struct gj_buf sent, body;
    size_t header_bytes;
    bool cut;
    void *context;
    char refused[160]; /* the guard's word; empty: none */
    char error[CURL_ERROR_SIZE];
    struct request *next, *previous;
};

struct gj_sender {
    struct gj_sender_settings settings;
    CURLM *multi;
    struct request *requests; /* under way */
    struct request *told;     /* whose reply was given out last */
};

/* ---- what libcurl calls ---- */

static curl_socket_t open_guarded(void *context, curlsocktype purpose, struct curl_sockaddr *at)
{
    (void)purpose;
    struct request *request = context;
    const char *what = gj_hook_guard_address(request->sender->settings.guard, &at->addr);
    if (what != NULL) {
        snprintf(request->refused, sizeof request->refused,
                 "its address is %s; such targets are refused unless the server's configuration "
                 "allows them",
                 what);
        return CURL_SOCKET_BAD;
    }
    return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct request *request = context;
    size_t len = size * count;
    size_t room = request->sender->settings.reply_bytes_max - request->body.len;
    request->cut = len > room;
    gj_buf_add(&request->body, bytes, request->cut ? room : len);
    return request->cut ? 0 : len; /* 0 ends the exchange */
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    struct request *request = context;
    request->header_bytes += size * count;
    return request->header_bytes > HEADER_BYTES_MAX ? 0 : size * count;
}

/* ---- a request ---- */

static void free_request(struct request *request)
{
    if (request == NULL) {
        return;
    }
    if (request->easy != NULL) {
        curl_multi_remove_handle(request->sender->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->headers);
    gj_buf_release(&request->sent);
    gj_buf_release(&request->body);
    free(request);
}

static int set_headers(struct request *request, const struct gj_buf *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct curl_slist *longer =
            headers[i].failed ? NULL : curl_slist_append(request->headers, headers[i].ptr);
        if (longer == NULL) {
            return -1;
        }
        request->headers = longer;
    }
    struct curl_slist *longer =
        curl_slist_append(request->headers, "Expect:"); /* no 100-continue */
    request->headers = longer == NULL ? request->headers : longer;
    return longer == NULL ? -1 : 0;
}

#define SET(option, value) (curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_limits(CURL *easy, const struct gj_sender_settings *settings)
{
    return SET(CURLOPT_CONNECTTIMEOUT_MS, settings->connect_ms) &&
           SET(CURLOPT_TIMEOUT_MS, settings->total_ms) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_PROTOCOLS_STR, settings->guard->http ? "http,https" : "https") &&
           SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
           SET(CURLOPT_PROXY, "") && SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           (settings->ca_file == NULL || SET(CURLOPT_CAINFO, settings->ca_file));
}

static bool set_request(CURL *easy, struct request *request, const char *url)
{
    return SET(CURLOPT_URL, url) && SET(CURLOPT_POST, 1L) &&
           SET(CURLOPT_POSTFIELDS, request->sent.ptr) &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->sent.len) &&
           SET(CURLOPT_HTTPHEADER, request->headers) && SET(CURLOPT_USERAGENT, "guiju") &&
           SET(CURLOPT_OPENSOCKETFUNCTION, open_guarded) && SET(CURLOPT_OPENSOCKETDATA, request) &&
           SET(CURLOPT_WRITEFUNCTION, take_body) && SET(CURLOPT_WRITEDATA, request) &&
           SET(CURLOPT_HEADERFUNCTION, take_header) && SET(CURLOPT_HEADERDATA, request) &&
           SET(CURLOPT_ERRORBUFFER, request->error) && SET(CURLOPT_PRIVATE, request);
}

#undef SET

static void link_request(struct gj_sender *sender, struct request *request)
{
    request->next = sender->requests;
    if (request->next != NULL) {
        request->next->previous = request;
    }
    sender->requests = request;
}

static void unlink_request(struct gj_sender *sender, struct request *request)
{
    if (request->next != NULL) {
        request->next->previous = request->previous;
    }
    if (request->previous != NULL) {
        request->previous->next = request->next;
    } else {
        sender->requests = request->next;
    }
}

int gj_sender_post(struct gj_sender *sender, const char *url, const struct gj_buf *headers,
                   size_t count, struct gj_str body, void *context)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        return -1;
    }
    request->sender = sender;
    request->context = context;
    gj_buf_init(&request->sent);
    gj_buf_init(&request->body);
    gj_buf_add_str(&request->sent, body);
    if (request->sent.failed || set_headers(request, headers, count) != 0 ||
        (request->easy = curl_easy_init()) == NULL ||
        !set_limits(request->easy, &sender->settings) ||
        !set_request(request->easy, request, url) ||
        curl_multi_add_handle(sender->multi, request->easy) != CURLM_OK) {
        free_request(request);
        return -1;
    }
    link_request(sender, request);
    return 0;
}

/* ---- replies ---- */

static void read_reply(struct request *request, CURLcode code, struct gj_reply *reply)
{
    *reply = (struct gj_reply){
        .context = request->context, .cut = request->cut, .body = gj_buf_str(&request->body)};
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_off_t after = 0;
    if (curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK) {
        reply->retry_after = after;
    }
    if (code == CURLE_COULDNT_CONNECT && request->refused[0] != '\0') {
        reply->error = request->refused;
    } else if (code != CURLE_OK && !request->cut) {
        reply->error = request->error[0] != '\0' ? request->error : curl_easy_strerror(code);
    }
}

bool gj_sender_next(struct gj_sender *sender, struct gj_reply *reply)
{
    free_request(sender->told);
    sender->told = NULL;
    int left = 0;
    CURLMsg *message = NULL;
    do {
        message = curl_multi_info_read(sender->multi, &left);
    } while (message != NULL && message->msg != CURLMSG_DONE);
    if (message == NULL) {
        return false;
    }
    struct request *request = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
    read_reply(request, message->data.result, reply);
    unlink_request(sender, request);
    sender->told = request;
    return true;
}

void gj_sender_wait(struct gj_sender *sender, int ms)
{
    int running = 0;
    curl_multi_poll(sender->multi, NULL, 0, ms, NULL);
    curl_multi_perform(sender->multi, &running);
}

void gj_sender_wake(struct gj_sender *sender)
{
    curl_multi_wakeup(sender->multi);
}

struct gj_sender *gj_sender_new(const struct gj_sender_settings *settings)
{
    struct gj_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL) {
        return NULL;
    }
    sender->settings = *settings;
    sender->multi = curl_multi_init();
    if (sender->multi == NULL) {
        free(sender);
        return NULL;
    }
    return sender;
}

void gj_sender_free(struct gj_sender *sender)
{
    if (sender == NULL) {
        return;
    }
    free_request(sender->told);
    while (sender->requests != NULL) {
        struct request *request = sender->requests;
        unlink_request(sender, request);
        free_request(request);
    }
    curl_multi_cleanup(sender->multi);
    free(sender);
}
