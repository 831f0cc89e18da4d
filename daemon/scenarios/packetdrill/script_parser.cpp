#include "scenarios/packetdrill/script_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace halfclosed::scenarios::packetdrill {

namespace {

constexpr std::string_view kTaken = "STANDARD";

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, length));
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return lines;
}

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    const std::size_t end = text.find_last_not_of(" \t\r");
    return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

/// The text without the lines of conditions and without what they leave out; every line keeps its number.
std::string conditioned(const std::vector<std::string>& lines, std::string_view file) {
    std::vector<bool> taken;
    std::string text;
    for (std::size_t number = 0; number < lines.size(); ++number) {
        const std::string line = trimmed(lines[number]);
        const auto fail = [&](const char* what) {
            throw ScriptError(fmt::format("{}: line {}: {}", file, number + 1, what));
        };
        if (line.starts_with("#ifdef ")) {
            taken.push_back(trimmed(line.substr(7)) == kTaken);
        } else if (line.starts_with("#endif")) {
            if (taken.empty()) {
                fail("#endif without #ifdef");
            }
            taken.pop_back();
        } else if (std::all_of(taken.begin(), taken.end(), [](bool is) { return is; })) {
            text += lines[number];
        }
        text += number + 1 < lines.size() ? "\n" : "";
    }
    if (!taken.empty()) {
        throw ScriptError(fmt::format("{}: line {}: #ifdef without #endif", file, lines.size()));
    }
    return text;
}

ScriptTime time(Cursor& cursor) {
    return ScriptTime{cursor.seconds()};
}

When parse_when(Cursor& cursor) {
    When when;
    if (cursor.take("*")) {
        when.any = true;
        return when;
    }
    when.relative = cursor.take("+");
    when.from = time(cursor);
    if (cursor.take("~")) {
        if (cursor.take("+") != when.relative) {
            cursor.fail("one end of the range of times is relative and the other is not");
        }
        when.until = time(cursor);
        if (*when.until < when.from) {
            cursor.fail("the range of times ends before it begins");
        }
    }
    return when;
}

decltype(Event::what) parse_event(Cursor& cursor) {
    if (cursor.take("<")) {
        return Injected{parse_segment(cursor)};
    }
    if (cursor.take(">")) {
        return Expected{parse_segment(cursor)};
    }
    if (cursor.take("`")) {
        return Command{cursor.rest_until("`")};
    }
    if (cursor.take("%{")) {
        return Code{trimmed(cursor.rest_until("}%"))};
    }
    std::optional<ScriptTime> returns;
    if (cursor.take("...")) {
        cursor.take("+");
        returns = time(cursor);
    }
    Call call = parse_call(cursor);
    call.returns = returns;
    return call;
}

void parse_option(Cursor& cursor, Script& script) {
    const std::string name = cursor.word();
    std::string value;
    if (cursor.take("=")) {
        value = trimmed(cursor.rest_of_line());
        value = trimmed(value.substr(0, value.find("//")));
    }
    if (name.empty()) {
        cursor.fail("an option without a name");
    }
    script.options[name] = value;
}

}  // namespace

std::string Script::line(std::size_t number) const {
    if (number == 0 || number > lines.size()) {
        return {};
    }
    const std::string& text = lines[number - 1];
    return trimmed(text.substr(0, text.find("//")));
}

Script parse_script(std::string_view text, std::string_view file) {
    Script script;
    script.lines = lines_of(text);
    const std::string taken = conditioned(script.lines, file);
    Cursor cursor(taken, file);
    while (!cursor.at_end()) {
        if (script.events.empty() && cursor.take("--")) {
            parse_option(cursor, script);
        } else if (script.events.empty() && cursor.take("`")) {
            script.setup.push_back(cursor.rest_until("`"));
        } else {
            const std::size_t line = cursor.line();
            When when = parse_when(cursor);
            decltype(Event::what) what = parse_event(cursor);
            const Call* const call = std::get_if<Call>(&what);
            if (call != nullptr && call->returns && (when.any || *call->returns < when.from)) {
                throw ScriptError(
                    fmt::format("{}: line {}: a call that returns before it is made", file, line));
            }
            script.events.push_back({line, when, std::move(what)});
        }
    }
    return script;
}

}  // namespace halfclosed::scenarios::packetdrill
