// Test of the public header: it compiles alone, strictly, as C++17.
#include "guiju/guiju.h"

bool header_compiles();

bool header_compiles()
{
    gj_message message{};
    message.platform = "x";
    return message.fact_count == 0 && gj_suggestion_name(GJ_PASS) != nullptr;
}
