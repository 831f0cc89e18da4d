#include "exporters/terminal/transition_line.h"

#include <algorithm>

#include "exporters/snapshot/addresses.h"
#include "text/hex.h"
#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

/// Wide enough for "127.0.0.1:65535" twice, so that ordinary lines stand in columns; longer ends
/// push the rest.
constexpr std::size_t kEndWidth = 15;
constexpr std::size_t kFromWidth = 11;  // "established"
constexpr std::size_t kToWidth = 10;    // "close_wait"

text::Paint paint_of(const tracking::Edge& edge) {
    if (edge.to == TcpState::close_wait) {
        return text::Paint::yellow;
    }
    return edge.to == TcpState::close || edge.to == TcpState::time_wait ? text::Paint::green
                                                                        : text::Paint::plain;
}

/// What a line says of the edge and of the time before it.
struct Told {
    std::string from;
    std::string arrow;
    std::string to;
    text::Paint paint = text::Paint::plain;
    std::string held;  ///< may be empty
};

std::string without_end_blanks(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string whole_line(const SocketIdentity& socket, WallTime time, const Told& told,
                       const text::TerminalStyle& style) {
    return without_end_blanks(
        text::painted(text::local_time_of_day(time), text::Paint::dim, style) + "  " +
        text::padded(bound_address(socket), kEndWidth) + " → " +
        text::padded(remote_address(socket), kEndWidth) + "  " +
        text::padded_left(told.from, kFromWidth) + told.arrow +
        text::painted(text::padded(told.to, kToWidth), told.paint, style) +
        (told.held.empty() ? "" : "  " + told.held));
}

/// A narrow terminal is told what happened, and of where as much as fits.
std::string short_line(const SocketIdentity& socket, WallTime time, const Told& told,
                       const text::TerminalStyle& style) {
    constexpr std::size_t kToTheSecond = 8;
    const std::string when = text::local_time_of_day(time).substr(0, kToTheSecond);
    std::string rest = told.held.empty() ? "" : "  " + told.held;
    rest += "  :" + std::to_string(socket.local.port) + " → " + remote_address(socket);
    const std::size_t taken = text::columns(when) + 2 + text::columns(told.from) +
                              text::columns(told.arrow) + text::columns(told.to);
    return text::painted(when, text::Paint::dim, style) + "  " + told.from + told.arrow +
           text::painted(told.to, told.paint, style) +
           text::cut(rest, style.width - std::min(taken, style.width));
}

std::string line_of(const SocketIdentity& socket, WallTime time, const Told& told,
                    const text::TerminalStyle& style) {
    const bool fits = text::columns(whole_line(socket, time, told, {})) <= style.width;
    return fits ? whole_line(socket, time, told, style) : short_line(socket, time, told, style);
}

text::Json start_of_json(const char* schema, const tracking::Transition& transition,
                         WallTime time) {
    text::Json json;
    json.add("schema", schema);
    json.add("time", text::rfc3339(time));
    json.add("cookie", text::cookie_text(transition.socket.cookie));
    json.add("local", local_address(transition.socket));
    json.add("remote", remote_address(transition.socket));
    json.add("port", transition.watched.port);
    json.add("side", name(transition.watched.side));
    return json;
}

text::Json held_json(const tracking::Transition& transition) {
    return transition.held ? text::Json(std::chrono::duration<double>(*transition.held).count())
                           : text::Json(nullptr);
}

}  // namespace

std::string transition_text(const tracking::Transition& transition, WallTime time,
                            const text::TerminalStyle& style) {
    const auto& [socket, watched, edge, evidence, held] = transition;
    return line_of(socket, time,
                   {name(edge.from), evidence == tracking::Evidence::implied ? " ⇢ " : " → ",
                    name(edge.to), paint_of(edge), held ? text::duration_text(*held) : ""},
                   style);
}

std::string transition_json(const tracking::Transition& transition, WallTime time) {
    text::Json json = start_of_json("halfclosed.transition/1", transition, time);
    json.add("from", name(transition.edge.from));
    json.add("to", name(transition.edge.to));
    json.add("evidence", name(transition.evidence));
    json.add("held_seconds", held_json(transition));
    return json.dump();
}

std::string ending_text(const tracking::Transition& transition, WallTime time,
                        const text::TerminalStyle& style) {
    const auto& held = transition.held;
    return line_of(transition.socket, time,
                   {name(transition.edge.from), " → ", "?", text::Paint::plain,
                    (held ? text::duration_text(*held) + ", " : "") + "gone, not known how"},
                   style);
}

std::string ending_json(const tracking::Transition& transition, WallTime time) {
    text::Json json = start_of_json("halfclosed.ending/1", transition, time);
    json.add("state", name(transition.edge.from));
    json.add("how", "unknown");
    json.add("held_seconds", held_json(transition));
    return json.dump();
}

std::string told_text(const ToldTransition& told, const text::TerminalStyle& style) {
    return told.how_is_known ? transition_text(told.transition, told.time, style)
                             : ending_text(told.transition, told.time, style);
}

std::string told_json(const ToldTransition& told) {
    return told.how_is_known ? transition_json(told.transition, told.time)
                             : ending_json(told.transition, told.time);
}

}  // namespace halfclosed::exporters
