#include <fmt/format.h>

#include "scenarios/packetdrill/script_parser.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

/// No call has deeper values: {msg_iov=[{…, 10}]} has three levels.
constexpr unsigned kDeepest = 8;
constexpr std::size_t kMostItems = 64;

Value parse_value(Cursor& cursor, unsigned depth);

std::vector<Value> parse_items(Cursor& cursor, std::string_view end, unsigned depth) {
    std::vector<Value> items;
    while (!cursor.take(end)) {
        if (!items.empty()) {
            cursor.expect(",");
        }
        items.push_back(parse_value(cursor, depth));
        if (items.size() > kMostItems) {
            cursor.fail("too many values");
        }
    }
    return items;
}

/// "{onoff=1, linger=0}"; members without a name, as of an iovec, have an empty one.
Value parse_structure(Cursor& cursor, unsigned depth) {
    Value value;
    value.kind = Value::Kind::structure;
    while (!cursor.take("}")) {
        if (!value.items.empty()) {
            cursor.expect(",");
        }
        const std::string word = cursor.peek_word();
        const bool is_name = !word.empty() && (word.front() < '0' || word.front() > '9');
        std::string name;
        if (is_name) {
            name = cursor.word();
            if (cursor.peek() == '(') {
                throw NotSupportedError(cursor.line(), "the structure member " + name + "(…)");
            }
            cursor.expect("=");
        }
        value.names.push_back(name);
        value.items.push_back(parse_value(cursor, depth));
        if (value.items.size() > kMostItems) {
            cursor.fail("too many members");
        }
    }
    return value;
}

Value parse_names(Cursor& cursor) {
    Value value;
    value.kind = Value::Kind::names;
    do {
        const std::string name = cursor.word();
        if (name.empty()) {
            cursor.fail("a value is expected");
        }
        value.names.push_back(name);
    } while (cursor.take("|"));
    if (cursor.peek() == '(') {
        throw NotSupportedError(cursor.line(), "the value " + value.names.back() + "(…)");
    }
    return value;
}

Value parse_value(Cursor& cursor, unsigned depth) {
    if (depth > kDeepest) {
        cursor.fail("values too deep in each other");
    }
    Value value;
    if (cursor.take("...")) {
        return value;
    }
    if (cursor.take("\"")) {
        value.kind = Value::Kind::text;
        value.text = cursor.rest_until("\"");
        return value;
    }
    if (cursor.take("[")) {
        value.kind = Value::Kind::list;
        value.items = parse_items(cursor, "]", depth + 1);
        return value;
    }
    if (cursor.take("{")) {
        return parse_structure(cursor, depth + 1);
    }
    const char next = cursor.peek();
    if (next == '-' || (next >= '0' && next <= '9')) {
        value.kind = Value::Kind::number;
        value.number = cursor.number();
        return value;
    }
    return parse_names(cursor);
}

}  // namespace

Call parse_call(Cursor& cursor) {
    Call call;
    call.name = cursor.word();
    if (call.name.empty()) {
        cursor.fail("a call, a segment, a command or code is expected");
    }
    cursor.expect("(");
    call.arguments = parse_items(cursor, ")", 0);
    cursor.expect("=");
    if (!cursor.take("?")) {
        call.result = cursor.number();
    }
    if (const std::string error = cursor.peek_word(); error.size() > 1 && error.front() == 'E') {
        call.error = cursor.word();
    }
    // Notes: "(flags O_RDWR)", "(Broken pipe)".
    while (cursor.take("(")) {
        cursor.rest_until(")");
    }
    return call;
}

}  // namespace halfclosed::scenarios::packetdrill
