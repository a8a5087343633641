/* Room text: tokens of letters and digits: waybills by their carrier's letters, and accounts.
 *
 * A token is a maximal run of a-z 0-9 _ - (folded). An ID is a token of 5 to 20 with a letter, save
 *   - common words and brand names (weixin is the channel, not the account), laughter, runs
 *   - quantities: digits and units (128gb, 50x50cm, 20000mah)
 *   - models: tokens that begin like one (iphone15pro, rtx4090, ddr4-3200)
 * Rules ask for an ID near a contact word, so the rest may be generous. */
#include "text/finder.h"

enum { TOKEN_MIN = 5, TOKEN_MAX = 20, TOKEN_READ_MAX = 40 };

struct token {
    uint32_t first, last; /* units */
    char text[TOKEN_READ_MAX + 1];
    unsigned len, letters, digits;
    bool hyphen;
    bool sticker; /* #E-s21: JD's code of a picture */
    bool stem;    /* a full stop and a letter follow: the name of a file */
};

/* Sorted within a line only for the reader. */
static const char *const words[] = {
    "about",       "after",     "again",    "airpods",   "alipay",    "android",   "apple",
    "adidas",      "asics",     "baidu",    "black",     "bluetooth", "brand",     "buyer",
    "canon",       "check",     "coach",    "color",     "colour",    "coupon",    "default",
    "douyin",      "email",     "emmmm",    "error",     "excel",     "express",   "false",
    "first",       "gmail",     "google",   "great",     "green",     "hello",     "house",
    "https",       "huawei",    "image",    "iphone",    "jingdong",  "kuaishou",  "large",
    "lenovo",      "level",     "light",    "linux",     "login",     "macbook",   "mailto",
    "medium",      "message",   "model",    "monday",    "music",     "nikon",     "never",
    "number",      "office",    "offline",  "okokok",    "online",    "order",     "other",
    "outlook",     "panasonic", "password", "phone",     "photo",     "photoshop", "pinduoduo",
    "please",      "price",     "promax",   "qqqun",     "qqhao",     "quality",   "return",
    "reply",       "right",     "samsung",  "seller",    "server",    "service",   "shift",
    "skype",       "small",     "sorry",    "start",     "steam",     "style",     "system",
    "taobao",      "telegram",  "thank",    "thanks",    "there",     "tiktok",    "tmall",
    "today",       "total",     "uniqlo",   "update",    "upload",    "vivox",     "video",
    "vxhao",       "wechat",    "weibo",    "weixin",    "weixinhao", "whatsapp",  "where",
    "white",       "width",     "windows",  "wordpress", "world",     "wrong",     "xiaomi",
    "xiaohongshu", "yahoo",     "youtube",  "zhifubao",  "zhihu",
};

/* Two-letter prefixes need a digit behind them: see is_model. */
static const char *const models[] = {
    "iphone",    "ipad",       "imac",   "macbook",  "airpods", "applewatch", "redmi",   "mi",
    "huawei",    "honor",      "mate",   "nova",     "galaxy",  "vivo",       "oppo",    "reno",
    "realme",    "oneplus",    "xiaomi", "rtx",      "gtx",     "ddr",        "usb",     "typec",
    "type-c",    "hdmi",       "core",   "ryzen",    "intel",   "win",        "windows", "macos",
    "android",   "ios",        "ps",     "xbox",     "switch",  "sata",       "nvme",    "pcie",
    "bluetooth", "wifi",       "cat",    "gen",      "ver",     "ip",         "iso",     "gb",
    "en",        "pro",        "max",    "type",     "no",      "mp",         "dp",      "lpddr",
    "emui",      "snapdragon", "kindle", "thinkpad", "surface", "canon",      "nikon",   "sony",
    "spf",       "pm",         "uv",
};

static const char *const units[] = {
    "mm",     "cm",  "dm",   "km",  "m",    "ml",    "cl",  "dl",   "l",   "kg",     "mg",   "ug",
    "g",      "mah", "ah",   "wh",  "kwh",  "kw",    "mw",  "w",    "kv",  "v",      "ma",   "a",
    "gb",     "tb",  "mb",   "kb",  "g",    "t",     "k",   "b",    "hz",  "khz",    "mhz",  "ghz",
    "fps",    "dpi", "ppi",  "nm",  "um",   "px",    "p",   "inch", "in",  "ft",     "pcs",  "pc",
    "pieces", "day", "days", "h",   "hour", "hours", "min", "mins", "s",   "sec",    "rmb",  "yuan",
    "usd",    "x",   "xl",   "xxl", "xxxl", "xs",    "l",   "pro",  "max", "promax", "plus", "mini",
    "ultra",  "air", "se",   "dpi", "rpm",  "bar",   "pa",  "kpa",  "mpa", "db",     "lm",   "lux",
    "d",      "s",   "st",   "nd",  "rd",   "th",
};

static bool is_token_unit(const struct gj_unit *unit)
{
    uint32_t cp = unit->cp;
    return gj_is_alnum(cp) || cp == '_' || cp == '-';
}

/* Reads the token at `unit`, trimmed of - and _; returns the unit behind it. */
static uint32_t read_token(const struct gj_finder *f, uint32_t unit, struct token *token)
{
    uint32_t end = unit;
    while (end < gj_finder_count(f) && is_token_unit(&f->text->units[end])) {
        end++;
    }
    uint32_t last = end;
    while (unit < last && !gj_is_alnum(gj_cp_at(f, unit))) {
        unit++;
    }
    while (last > unit && !gj_is_alnum(gj_cp_at(f, last - 1))) {
        last--;
    }
    *token = (struct token){.first = unit, .last = last - 1};
    token->sticker = gj_cp_at(f, unit - 1) == '#' && gj_cp_at(f, unit + 1) == '-';
    token->stem = gj_cp_at(f, end) == '.' && gj_is_ascii_letter(gj_cp_at(f, end + 1));
    for (uint32_t i = unit; i < last && token->len < TOKEN_READ_MAX; i++) {
        uint32_t cp = gj_cp_at(f, i);
        token->text[token->len++] = (char)cp;
        token->letters += gj_is_ascii_letter(cp);
        token->digits += gj_is_ascii_digit(cp);
        token->hyphen = token->hyphen || cp == '-';
    }
    return end;
}

static size_t letters_at(const char *text)
{
    size_t n = 0;
    while (gj_is_ascii_letter((uint32_t)(unsigned char)text[n])) {
        n++;
    }
    return n;
}

static size_t digits_at(const char *text)
{
    size_t n = 0;
    while (gj_is_ascii_digit((uint32_t)(unsigned char)text[n])) {
        n++;
    }
    return n;
}

static bool is_one_of(const char *text, size_t len, const char *const *list, size_t count)
{
    struct gj_str wanted = {text, len};
    for (size_t i = 0; i < count; i++) {
        if (list[i][0] == text[0] && gj_str_is(wanted, list[i])) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(text, len, list) is_one_of(text, len, list, sizeof(list) / sizeof(list)[0])

/* ---- waybills ---- */

static bool is_carrier(const char *text, size_t letters)
{
    static const char *const carriers[] = {
        "sf",  "yt",   "yto", "zt", "zto", "st",    "sto",  "jt",  "jtsd",
        "ht",  "htky", "bs",  "tt", "yd",  "yunda", "db",   "dpk", "dpl",
        "dpn", "ky",   "kye", "lp", "ems", "ane",   "best", "jdl",
    };
    bool jd = letters >= 2 && letters <= 4 && text[0] == 'j' && text[1] == 'd';
    return jd || IS_ONE_OF(text, letters, carriers);
}

/* sf1234567890123, jdvb01234567890-1-1-, ea123456789cn */
static bool is_waybill(const struct token *token)
{
    size_t letters = letters_at(token->text);
    size_t digits = digits_at(token->text + letters);
    const char *rest = token->text + letters + digits;
    bool parcels = true; /* -1-1: parcel of parcels */
    for (const char *at = rest; *at != '\0'; at++) {
        parcels = parcels && (*at == '-' || gj_is_ascii_digit((uint32_t)(unsigned char)*at));
    }
    if (letters == 2 && digits == 9 && letters_at(rest) == 2 && rest[2] == '\0') {
        return true; /* the Universal Postal Union's S10 */
    }
    return digits >= 9 && digits <= 18 && parcels && is_carrier(token->text, letters);
}

/* ---- IDs ---- */

/* Letters of at most two kinds: hahaha, xxxxx. */
static bool is_babble(const struct token *token)
{
    char kinds[2] = {token->text[0], token->text[0]};
    for (unsigned i = 1; i < token->len; i++) {
        char c = token->text[i];
        if (c != kinds[0] && c != kinds[1]) {
            if (kinds[1] != kinds[0]) {
                return false;
            }
            kinds[1] = c;
        }
    }
    return true;
}

/* Digits and units in turn: 12gb256gb, 50x50cm, 1080p, 5-8days. */
static bool is_quantity(const char *text)
{
    if (digits_at(text) == 0) {
        return false;
    }
    while (*text != '\0') {
        text += digits_at(text);
        text += *text == '-';
        size_t letters = letters_at(text);
        if (letters > 0 && !IS_ONE_OF(text, letters, units)) {
            return false;
        }
        text += letters;
        if (*text == '_') {
            return false;
        }
    }
    return true;
}

/* A model's name, then few digits: no model has five digits running, an account may. */
static bool is_model(const char *text)
{
    size_t letters = letters_at(text);
    const char *rest = text + letters;
    bool hyphen = *rest == '-';
    size_t digits = digits_at(rest + hyphen);
    if (strncmp(text, "type-c", 6) == 0) {
        return true;
    }
    return digits >= 1 && digits <= 4 && IS_ONE_OF(text, letters, models);
}

static bool is_id(const struct token *token)
{
    if (token->len < TOKEN_MIN || token->len > TOKEN_MAX || token->letters == 0 || token->sticker) {
        return false;
    }
    if (token->digits == 0) {
        return token->letters >= TOKEN_MIN && !token->hyphen && !token->stem && !is_babble(token) &&
               !IS_ONE_OF(token->text, token->len, words);
    }
    return !is_quantity(token->text) && !is_model(token->text);
}

/* qq502348089: letters of the channel, then the account. Drops them from the token, so that the
 * rule finds the word and the ID apart. */
static void drop_channel(struct token *token)
{
    static const char *const channels[] = {"qq",   "q",      "vx",     "wx",    "v",
                                           "vxin", "weixin", "wechat", "qqqun", "tel"};
    size_t letters = letters_at(token->text);
    size_t digits = digits_at(token->text + letters);
    bool whole = letters + digits == token->len && digits >= 5 && digits <= 11;
    if (whole && letters > 0 && IS_ONE_OF(token->text, letters, channels)) {
        token->first += (uint32_t)letters;
    }
}

static void find_tokens(struct gj_finder *f, bool (*wanted)(const struct token *),
                        enum gj_extract_kind kind)
{
    uint32_t count = gj_finder_count(f);
    struct token token;
    for (uint32_t unit = 0; unit < count;) {
        if (!gj_is_alnum(f->text->units[unit].cp)) {
            unit++;
            continue;
        }
        uint32_t end = read_token(f, unit, &token);
        bool whole = token.last - token.first < TOKEN_READ_MAX;
        if (whole && wanted(&token) && !gj_finder_taken(f, token.first, token.last)) {
            drop_channel(&token);
            gj_finder_add(f, kind, token.first, token.last, false);
        }
        unit = end;
    }
}

void gj_find_waybills(struct gj_finder *f)
{
    find_tokens(f, is_waybill, GJ_X_WAYBILL);
}

void gj_find_ids(struct gj_finder *f)
{
    find_tokens(f, is_id, GJ_X_ID);
}
