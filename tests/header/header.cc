// Test of the public headers: they compile alone, strictly, as C++17.
#include "guiju/guiju.h"
#include "guiju/ingest.h"
#include "guiju/mask.h"

bool header_compiles();

bool header_compiles()
{
    gj_message message{};
    message.platform = "x";
    return message.fact_count == 0 && gj_suggestion_name(GJ_PASS) != nullptr;
}
