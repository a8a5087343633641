/* Room wire: JSON in, by simdjson; the only C++ of the project. It walks simdjson's document into a
 * flat array of C nodes and refuses what the rest of the house must never meet. */
#include <simdjson.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "wire/json.h"

struct gj_json_parser {
    simdjson::dom::parser dom;
    std::vector<gj_json> nodes;
    std::vector<gj_str> keys; /* scratch: the keys of large objects, sorted */
    std::string why;
    bool fraction; /* some number of the document is no int64 */
};

namespace
{

using simdjson::dom::element;
using simdjson::dom::element_type;

gj_str str_of(std::string_view view)
{
    return gj_str{view.data(), view.size()};
}

bool less(const gj_str &a, const gj_str &b)
{
    return gj_str_compare(a, b) < 0;
}

/* Tells that `key` stands twice: as much of it as names it, for it may be as long as the input. */
bool refuse_key(gj_json_parser *parser, gj_str key)
{
    const size_t shown_max = 100; /* bytes */
    size_t shown = std::min(key.len, shown_max);
    while (shown > 0 && shown < key.len && (key.ptr[shown] & 0xC0) == 0x80) {
        shown--; /* never cut inside a character */
    }
    std::string name(key.ptr, shown);
    std::replace(name.begin(), name.end(), '\0', '?'); /* which would end the sentence */
    parser->why = "key \"" + name + (shown < key.len ? "..." : "") +
                  "\" stands twice in one object; keep one of them";
    return true;
}

/* Small objects are compared pair by pair, large ones sorted: never quadratic in hostile input. */
bool has_duplicate_key(gj_json_parser *parser, uint32_t first, uint32_t count)
{
    if (count <= 16) {
        for (uint32_t a = first; a != GJ_JSON_END; a = parser->nodes[a].next) {
            for (uint32_t b = parser->nodes[a].next; b != GJ_JSON_END; b = parser->nodes[b].next) {
                if (gj_str_eq(parser->nodes[a].key, parser->nodes[b].key)) {
                    return refuse_key(parser, parser->nodes[a].key);
                }
            }
        }
        return false;
    }
    parser->keys.clear();
    for (uint32_t at = first; at != GJ_JSON_END; at = parser->nodes[at].next) {
        parser->keys.push_back(parser->nodes[at].key);
    }
    std::sort(parser->keys.begin(), parser->keys.end(), less);
    for (size_t i = 1; i < parser->keys.size(); i++) {
        if (gj_str_eq(parser->keys[i - 1], parser->keys[i])) {
            return refuse_key(parser, parser->keys[i]);
        }
    }
    return false;
}

/* Appends `value` as a node; false with parser->why set when it is refused. */
bool walk(gj_json_parser *parser, element value, gj_str key, uint32_t *index);

template <typename Container, typename Value>
bool walk_children(gj_json_parser *parser, Container container, uint32_t parent, Value value_of)
{
    uint32_t last = GJ_JSON_END;
    for (auto item : container) {
        auto [key, value] = value_of(item);
        uint32_t at = 0;
        if (!walk(parser, value, key, &at)) {
            return false;
        }
        if (last == GJ_JSON_END) {
            parser->nodes[parent].first = at;
        } else {
            parser->nodes[last].next = at;
        }
        last = at;
        parser->nodes[parent].count++;
    }
    return true;
}

bool walk(gj_json_parser *parser, element value, gj_str key, uint32_t *index)
{
    *index = static_cast<uint32_t>(parser->nodes.size());
    parser->nodes.push_back(
        gj_json{GJ_JSON_NULL, 0, key, {nullptr, 0}, 0, GJ_JSON_END, GJ_JSON_END});
    gj_json &node = parser->nodes.back();
    switch (value.type()) {
    case element_type::NULL_VALUE:
        return true;
    case element_type::BOOL:
        node.kind = GJ_JSON_BOOL;
        node.integer = bool(value) ? 1 : 0;
        return true;
    case element_type::INT64:
        node.kind = GJ_JSON_INT;
        node.integer = int64_t(value);
        return true;
    case element_type::UINT64:
        parser->why = "a number is beyond 64 bits signed; send it as a string";
        return false;
    case element_type::DOUBLE:
        node.kind = GJ_JSON_DOUBLE;
        parser->fraction = true;
        return true;
    case element_type::STRING:
        node.kind = GJ_JSON_STRING;
        node.text = str_of(std::string_view(value));
        return true;
    case element_type::ARRAY:
        node.kind = GJ_JSON_ARRAY;
        return walk_children(parser, simdjson::dom::array(value), *index, [](element item) {
            return std::pair<gj_str, element>(gj_str{nullptr, 0}, item);
        });
    case element_type::OBJECT: {
        node.kind = GJ_JSON_OBJECT;
        uint32_t self = *index;
        bool walked = walk_children(parser, simdjson::dom::object(value), self, [](auto item) {
            return std::pair<gj_str, element>(str_of(item.key), item.value);
        });
        return walked &&
               !has_duplicate_key(parser, parser->nodes[self].first, parser->nodes[self].count);
    }
    }
    return true;
}

/* Gives each fraction its literal, which simdjson does not keep: numbers stand in the nodes in the
 * order in which they stand in the bytes, and outside strings nothing else has digits. */
void find_literals(gj_json_parser *parser, gj_str bytes)
{
    size_t at = 0;
    for (gj_json &node : parser->nodes) {
        if (node.kind != GJ_JSON_INT && node.kind != GJ_JSON_DOUBLE) {
            continue;
        }
        for (bool quoted = false;
             quoted || !(bytes.ptr[at] == '-' || (bytes.ptr[at] >= '0' && bytes.ptr[at] <= '9'));
             at++) {
            quoted ^= bytes.ptr[at] == '"';
            at += quoted && bytes.ptr[at] == '\\';
        }
        size_t start = at;
        while (at < bytes.len && bytes.ptr[at] != '\0' &&
               strchr("+-.0123456789Ee", bytes.ptr[at]) != nullptr) {
            at++;
        }
        if (node.kind == GJ_JSON_DOUBLE) {
            node.text = gj_str{bytes.ptr + start, at - start};
        }
    }
}

const char *reason(simdjson::error_code error)
{
    switch (error) {
    case simdjson::DEPTH_ERROR:
        return "it is nested deeper than 64 levels; flatten it";
    case simdjson::UTF8_ERROR:
        return "it is not valid UTF-8; save it as UTF-8";
    case simdjson::STRING_ERROR:
        return "a string holds a bad escape or a lone surrogate; write the character itself";
    case simdjson::UNESCAPED_CHARS:
        return "a string holds a raw control character; write it as \\u00XX";
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed; add the missing \"";
    case simdjson::EMPTY:
        return "it is empty; one JSON object is expected";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed or beyond 64 bits signed; send it as a string";
    case simdjson::CAPACITY:
        return "it is too large";
    case simdjson::MEMALLOC:
        return GJ_JSON_NO_MEMORY;
    default:
        return "it is not JSON; one complete JSON object is expected on a line";
    }
}

} // namespace

gj_json_parser *gj_json_parser_new(void)
{
    try {
        return new gj_json_parser();
    } catch (...) {
        return nullptr;
    }
}

void gj_json_parser_free(gj_json_parser *parser)
{
    delete parser;
}

const gj_json *gj_json_parse(gj_json_parser *parser, gj_str bytes, size_t padding, const char **why)
try {
    parser->nodes.clear();
    parser->fraction = false;
    if (bytes.len == 0) {
        *why = reason(simdjson::EMPTY);
        return nullptr;
    }
    if (parser->dom.max_depth() != GJ_JSON_DEPTH_MAX || parser->dom.capacity() < bytes.len) {
        size_t capacity = std::max<size_t>(bytes.len, 4096);
        auto error = parser->dom.allocate(capacity, GJ_JSON_DEPTH_MAX);
        if (error) {
            *why = reason(error);
            return nullptr;
        }
    }
    element root;
    auto error = parser->dom.parse(bytes.ptr, bytes.len, padding < GJ_JSON_PAD).get(root);
    if (error) {
        *why = reason(error);
        return nullptr;
    }
    uint32_t index = 0;
    if (!walk(parser, root, gj_str{nullptr, 0}, &index)) {
        *why = parser->why.c_str();
        return nullptr;
    }
    if (parser->fraction) {
        find_literals(parser, bytes);
    }
    return &parser->nodes[index];
} catch (const std::bad_alloc &) {
    *why = GJ_JSON_NO_MEMORY;
    return nullptr;
}

const gj_json *gj_json_first(const gj_json_parser *parser, const gj_json *of)
{
    return of->first == GJ_JSON_END ? nullptr : &parser->nodes[of->first];
}

const gj_json *gj_json_next(const gj_json_parser *parser, const gj_json *of)
{
    return of->next == GJ_JSON_END ? nullptr : &parser->nodes[of->next];
}

bool gj_json_is_utf8(gj_str s)
{
    return simdjson::validate_utf8(s.ptr, s.len);
}
