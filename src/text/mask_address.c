/* Room text: where an address lies in a text (see mask.h).
 *
 * No gazetteer: an address is known by its detail. A *part* is a number with what it counts (138号,
 * 3栋, 2单元, 501室). Parts are an address when a road or an estate stands right before them
 * (文三路138号, 幸福小区3栋), or when several that only houses have follow one another
 * (3栋2单元501); without parts, when the levels city, county and street follow one another, or a
 * road, an estate or a village is named behind 地址. What is hidden begins behind province and
 * city. */
#include <uchar.h>

#include "text/mask.h"

#define NAME_MAX   12 /* characters of a name before its 路, 小区 ... */
#define REGION_MAX 30 /* characters between a city and the detail */
#define PARTS_MAX  12 /* of one address; keeps this linear */
#define GAP_MAX    12 /* characters between two parts of one address */

static const char32_t *const roads[] = {U"大道", U"胡同", U"路",   U"街",   U"巷",
                                        U"弄",   U"大街", U"环路", U"公路", NULL};
static const char32_t *const no_roads[] = {U"在路", U"顺路", U"半路", U"一路", U"这条路", U"那条路",
                                           U"网路", U"走路", U"上街", U"逛街", U"过路",   U"线路",
                                           U"道路", U"链路", U"电路", U"思路", NULL};
static const char32_t *const estates[] = {
    U"小区",   U"花园",   U"公寓",   U"大厦",   U"广场", U"新村", U"家园", U"宿舍", U"苑",
    U"工业园", U"软件园", U"产业园", U"科技园", U"大学", U"学院", U"中学", U"小学", U"医院",
    U"写字楼", U"社区",   U"嘉园",   U"山庄",   U"庄园", U"里弄", NULL};
static const char32_t *const towns[] = {U"街道", U"镇", U"乡", U"村", NULL};
static const char32_t *const counties[] = {U"区", U"县", U"旗", NULL};
static const char32_t *const counties_not[] = {U"小区", U"社区", U"地区", U"专区",
                                               U"市区", U"园区", U"景区", NULL};
static const char32_t *const cities_not[] = {U"超市", U"门市", U"城市", U"股市", U"都市",
                                             U"上市", U"夜市", U"菜市", NULL};
/* provinces one after another, by their last two characters */
static const char32_t provinces[] =
    U"北京天津上海重庆河北山西辽宁吉林龙江江苏浙江安徽福建江西山东河南湖北"
    U"湖南广东海南四川贵州云南陕西甘肃青海台湾蒙古广西西藏宁夏新疆香港澳门";
static const char32_t *const house_parts[] = {U"号楼", U"号院", U"栋", U"幢", U"单元", NULL};
static const char32_t *const other_parts[] = {U"号", U"室", U"弄", U"楼", U"层", U"组", U"队",
                                              U"门", U"户", U"房", U"座", U"铺", NULL};
static const char32_t *const cues[] = {U"地址", U"住址", U"收货地", U"家住", NULL};
static const char32_t *const regions[] = {U"自治区", U"自治州", NULL};
/* before a name: not of it */
static const char32_t stops[] =
    U"在到是址寄送往给为成发去从把改换的了我你您他她收于来至就和或请帮住";

/* ---- characters and words ---- */

static bool is_han(uint32_t cp)
{
    return cp >= 0x3400 && cp <= 0x9FFF;
}

static bool is_letter(uint32_t cp)
{
    return cp >= 'a' && cp <= 'z';
}

static bool is_number(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || gj_text_digit(cp) >= 0 || cp == U'十' || cp == U'百';
}

static bool is_stop(uint32_t cp)
{
    for (size_t i = 0; stops[i] != 0; i++) {
        if (stops[i] == cp) {
            return true;
        }
    }
    return false;
}

static size_t length(const char32_t *word)
{
    size_t len = 0;
    while (word[len] != 0) {
        len++;
    }
    return len;
}

struct place {
    const uint32_t *cps;
    size_t count;
};

static bool spells(struct place p, size_t at, const char32_t *word)
{
    for (; *word != 0; word++, at++) {
        if (at >= p.count || p.cps[at] != *word) {
            return false;
        }
    }
    return true;
}

/* The length of the longest of `list` that begins at `at`, or ends before `end`; 0: none. */
static size_t begins(struct place p, size_t at, const char32_t *const *list)
{
    size_t best = 0;
    for (; *list != NULL; list++) {
        size_t len = length(*list);
        best = len > best && spells(p, at, *list) ? len : best;
    }
    return best;
}

static size_t ends(struct place p, size_t end, const char32_t *const *list)
{
    size_t best = 0;
    for (; *list != NULL; list++) {
        size_t len = length(*list);
        best = len > best && len <= end && spells(p, end - len, *list) ? len : best;
    }
    return best;
}

/* ---- parts ---- */

/* The end of a part that begins at `at`, or `at`. *house: only houses have such. */
static size_t part_end(struct place p, size_t at, bool *house)
{
    size_t end = at, digits = 0;
    while (end < p.count && end - at < 6 && (is_number(p.cps[end]) || is_letter(p.cps[end]))) {
        digits += is_number(p.cps[end++]);
    }
    if (end == at || (digits == 0 && end - at > 1)) {
        return at;
    }
    size_t word = begins(p, end, house_parts);
    *house = word > 0;
    if (word == 0) {
        word = begins(p, end, other_parts);
        bool room = word > 0 && p.cps[end] == U'室';
        if (room && end + 1 < p.count && p.cps[end + 1] == U'厅') { /* 三室两厅 */
            return at;
        }
        *house = room && digits >= 3;
    }
    bool bare_letter = digits == 0 && !*house && (word == 0 || p.cps[end] != U'座');
    return word == 0 || bare_letter ? at : end + word;
}

/* A run of parts that belong together. */
struct parts {
    size_t end; /* behind the last; the first's beginning when there is none */
    size_t count, houses;
};

static struct parts read_parts(struct place p, size_t at)
{
    struct parts parts = {at, 0, 0};
    size_t gap = 0;
    while (parts.end + gap < p.count && gap <= GAP_MAX && parts.count < PARTS_MAX) {
        bool house = false;
        size_t begin = parts.end + gap, end = part_end(p, begin, &house);
        /* the first stands at `at`; between others a name may stand */
        bool more = end > begin && (begin == 0 || !is_number(p.cps[begin - 1]));
        if (more) {
            parts.end = end;
            parts.count++;
            parts.houses += house;
            gap = 0;
        } else if (parts.count == 0 ||
                   !(is_han(p.cps[begin]) || is_number(p.cps[begin]) || is_letter(p.cps[begin])) ||
                   is_stop(p.cps[begin])) {
            break;
        } else {
            gap++;
        }
    }
    size_t room = 0; /* 3栋2单元501 */
    while (parts.count > 0 && parts.end + room < p.count && p.cps[parts.end + room] >= '0' &&
           p.cps[parts.end + room] <= '9') {
        room++;
    }
    if (room >= 2 && room <= 4) {
        parts.end += room;
        parts.count += parts.houses > 0;
        parts.houses += parts.houses > 0;
    }
    return parts;
}

/* ---- what stands before ---- */

/* Where a name that ends before `end` may begin. */
static size_t name_begin(struct place p, size_t end)
{
    size_t begin = end;
    while (
        begin > 0 && end - begin < NAME_MAX &&
        (is_han(p.cps[begin - 1]) || is_number(p.cps[begin - 1]) || is_letter(p.cps[begin - 1])) &&
        !is_stop(p.cps[begin - 1])) {
        begin--;
    }
    return begin;
}

/* A road or an estate with a name, of which `end` is the end: where its word begins, or `end`. */
static size_t named_place(struct place p, size_t end)
{
    size_t word = ends(p, end, roads);
    if (word > 0 && ends(p, end, no_roads) > 0) {
        word = 0;
    }
    size_t estate = ends(p, end, estates);
    word = estate > word ? estate : word;
    return word > 0 && end - word > name_begin(p, end - word) ? end - word : end;
}

static bool is_province_end(struct place p, size_t end)
{
    size_t at = 0;
    while (end > 1 && provinces[at] != 0 &&
           (provinces[at + 1] != p.cps[end - 1] || provinces[at] != p.cps[end - 2])) {
        at += 2;
    }
    return end > 1 && provinces[at] != 0;
}

/* Whether province or city end before `end`. */
static bool is_region_end(struct place p, size_t end)
{
    uint32_t last = p.cps[end - 1], next = end < p.count ? p.cps[end] : 0;
    if (last == U'市') {
        bool other = next == U'场' || next == U'民' || next == U'里' || next == U'中' ||
                     next == U'政' || next == U'面' || next == U'区' || next == U'价';
        return end > 2 && !other && ends(p, end, cities_not) == 0 && is_han(p.cps[end - 2]) &&
               is_han(p.cps[end - 3]);
    }
    if (last == U'省') {
        return is_province_end(p, end - 1);
    }
    if ((last == U'区' || last == U'州') && ends(p, end, regions) > 0) {
        return true;
    }
    return is_province_end(p, end) && next != U'省' && next != U'市' && next != U'路' &&
           next != U'街' && next != U'东' && next != U'西' && next != U'南' && next != U'北';
}

/* Where what is to be hidden begins: behind the city before `anchor`, where the detail is known to
 * be; else with the name that ends at `anchor`. */
static size_t detail_begin(struct place p, size_t anchor)
{
    for (size_t end = anchor; end > 0 && anchor - end < REGION_MAX && p.cps[end - 1] > 0x7F;
         end--) {
        if (is_region_end(p, end)) {
            return end;
        }
    }
    return name_begin(p, anchor);
}

/* ---- levels: city, county, street ---- */

/* City, county and street follow one another from `at`, where the city ends: the end of the last
 * level, or 0. */
static size_t levels_end(struct place p, size_t at)
{
    bool county = false;
    size_t found = 0;
    for (size_t end = at + 2; end <= p.count && end - at <= REGION_MAX; end++) {
        if (!is_han(p.cps[end - 1])) {
            break;
        }
        if (!county && ends(p, end, counties) > 0 && ends(p, end, counties_not) == 0) {
            county = true;
        } else if (county && (ends(p, end, towns) > 0 || ends(p, end, roads) > 0 ||
                              ends(p, end, estates) > 0)) {
            found = end;
        }
    }
    return found;
}

/* A named place behind 地址: the end of the last in its clause, or 0. */
static size_t cued_end(struct place p, size_t at)
{
    size_t found = 0;
    while (at < p.count && (p.cps[at] == ':' || is_stop(p.cps[at]))) {
        at++;
    }
    for (size_t end = at + 1; end <= p.count && end - at <= REGION_MAX; end++) {
        if (!is_han(p.cps[end - 1]) && !is_number(p.cps[end - 1]) && !is_letter(p.cps[end - 1])) {
            break;
        }
        size_t word = named_place(p, end);
        bool town = ends(p, end, towns) > 0 && name_begin(p, end) + 3 <= end;
        found = (word < end && word >= at + 2) || town ? end : found;
    }
    return found;
}

/* ---- the whole ---- */

/* An address known by what stands at `at`: 0 or its end; *anchor: where its detail is. */
static size_t address_at(struct place p, size_t at, size_t *anchor)
{
    *anchor = at;
    bool fresh = at == 0 || !(is_number(p.cps[at - 1]) || is_letter(p.cps[at - 1]));
    if (fresh && (is_number(p.cps[at]) || is_letter(p.cps[at]))) {
        struct parts parts = read_parts(p, at);
        bool named = at > 0 && named_place(p, at) < at;
        bool village = at > 2 && p.cps[at - 1] == U'村' && name_begin(p, at) + 3 <= at;
        bool known = parts.count > 0 && (named || village || parts.houses >= 2);
        return known ? parts.end : 0;
    }
    size_t end = at > 1 && is_region_end(p, at) ? levels_end(p, at) : 0;
    size_t cue = end > 0 ? 0 : begins(p, at, cues);
    end = cue > 0 ? cued_end(p, at + cue) : end;
    *anchor = end;
    return end;
}

bool gj_mask_address(const uint32_t *cps, size_t count, size_t at, size_t *first, size_t *end)
{
    struct place p = {cps, count};
    for (size_t from = at; at < count; at++) {
        size_t anchor, found = address_at(p, at, &anchor);
        if (found == 0) {
            continue;
        }
        size_t begin = detail_begin(p, anchor);
        struct parts more = read_parts(p, found); /* levels may have parts behind them */
        *first = begin > from ? begin : from;
        *end = more.count > 0 ? more.end : found;
        return true;
    }
    return false;
}

size_t gj_mask_city_end(const uint32_t *cps, size_t count)
{
    struct place p = {cps, count};
    size_t found = 0;
    for (size_t end = 2; end <= count && end <= REGION_MAX && is_han(cps[end - 1]); end++) {
        if (is_region_end(p, end)) {
            found = end;
        }
    }
    return found;
}
