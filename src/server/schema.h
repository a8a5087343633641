/* Room server: JSON Schemas of what is sent and answered, for the table of routes (api.c). They say
 * what is really there: tests/server_read.js holds every answer against them. */
#ifndef GJ_SERVER_SCHEMA_H
#define GJ_SERVER_SCHEMA_H

/* A property a line. */
/* clang-format off */
#define S_STRING "{\"type\":\"string\"}"
#define S_INTEGER "{\"type\":\"integer\"}"
#define S_BOOLEAN "{\"type\":\"boolean\"}"
#define S_OBJECT "{\"type\":\"object\"}"
#define S_TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define S_LIST(items) "{\"type\":\"array\",\"items\":" items "}"

/* S_OF("\"a\",\"b\"", S_P("a", S_STRING) S_END("b", S_INTEGER)): what is required, and all there
 * is. */
#define S_OF(required, properties) \
    "{\"type\":\"object\",\"required\":[" required "],\"properties\":{" properties "}}"
#define S_END(name, schema) "\"" name "\":" schema
#define S_P(name, schema) S_END(name, schema) ","
#define S_PAGE(items) \
    S_OF("\"items\",\"next\"", \
         S_P("items", S_LIST(items)) \
         S_END("next", "{\"type\":[\"string\",\"null\"]}"))

#define S_SUBJECT \
    S_OF("\"kind\",\"id\"", \
         S_P("kind", S_STRING) \
         S_END("id", S_STRING))

#define S_THEN \
    S_OF("\"rule\",\"findings\",\"fine_fen\",\"serious\",\"general\",\"certain\"," \
         "\"open\"", \
         S_P("rule", S_STRING) \
         S_P("title", S_STRING) \
         S_P("severity", S_STRING) \
         S_P("findings", S_INTEGER) \
         S_P("fine_fen", S_INTEGER) \
         S_P("serious", S_INTEGER) \
         S_P("general", S_INTEGER) \
         S_P("measures", S_STRING) \
         S_P("certain", S_BOOLEAN) \
         S_END("open", S_BOOLEAN))

#define S_DEADLINE \
    S_OF("\"source\",\"kind\",\"id\",\"flow\",\"title\",\"name\",\"since\",\"at\"," \
         "\"left_s\",\"state\",\"state_title\"", \
         S_P("source", S_STRING) \
         S_P("kind", S_STRING) \
         S_P("id", S_STRING) \
         S_P("flow", S_STRING) \
         S_P("title", S_STRING) \
         S_P("name", S_STRING) \
         S_P("since", S_TIME) \
         S_P("at", S_TIME) \
         S_P("left_s", S_INTEGER) \
         S_P("state", S_STRING) \
         S_P("state_title", S_STRING) \
         S_P("to", S_STRING) \
         S_P("to_title", S_STRING) \
         S_P("rule", S_STRING) \
         S_P("clause", S_STRING) \
         S_END("then", S_THEN))

#define S_DISTANCE \
    S_OF("\"of\",\"count\"", \
         S_P("of", S_STRING) \
         S_P("count", S_INTEGER) \
         S_END("what", S_STRING))

#define S_METRIC \
    S_OF("\"source\",\"metric\",\"title\",\"step\",\"from\",\"to\",\"history\"," \
         "\"running\",\"numerator\",\"denominator\",\"value_bp\",\"breach\"", \
         S_P("source", S_STRING) \
         S_P("metric", S_STRING) \
         S_P("title", S_STRING) \
         S_P("clause", S_STRING) \
         S_P("product", S_STRING) \
         S_P("step", S_INTEGER) \
         S_P("from", S_TIME) \
         S_P("to", S_TIME) \
         S_P("history", S_BOOLEAN) \
         S_P("running", S_BOOLEAN) \
         S_P("numerator", S_INTEGER) \
         S_P("denominator", S_INTEGER) \
         S_P("value_bp", "{\"type\":[\"integer\",\"null\"]}") \
         S_P("breach", S_BOOLEAN) \
         S_P("threshold", S_OBJECT) \
         S_P("distance", S_DISTANCE) \
         S_P("lasting", S_INTEGER) \
         S_END("then", S_THEN))

#define S_LEDGER \
    S_OF("\"source\",\"id\",\"entry\",\"at\",\"account\",\"amount\",\"unit\"", \
         S_P("source", S_STRING) \
         S_P("id", S_INTEGER) \
         S_P("entry", S_STRING) \
         S_P("at", S_TIME) \
         S_P("rule", S_STRING) \
         S_P("title", S_STRING) \
         S_P("account", S_STRING) \
         S_P("amount", S_INTEGER) \
         S_P("unit", "{\"enum\":[\"fen\",\"points\"]}") \
         S_P("class", S_STRING) \
         S_END("reverses", S_STRING))

#define S_MEASURE \
    S_OF("\"source\",\"rule\",\"subject\",\"what\",\"from\"", \
         S_P("source", S_STRING) \
         S_P("rule", S_STRING) \
         S_P("title", S_STRING) \
         S_P("subject", S_SUBJECT) \
         S_P("what", S_STRING) \
         S_P("from", S_TIME) \
         S_END("to", S_TIME))

#define S_SHOP \
    S_OF("\"source\",\"platform\",\"id\"", \
         S_P("source", S_STRING) \
         S_P("platform", S_STRING) \
         S_P("id", S_STRING) \
         S_END("now", S_TIME))

#define S_ENTITY \
    S_OF("\"source\",\"kind\",\"id\"", \
         S_P("source", S_STRING) \
         S_P("kind", S_STRING) \
         S_END("id", S_STRING))

#define S_ENTITY_WHOLE \
    S_OF("\"source\",\"kind\",\"id\",\"states\",\"fields\",\"entities\"," \
         "\"deadlines\",\"findings\",\"ledger\",\"measures\",\"now\",\"history\"," \
         "\"corrections\",\"besides\"", \
         S_P("source", S_STRING) \
         S_P("kind", S_STRING) \
         S_P("id", S_STRING) \
         S_P("states", S_OBJECT) \
         S_P("fields", S_OBJECT) \
         S_P("entities", S_LIST(S_OBJECT)) \
         S_P("deadlines", S_LIST(S_OBJECT)) \
         S_P("findings", S_LIST(S_OBJECT)) \
         S_P("ledger", S_LIST(S_OBJECT)) \
         S_P("measures", S_LIST(S_OBJECT)) \
         S_P("now", S_TIME) \
         S_P("history", S_LIST(S_OBJECT)) \
         S_P("corrections", S_LIST(S_OBJECT)) \
         S_END("besides", S_LIST(S_OBJECT)))

#define S_DECISION \
    S_OF("\"id\",\"source\",\"cases\"", \
         S_P("id", S_STRING) \
         S_P("source", S_STRING) \
         S_P("late", S_BOOLEAN) \
         S_END("cases", S_LIST(S_OBJECT)))

#define S_DETAIL \
    S_OF("\"name\",\"text\"", \
         S_P("name", S_STRING) \
         S_END("text", S_STRING))

#define S_CITATION \
    S_OF("\"source\",\"title\"", \
         S_P("source", S_STRING) \
         S_P("title", S_STRING) \
         S_P("place", S_STRING) \
         S_END("date", S_STRING))

#define S_RULE \
    S_OF("\"kind\",\"id\",\"details\",\"citations\",\"covers\",\"tests\"," \
         "\"file\",\"line\"", \
         S_P("kind", S_STRING) \
         S_P("id", S_STRING) \
         S_P("title", S_STRING) \
         S_P("category", S_STRING) \
         S_P("suggest", S_STRING) \
         S_P("severity", S_STRING) \
         S_P("situation", S_STRING) \
         S_P("reply", S_STRING) \
         S_P("applies", S_STRING) \
         S_P("when", S_STRING) \
         S_P("from", S_STRING) \
         S_P("until", S_STRING) \
         S_P("details", S_LIST(S_DETAIL)) \
         S_P("citations", S_LIST(S_CITATION)) \
         S_P("covers", S_LIST(S_STRING)) \
         S_P("tests", S_INTEGER) \
         S_P("file", S_STRING) \
         S_END("line", S_INTEGER))

#define S_SAID \
    S_OF("\"act\",\"by\",\"at\"", \
         S_P("act", "{\"enum\":[\"review\",\"appeal\",\"decide\"]}") \
         S_P("verdict", S_STRING) \
         S_P("note", S_STRING) \
         S_P("ruling", S_OBJECT) \
         S_P("by", S_STRING) \
         S_END("at", S_TIME))

#define S_FINDING \
    S_OF("\"source\",\"id\",\"rule\",\"at\",\"subject\",\"severity\",\"booked\"," \
         "\"state\",\"said\"", \
         S_P("source", S_STRING) \
         S_P("id", S_INTEGER) \
         S_P("rule", S_STRING) \
         S_P("title", S_STRING) \
         S_P("clause", S_STRING) \
         S_P("at", S_TIME) \
         S_P("subject", S_SUBJECT) \
         S_P("agent_id", S_STRING) \
         S_P("severity", S_STRING) \
         S_P("because", S_STRING) \
         S_P("booked", S_BOOLEAN) \
         S_P("withdrawn", S_BOOLEAN) \
         S_P("at_risk", S_THEN) \
         S_P("state", "{\"enum\":[\"open\",\"appealed\",\"decided\"]}") \
         S_END("said", S_LIST(S_SAID)))

#define S_RULEBOOK \
    S_OF("\"hash\",\"dir\",\"since\",\"number\",\"entries\"", \
         S_P("hash", S_STRING) \
         S_P("dir", S_STRING) \
         S_P("since", S_TIME) \
         S_P("number", S_INTEGER) \
         S_END("entries", S_OBJECT))

#define S_FILES "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"string\",\"null\"]}}"

#define S_CHANGE \
    S_OF("", \
         S_P("files", S_FILES) \
         S_P("reload", S_BOOLEAN) \
         S_END("reset", S_BOOLEAN))

#define S_TRIAL \
    S_OF("", \
         S_P("files", S_FILES) \
         S_END("days", S_INTEGER))

#define S_FIGURE \
    S_OF("\"numerator\",\"denominator\"", \
         S_P("numerator", S_INTEGER) \
         S_END("denominator", S_INTEGER))

#define S_HASHES \
    S_OF("\"before\",\"after\"", \
         S_P("before", S_STRING) \
         S_END("after", S_STRING))

#define S_FINDINGS_DIFFER \
    S_OF("\"source\",\"rule\",\"subject\",\"at\",\"before\",\"after\"", \
         S_P("source", S_STRING) \
         S_P("rule", S_STRING) \
         S_P("subject", S_SUBJECT) \
         S_P("at", S_TIME) \
         S_P("before", S_INTEGER) \
         S_END("after", S_INTEGER))

#define S_MONEY_DIFFERS \
    S_OF("\"source\",\"rule\",\"account\",\"unit\",\"before\",\"after\"", \
         S_P("source", S_STRING) \
         S_P("rule", S_STRING) \
         S_P("account", S_STRING) \
         S_P("unit", S_STRING) \
         S_P("before", S_INTEGER) \
         S_END("after", S_INTEGER))

#define S_METRIC_DIFFERS \
    S_OF("\"source\",\"metric\",\"from\"", \
         S_P("source", S_STRING) \
         S_P("metric", S_STRING) \
         S_P("product", S_STRING) \
         S_P("from", S_STRING) \
         S_P("before", S_FIGURE) \
         S_END("after", S_FIGURE))

#define S_DIFFERENCES \
    S_OF("\"rulebook\",\"events\",\"findings\",\"money\",\"metrics\",\"refused\",\"dropped\"", \
         S_P("rulebook", S_HASHES) \
         S_P("events", S_INTEGER) \
         S_P("findings", S_LIST(S_FINDINGS_DIFFER)) \
         S_P("money", S_LIST(S_MONEY_DIFFERS)) \
         S_P("metrics", S_LIST(S_METRIC_DIFFERS)) \
         S_P("refused", S_INTEGER) \
         S_END("dropped", S_INTEGER))

#define S_ERROR \
    S_OF("\"detail\"", \
         S_P("detail", S_STRING) \
         S_P("file", S_STRING) \
         S_P("line", S_INTEGER) \
         S_P("column", S_INTEGER) \
         S_END("source", S_STRING))

#define S_PROBLEM \
    S_OF("\"type\",\"title\",\"status\",\"detail\"", \
         S_P("type", "{\"type\":\"string\",\"format\":\"uri\"}") \
         S_P("title", S_STRING) \
         S_P("status", S_INTEGER) \
         S_P("detail", S_STRING) \
         S_P("errors", S_LIST(S_ERROR)) \
         S_END("errors_dropped", S_INTEGER))

#define S_MAYBE(type) "{\"type\":[\"" type "\",\"null\"]}"

#define S_COST \
    S_OF("\"points\",\"points_class\",\"fine_fen\",\"payer\",\"payee\",\"measures\",\"note\"", \
         S_P("points", S_MAYBE("integer")) \
         S_P("points_class", S_MAYBE("string")) \
         S_P("fine_fen", S_MAYBE("integer")) \
         S_P("payer", S_MAYBE("string")) \
         S_P("payee", S_MAYBE("string")) \
         S_P("measures", S_LIST(S_STRING)) \
         S_END("note", S_MAYBE("string")))

#define S_HIT \
    S_OF("\"rule\",\"title\",\"clause\",\"category\",\"suggestion\",\"severity\"," \
         "\"matched\",\"start\",\"end\",\"transforms\",\"cost\",\"rewrite\"", \
         S_P("rule", S_STRING) \
         S_P("title", S_STRING) \
         S_P("clause", S_MAYBE("string")) \
         S_P("category", S_MAYBE("string")) \
         S_P("suggestion", S_STRING) \
         S_P("severity", S_STRING) \
         S_P("matched", S_MAYBE("string")) \
         S_P("start", S_MAYBE("integer")) \
         S_P("end", S_MAYBE("integer")) \
         S_P("transforms", S_LIST(S_STRING)) \
         S_P("cost", S_COST) \
         S_END("rewrite", S_MAYBE("string")))

/* `id` is what was sent as such, whatever it is. */
#define S_VERDICT \
    S_OF("\"platform\",\"suggestion\",\"severity\",\"hits\",\"unknown\",\"rulebook\"", \
         S_P("id", "{}") \
         S_P("platform", S_STRING) \
         S_P("suggestion", "{\"enum\":[\"pass\",\"review\",\"block\"]}") \
         S_P("severity", S_STRING) \
         S_P("hits", S_LIST(S_HIT)) \
         S_P("unknown", S_LIST(S_STRING)) \
         S_P("ignored", S_LIST(S_STRING)) \
         S_END("rulebook", S_STRING))

#define S_LINE_ERROR \
    S_OF("\"error\"", \
         S_P("id", "{}") \
         S_END("error", S_OF("\"line\",\"message\"", \
                             S_P("line", S_INTEGER) \
                             S_END("message", S_STRING))))

#define S_EITHER(a, b) "{\"anyOf\":[" a "," b "]}"

#define S_TAKEN \
    S_OF("\"id\",\"status\"", \
         S_P("id", S_STRING) \
         S_P("status", "{\"enum\":[\"applied\",\"duplicate\",\"refused\"]}") \
         S_P("late", S_BOOLEAN) \
         S_P("ignored", S_LIST(S_STRING)) \
         S_P("why", S_STRING) \
         S_END("decision", S_DECISION))

#define S_TAKEN_MANY \
    S_OF("\"applied\",\"duplicate\",\"refused\",\"results\"", \
         S_P("applied", S_INTEGER) \
         S_P("duplicate", S_INTEGER) \
         S_P("refused", S_INTEGER) \
         S_END("results", S_LIST(S_TAKEN)))

#define S_ME \
    S_OF("\"tenant\",\"name\",\"roles\",\"agent_id\",\"shops\"", \
         S_P("tenant", S_STRING) \
         S_P("name", S_STRING) \
         S_P("roles", S_LIST(S_STRING)) \
         S_P("agent_id", S_STRING) \
         S_P("shops", S_LIST(S_STRING)) \
         S_END("csrf", S_STRING))

#define S_HOOK \
    S_OF("\"id\",\"kind\",\"name\",\"url\",\"types\",\"sources\",\"lang\",\"state\",\"created\"", \
         S_P("id", S_STRING) \
         S_P("kind", S_STRING) \
         S_P("name", S_STRING) \
         S_P("url", S_STRING) \
         S_P("types", S_LIST(S_STRING)) \
         S_P("sources", S_LIST(S_STRING)) \
         S_P("lang", S_STRING) \
         S_P("state", S_STRING) \
         S_P("created", S_TIME) \
         S_P("waiting", S_INTEGER) \
         S_P("dead", S_INTEGER) \
         S_END("secret", S_STRING))

#define S_DELIVERY \
    S_OF("\"id\",\"message\",\"type\",\"source\",\"seq\",\"attempts\",\"at\",\"state\"", \
         S_P("id", S_INTEGER) \
         S_P("message", S_STRING) \
         S_P("type", S_STRING) \
         S_P("source", S_STRING) \
         S_P("seq", S_INTEGER) \
         S_P("attempts", S_INTEGER) \
         S_P("at", S_TIME) \
         S_P("state", S_STRING) \
         S_P("next", S_TIME) \
         S_P("done", S_TIME) \
         S_P("status", S_INTEGER) \
         S_END("error", S_STRING))

#define S_ROTATED \
    S_OF("\"id\"", \
         S_P("id", S_STRING) \
         S_P("secret", S_STRING) \
         S_END("old_valid_until", S_TIME))

/* clang-format on */

#endif
