/* Room base: what the C library, SQLite and libfyaml say, in Chinese (see phrase.h). */
#include "base/phrase.h"

const struct gj_phrase gj_phrases_libraries[] = {
    {"No such file or directory", "没有这个文件或目录"},
    {"Is a directory", "这是一个目录"},
    {"Not a directory", "不是目录"},
    {"Permission denied", "没有权限"},
    {"No space left on device", "磁盘已满"},
    {"Address already in use", "端口已被占用"},
    {"unable to open database file", "无法打开数据库文件"},
    {"file is not a database", "不是数据库"},
    {"database is locked", "数据库被占用"},
    {"database or disk is full", "磁盘已满"},
    {"disk I/O error", "磁盘读写出错"},
    {"invalid multiline plain key", "值跨了行"},
    {"tab character may not be used as indentation", "缩进不能用制表符"},
    {"invalid indentation in mapping", "缩进不对"},
    {"could not find expected ':'", "缺少冒号"},
    {"missing ':'", "缺少冒号"},
    {"double-quoted scalar without closing quote", "双引号没有结束"},
    {"single-quoted scalar without closing quote", "单引号没有结束"},
    {"missing comma in flow sequence", "列表里缺少逗号"},
    {"missing comma in flow mapping", "花括号里缺少逗号"},
    {"invalid value after mapping", "这里不能再有内容"},
    {"flow sequence without a closing bracket", "列表的 [ 没有对应的 ]"},
    {NULL, NULL},
};
